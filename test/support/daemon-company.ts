import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Memory, Run } from '../../src/daemon/memory.ts';
import { recordedEnd } from '../../src/daemon/run-record.ts';
import { unlessGone } from '../../src/kit/errors.ts';
import type { Ended, FiredrillOptions } from './firedrill.ts';
import { until } from './until.ts';

interface Company {
  folder: string;
  run(args: readonly string[], options?: Partial<FiredrillOptions>): Promise<Ended>;
  start(
    args: readonly string[],
    options?: Partial<FiredrillOptions>,
  ): { child: import('node:child_process').ChildProcess; ended: Promise<Ended> };
}

/** A line of the daemon's log. */
export interface LogLine {
  level: string;
  message: string;
  job?: string;
  end?: string;
  status?: number;
  attempt?: number;
  missed?: number;
  [fact: string]: unknown;
}

/** A company whose daemon is tried: what it logs, remembers and runs. */
export function daemonOf(company: Company) {
  const state = join(company.folder, 'daemon');
  const memory = async () => JSON.parse(await readFile(join(state, 'state.json'), 'utf8')) as Memory;
  const runsOf = (job: string) => unlessGone(memory()).then((known) => known?.running.find((run) => run.job === job));
  const folderOf = ({ id }: Run) => join(state, 'runs', id);
  return {
    memory,
    /** Runs it once, to its end. */
    once: async (env: Record<string, string> = {}) => {
      const ended = await company.run(['daemon', '--once'], { env });
      return { ...ended, log: logOf(ended.stdout) };
    },
    /** Starts it, and kills it later: it alone, not what it began. */
    start: (args: readonly string[] = ['--once'], env: Record<string, string> = {}) => {
      const { child, ended } = company.start(['daemon', ...args], { env });
      const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
        child.kill(signal);
        const end = await ended;
        return { ...end, log: logOf(end.stdout) };
      };
      return { child, ended, kill };
    },
    /** Waits until a run of that job is there, has begun, and `isMiddle`; returns its process. */
    midst: (job: string, isMiddle: (folder: string) => Promise<boolean> = async () => true) =>
      until(
        `the middle of ${job}`,
        async () => {
          const run = await runsOf(job);
          if (!run) return undefined;
          const text = await unlessGone(readFile(join(folderOf(run), 'begun.json'), 'utf8'));
          if (text === undefined || !(await isMiddle(folderOf(run)))) return undefined;
          const [, pid] = (JSON.parse(text) as { owner: string }).owner.split('/');
          return { run, pid: Number(pid), ended: () => recordedEnd(folderOf(run)) };
        },
        60_000,
      ),
    /** Folders of runs that nobody needs any more are gone. */
    runFolders: async () => (existsSync(join(state, 'runs')) ? readdir(join(state, 'runs')) : []),
  };
}

/** For `midst`: the run waits for a test's order. */
export async function isWaiting(folder: string): Promise<boolean> {
  return ((await unlessGone(readFile(join(folder, 'stderr'), 'utf8'))) ?? '').includes('waiting');
}

export function logOf(stdout: string): LogLine[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LogLine);
}

/** Of each run that ended, in order: `full ok`. */
export const endsOf = (log: readonly LogLine[]) =>
  log.filter(({ end }) => end !== undefined).map(({ job, end }) => `${job} ${end}`);

/** Replaces a part of the company's configuration, which must be in it. */
export async function reconfigure({ folder }: Company, from: string | RegExp, to: string): Promise<void> {
  const file = join(folder, 'firedrill.yaml');
  const text = await readFile(file, 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new TypeError(`${from} is not in the configuration`);
  await writeFile(file, changed);
}
