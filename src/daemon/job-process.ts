import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '../kit/clock.ts';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { isOwnerHere } from '../kit/owner.ts';
import type { JobError } from '../model/job-outcome.ts';
import type { Run } from './memory.ts';
import { printedErrors } from './printed-errors.ts';
import type { RunEnd } from './progress.ts';
import { ownerOrGivenUp, recordedEnd } from './run-record.ts';

/** A run that goes on by itself. */
export interface StartedRun {
  ended: Promise<RunEnd>;
  /** An order to end soon; what does not obey is killed. Safe twice. */
  stop(): void;
}

/** How runs come to be. */
export interface JobRunner {
  start(run: Run, args: readonly string[]): Promise<StartedRun>;
  /** A run that an earlier daemon began, wherever it is by now. */
  adopt(run: Run): Promise<StartedRun>;
  /** Nothing that it left is needed any more. */
  forget(run: string): Promise<void>;
}

export interface ProcessOptions {
  /** The program and its first arguments, such as Node and firedrill's own file. */
  command: readonly string[];
  /** Gets a folder for each run. */
  folder: string;
  clock?: Clock;
  /** How long a run may take to end when it was told to. */
  graceMs?: number;
}

/**
 * Runs are processes in groups of their own: one that crashes takes nothing with it, and one whose daemon was killed goes on,
 * and is found by the next daemon through what it records in its folder.
 */
export function jobProcesses({ command, folder, clock = systemClock, graceMs = 120_000 }: ProcessOptions): JobRunner {
  const folderOf = (run: string) => join(folder, run);
  const watch = (run: Run, subject: Subject) => new WatchedRun(run, folderOf(run.id), subject, { clock, graceMs });
  return {
    start: async (run, args) => watch(run, await startedIn(folderOf(run.id), [...command, ...args])),
    adopt: async (run) => watch(run, ofOwner(await ownerOrGivenUp(folderOf(run.id)))),
    forget: (run) => rm(folderOf(run), { recursive: true, force: true }),
  };
}

/** A process that is, or is not any more. */
interface Subject {
  gone: Promise<{ status: number | null; error?: JobError }>;
  /** To it alone, so that it ends in order; SIGKILL goes to all that it has started as well. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

const outputFile = 'stdout';
const errorFile = 'stderr';

async function startedIn(place: string, [tool = '', ...args]: readonly string[]): Promise<Subject> {
  await mkdir(place, { recursive: true, mode: 0o750 });
  await using stdout = await open(join(place, outputFile), 'w', 0o640);
  await using stderr = await open(join(place, errorFile), 'w', 0o640);
  const stdio = ['ignore', stdout.fd, stderr.fd] as const;
  const child = spawn(tool, [...args, '--run-record', place], { detached: true, stdio: [...stdio] });
  return { gone: goneOf(child), signal: (name) => child.pid !== undefined && kill(child.pid, name) };
}

function goneOf(child: ChildProcess): Subject['gone'] {
  return new Promise((resolve) => {
    child.once('exit', (status) => resolve({ status }));
    child.once('error', (cause) => {
      const { code, message, hint } = new FiredrillError('INTERNAL', `it cannot be started: ${messageOf(cause)}`);
      resolve({ status: null, error: { code, message, hint, service: null } });
    });
  });
}

const pollMs = 250;

/** A process that is no child of this one: nobody tells when it ends. */
function ofOwner(owner: string | undefined): Subject {
  const isThere = () => owner !== undefined && isOwnerHere(owner);
  const gone = async () => {
    while (isThere()) await sleep(pollMs);
    return { status: null };
  };
  return { gone: gone(), signal: (name) => isThere() && kill(Number(owner?.split('/')[1]), name) };
}

function kill(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(name === 'SIGKILL' ? -pid : pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

const longestTimerMs = 2 ** 31 - 1;

class WatchedRun implements StartedRun {
  readonly ended: Promise<RunEnd>;
  readonly #subject: Subject;
  readonly #graceMs: number;
  #stopped: RunEnd['stopped'] = null;
  #timer: NodeJS.Timeout;

  constructor(run: Run, place: string, subject: Subject, { clock, graceMs }: { clock: Clock; graceMs: number }) {
    this.#subject = subject;
    this.#graceMs = graceMs;
    const leftMs = Math.max(0, Date.parse(run.deadlineAt) - clock.now().getTime());
    this.#timer = setTimeout(() => this.#stop('deadline'), Math.min(leftMs, longestTimerMs));
    this.ended = this.#end(place, clock);
  }

  stop(): void {
    this.#stop('order');
  }

  #stop(why: 'deadline' | 'order'): void {
    if (this.#stopped !== null) return;
    this.#stopped = why;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#subject.signal('SIGKILL'), this.#graceMs);
    this.#subject.signal('SIGTERM');
  }

  async #end(place: string, clock: Clock): Promise<RunEnd> {
    const { status, error } = await this.#subject.gone;
    clearTimeout(this.#timer);
    // Of a process that is no child it is all that is known; and of one that was killed after its last deed as well.
    const recorded = await recordedEnd(place).catch(() => undefined);
    return {
      status: recorded?.status ?? status,
      stopped: this.#stopped,
      endedAt: recorded?.endedAt ?? clock.now().toISOString(),
      report: recorded?.report ?? null,
      summary: recorded?.summary ?? null,
      errors: error ? [error] : await printedErrors(join(place, errorFile)),
    };
  }
}
