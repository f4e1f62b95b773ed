import type { Command } from 'commander';
import type { SyncOutcome } from '../flow/sync.ts';
import { describeMember } from '../model/backup-set.ts';
import { about } from './help.ts';
import { addNotifyOption, observed } from './notify-option.ts';
import { printError } from './output.ts';
import type { Session } from './session.ts';
import { runSync, syncLines, syncStatus } from './sync.ts';

const help = about(
  `Copies the backups that another vault lacks from the first vault, the oldest first. Every byte is compared with the signed
manifest while it is copied, and what was written is verified there; a damaged backup is not copied. A backup appears in
the other vault when it is whole; a copy that was cut off is gone on with by the next run.

Nothing is deleted anywhere. Where more than 30 % of a service's backups that the other vault holds inside the retention
have disappeared from the first, nothing is copied, unless --despite-loss says that this was meant. A vault that is in
truth the same disk or machine as the first one is refused, unless its sameMachineAllowed is true.

With --notify, for cron and timers, an observer elsewhere is pinged as notify.pings.sync says, and the webhook told what went wrong.

It does not check: whether what lies there already is still good. That is what verify --offsite is for.`,
  [0, 'the other vaults hold all that the first holds'],
  [1, 'the copying was stopped; what was copied stays'],
  2,
  [3, 'a backup of the first vault is not good and was not copied; all others were'],
  [5, 'the other vaults hold all; but the webhook of --notify was not told'],
  11,
  [130, 'interrupted; whole backups that were copied stay, and the next run goes on'],
);

export function addSync(program: Command, session: Session): void {
  addNotifyOption(program.command('sync'))
    .description('copy backups to the other vaults, and delete nothing')
    .argument('[vault...]', 'names of vaults (default: all but the first)')
    .option('--despite-loss', 'copy although many backups have disappeared from the first vault')
    .addHelpText('after', help)
    .action((names: string[], options: { despiteLoss?: boolean; notify?: boolean }) =>
      observed('sync', options.notify === true, session, () =>
        copyBackups(names, options.despiteLoss === true, session),
      ),
    );
}

async function copyBackups(names: string[], despiteLoss: boolean, session: Session): Promise<string> {
  const composed = await session.composed();
  const outcomes = await runSync(composed, { names, despiteLoss }, session.signal, session.quiet);
  session.show(outcomes.flatMap(syncLines).join('\n'), outcomes.map(asJson));
  for (const { stopped } of outcomes) if (stopped) printError(stopped, session.options);
  session.status = syncStatus(outcomes);
  return outcomes.flatMap(syncLines).join('\n');
}

function asJson({ vault, copied, refused, there, lost, stopped }: SyncOutcome) {
  return {
    vault,
    copied: copied.map((each) => ({ member: describeMember(each), bytes: each.bytes })),
    refused: refused.map(({ member, error: { code, message } }) => ({ member: describeMember(member), code, message })),
    there,
    lost: lost.flatMap(({ members }) => members.map(describeMember)),
    stopped: stopped && { code: stopped.code, message: stopped.message },
  };
}
