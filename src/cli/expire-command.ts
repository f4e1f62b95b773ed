import type { Command } from 'commander';
import { runExpire } from './expire.ts';
import { expiryAsJson, expiryLines } from './expire-lines.ts';
import { about } from './help.ts';
import { addNotifyOption, observed } from './notify-option.ts';
import { printError } from './output.ts';
import { jobWords, statusOfFailures } from './service-failures.ts';
import type { Session } from './session.ts';
import { choiceOf } from './vault-choice.ts';

const help = about(
  `Removes chains that are older than their service's retention: a full with all its increments, when the data of the newest
of them is older. At exactly that age it is kept. Ages are those of the signed manifests, never of files;
of an encrypted vault without its key they are those that the vault tells in clear.

It removes nothing of a service unless the newest drill of it passed, and a chain stays that is younger; and never the newest
chain that a drill of this vault has restored, nor one on which another is built, nor what is not genuine, dated in the
future, or not firedrill's: that it only names. An expiry that is cut off leaves each chain whole, or shorter from its end.

With --notify, for cron and timers, an observer elsewhere is pinged as notify.pings.expire says, and the webhook told what went
wrong.

It does not check whether backups can be restored: it believes the journals in the reports' folder.`,
  [0, 'what had expired was removed; or was named, with --dry-run'],
  [1, 'the vault, or the reports, could not be read or changed'],
  2,
  [5, 'what had expired was removed; but the webhook of --notify was not told'],
  [11, 'nothing but a lock kept a service from its expiry: another run is at work on it'],
  [130, 'interrupted; each chain is whole, or shorter from its end'],
);

interface Options {
  vault?: string;
  identity?: string;
  dryRun?: boolean;
  notify?: boolean;
}

export function addExpire(program: Command, session: Session): void {
  addNotifyOption(program.command('expire'))
    .description('remove backups that are older than their retention (default: of all services)')
    .argument('[service...]', 'names of services')
    .option('--vault <name>', 'of this vault, by what was drilled from it (default: the first)')
    .option('--identity <file>', 'a private key of age that opens an encrypted vault')
    .option('--dry-run', 'name what would be removed, and what is kept, and why; change nothing')
    .addHelpText('after', help)
    .action((names: string[], options: Options) =>
      observed('expire', options.notify === true && !options.dryRun, session, () =>
        expireServices(names, options, session),
      ),
    );
}

async function expireServices(
  names: string[],
  { vault, dryRun = false, ...options }: Options,
  session: Session,
): Promise<string> {
  const choice = choiceOf({ ...options, ...(vault === undefined ? {} : { from: vault }) });
  const composed = await session.composedForReading(() => choice);
  const outcome = await runExpire(composed, { names, dryRun }, session.signal, session.quiet);
  session.show(expiryLines(outcome, dryRun).join('\n'), expiryAsJson(outcome, dryRun));
  for (const { service, error } of outcome.failed) printError(error, { ...session.options, service });
  session.status = statusOfFailures(outcome.failed);
  return jobWords(`expired in vault ${outcome.vault}`, outcome.failed);
}
