import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { Daemon, type DaemonParts } from '../daemon/daemon.ts';
import { isAfter, type Job } from '../daemon/job.ts';
import { jobProcesses } from '../daemon/job-process.ts';
import { type Log, openLog } from '../daemon/log.ts';
import { makeStateFolder, stateFile } from '../daemon/state-file.ts';
import { everyMinute } from '../daemon/ticker.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { exitStatus, FiredrillError } from '../kit/errors.ts';
import { takeLock } from '../kit/lock.ts';
import { lockFolder } from '../kit/lock-folder.ts';
import { firedrillVersion } from '../kit/version.ts';
import type { JobObserver, JobOutcome } from '../model/job-outcome.ts';
import { daemonJobs } from './daemon-jobs.ts';
import type { Printer } from './screen.ts';

export interface DaemonOptions {
  /** End when nothing is due any more. */
  once: boolean;
  /** The program that runs jobs, with its first arguments. */
  command: readonly string[];
  /** Gets the log. */
  screen: Printer;
  observers: readonly JobObserver[];
  signal: AbortSignal;
  clock?: Clock;
}

/** Runs a configuration's jobs until the order to stop, or once; returns what became of them. */
export async function runDaemon(config: Config, options: DaemonOptions): Promise<readonly JobOutcome[]> {
  const { once, command, screen, observers, signal, clock = systemClock } = options;
  const jobs = daemonJobs(config);
  if (jobs.length === 0) {
    throw new FiredrillError('USAGE', 'nothing is scheduled', {
      hint: 'Say when, under schedules in the configuration.',
    });
  }
  const folder = config.schedules.stateFolder;
  const log = openLog((line) => screen.print(line));
  await makeStateFolder(folder);
  await using lock = await takeLock(lockFolder(folder, 'daemon', `the daemon of ${config.file}`), 'daemon');
  if (lock.tookOver !== null) log.warn({}, lock.tookOver);
  const parts: DaemonParts = {
    ...{ jobs, observers, log, clock, store: stateFile(folder) },
    runner: jobProcesses({ command: [...command, '--config', config.file, '--json'], folder: join(folder, 'runs') }),
    assertAlone: () => lock.assertHeld(),
  };
  const daemon = new Daemon(parts);
  await daemon.recover();
  logBegin(log, config, jobs, clock);
  await (once ? daemon.rest(signal, everyMinute) : daemon.run(signal, everyMinute));
  if (signal.aborted) log.info({}, 'told to stop');
  await daemon.stop();
  log.info({ runs: daemon.outcomes.length }, 'the daemon ends');
  return daemon.outcomes;
}

function logBegin(log: Log, { file, timeZone }: Config, jobs: readonly Job[], clock: Clock): void {
  const now = clock.now();
  const next = jobs.map(({ name, when }) => [
    name,
    isAfter(when) ? `after ${when.jobs.join(', ')}` : (when.next(now)?.toISOString() ?? 'never'),
  ]);
  const facts = { version: firedrillVersion, config: file, timeZone, next: Object.fromEntries(next) };
  log.info(facts, 'the daemon begins');
}

/** The worst first. */
const severity = [
  exitStatus.drillFailed,
  exitStatus.harness,
  exitStatus.usage,
  exitStatus.noSuchSet,
  exitStatus.inconclusive,
  exitStatus.notTold,
  exitStatus.locked,
  exitStatus.interrupted,
];

/** What a run of what was due ends with: 0 when all went well, or came right in a later try, else the worst of its ends. */
export function statusOfOutcomes(outcomes: readonly JobOutcome[]): number {
  const last = new Map(outcomes.map((outcome) => [outcome.job, outcome]));
  const ends = [...last.values()]
    .filter(({ end }) => end !== 'ok')
    .map(({ end, status }) => (end === 'deadline' ? exitStatus.harness : (status ?? exitStatus.harness)));
  return severity.find((each) => ends.includes(each)) ?? (ends.length > 0 ? exitStatus.harness : exitStatus.pass);
}
