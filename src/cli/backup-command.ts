import type { Command } from 'commander';
import { count } from '../kit/text.ts';
import { describeMember, type MemberRef } from '../model/backup-set.ts';
import { type BackupOutcome, describeBackup, runBackup } from './backup.ts';
import { about } from './help.ts';
import { addNotifyOption, observed } from './notify-option.ts';
import { printError } from './output.ts';
import { parseInstant } from './parse-instant.ts';
import { jobWords, statusOfFailures } from './service-failures.ts';
import type { Session } from './session.ts';

const help = about(
  `Dumps each service with its engine's own tools, reads the facts of that instant, and seals the member with a signed
manifest: an increment where the engine makes them and this week's chain is sound, else a full, and then it says why. Where
heartbeat is not false it first writes its id and instant into the source, if the account may.

With --missing-since it makes what is missing only: after a run that failed, or was cut off, the services that it did not reach.

What is begun anew, since a source was busy for a moment, is named in the result.

A member that is not whole is removed, never sealed; one service's failure does not keep the others from theirs.

With --notify, for cron and timers, an observer elsewhere is pinged as notify.pings.backup says, and the webhook told what went
wrong.

It does not check: whether the backup can be restored. That is what a drill is for.`,
  [0, 'every service was backed up'],
  [1, 'a service could not be backed up; the others were'],
  2,
  [5, 'every service was backed up; but the webhook of --notify was not told'],
  [11, 'nothing but a lock kept a service from its backup: another run is at work on it'],
  130,
);

interface Options {
  full?: boolean;
  missingSince?: string;
  notify?: boolean;
}

export function addBackup(program: Command, session: Session): void {
  addNotifyOption(program.command('backup'))
    .description('back services up into the vault (default: all services)')
    .argument('[service...]', 'names of services')
    .option('--full', 'a full backup; else an increment where the engine makes them and a sound full is there')
    .option('--missing-since <instant>', 'leave out services that have such a backup, begun at or after an instant')
    .addHelpText('after', help)
    .action((names: string[], options: Options) =>
      observed('backup', options.notify === true, session, () => backUp(names, options, session)),
    );
}

async function backUp(names: string[], { full = false, missingSince }: Options, session: Session): Promise<string> {
  const since = missingSince === undefined ? {} : { missingSince: parseInstant('--missing-since', missingSince) };
  const outcome = await runBackup(await session.composed(), { names, full, ...since }, session.signal, session.quiet);
  const lines = [...outcome.done.map(describeBackup), ...outcome.there.map(thereLine)];
  if (lines.length > 0 || session.options.json) session.show(lines.join('\n'), asJson(outcome));
  for (const { service, error } of outcome.failed) printError(error, { ...session.options, service });
  session.status = statusOfFailures(outcome.failed);
  const there = outcome.there.length === 0 ? '' : `, ${outcome.there.length} there already`;
  return jobWords(`${count(outcome.done.length, 'service')} backed up${there}${again(outcome)}`, outcome.failed);
}

function again({ done }: BackupOutcome): string {
  const names = done.filter(({ retries }) => retries.length > 0).map(({ service }) => service);
  return names.length === 0 ? '' : `, after another try: ${names.join(', ')}`;
}

const thereLine = (member: MemberRef) => `${member.service}: ${describeMember(member)} is there, and was left as it is`;

function asJson({ done, failed, there }: BackupOutcome) {
  return {
    done: done.map((each) => ({
      service: each.service,
      member: describeMember(each),
      dataAt: each.manifest.dataAt,
      kind: each.manifest.kind,
      parent: each.manifest.parent?.id ?? null,
      promoted: each.promoted,
      noHeartbeat: each.noHeartbeat,
      retries: each.retries,
      bytes: each.bytes,
      artifacts: each.manifest.artifacts.length,
      durationMs: Math.round(each.durationMs),
    })),
    failed: failed.map(({ service, error: { code, message } }) => ({ service, code, message })),
    there: there.map(describeMember),
  };
}
