import { Daemon, type Ticker } from '../../src/daemon/daemon.ts';
import type { Job } from '../../src/daemon/job.ts';
import type { JobRunner, StartedRun } from '../../src/daemon/job-process.ts';
import type { Log } from '../../src/daemon/log.ts';
import { emptyMemory, type Memory, type Run } from '../../src/daemon/memory.ts';
import type { RunEnd } from '../../src/daemon/progress.ts';
import type { Clock } from '../../src/kit/clock.ts';
import type { JobBegin, JobObserver, JobOutcome } from '../../src/model/job-outcome.ts';

const minuteMs = 60_000;

/** What happens to a run: how long it takes, and how it ends. */
export interface Fate {
  minutes: number;
  status?: number;
}

interface Process {
  run: Run;
  args: readonly string[];
  endsAt: number;
  /** Set when it has ended. */
  end: RunEnd | undefined;
  whenEnded(tell: (end: RunEnd) => void): void;
}

/**
 * The world around a daemon, which outlives it: a clock that the test sets, a disk, and processes that take their time on that
 * clock. `kill` names a step at which the daemon is killed: `save 3 before`, `start 2 after`.
 */
export class DaemonWorld {
  now: Date;
  disk: Memory = emptyMemory;
  readonly processes = new Map<string, Process>();
  readonly told: JobOutcome[] = [];
  readonly begins: JobBegin[] = [];
  readonly logged: { level: string; message: string }[] = [];
  readonly steps: string[] = [];
  killAt: string | undefined;
  /** Stands for a daemon that is no more: its promises never settle. */
  isDead = false;
  readonly #fateOf: (run: Run) => Fate;
  #daemon: Daemon | undefined;
  readonly #jobs: readonly Job[];
  readonly #counts = new Map<string, number>();

  constructor(jobs: readonly Job[], from: string, fateOf: (run: Run) => Fate = () => ({ minutes: 5 })) {
    this.#jobs = jobs;
    this.now = new Date(from);
    this.#fateOf = fateOf;
  }

  get daemon(): Daemon {
    if (!this.#daemon) throw new TypeError('no daemon was started');
    return this.#daemon;
  }

  readonly clock: Clock = { now: () => this.now, monotonicMs: () => this.now.getTime() };

  /** A new daemon on the same disk, with the processes of the one before. */
  async start(observers: readonly JobObserver[] = [this.observer], farewellMs = 50): Promise<Daemon> {
    this.isDead = false;
    const { clock, log } = this;
    const life = { isOver: () => this.isDead || this.#daemon !== daemon };
    const daemon = new Daemon({
      ...{ jobs: this.#jobs, observers, log, clock, farewellMs },
      store: {
        load: async () => this.disk,
        save: (memory) => this.#step('save', life, () => this.#write(memory)),
      },
      runner: this.#runner(life),
    });
    this.#daemon = daemon;
    await Promise.race([daemon.recover(), this.#death()]);
    return daemon;
  }

  /** Lets minutes pass: each begins with the ends of processes, then the daemon looks. Restarts it a minute after it was killed. */
  async runUntil(until: string, stepMinutes = 1): Promise<void> {
    for (; this.now < new Date(until); this.now = new Date(this.now.getTime() + stepMinutes * minuteMs)) {
      if (this.isDead) await this.start();
      this.#endProcesses();
      await settle();
      if (!this.isDead) await Promise.race([this.daemon.tick(), this.#death()]);
      await settle();
    }
  }

  /** One minute, in which nobody but the processes does anything. */
  async passMinute(): Promise<void> {
    this.now = new Date(this.now.getTime() + minuteMs);
    this.#endProcesses();
    await settle();
  }

  /** Ends all processes, as a power failure does. */
  powerFailure(): void {
    this.isDead = true;
    for (const [id, { end }] of this.processes) if (!end) this.processes.delete(id);
  }

  readonly observer: JobObserver = {
    name: 'test',
    began: async (begin) => void this.begins.push(begin),
    ended: async (outcome) => void this.told.push(outcome),
  };

  readonly log: Log = {
    info: (_, message) => void this.logged.push({ level: 'info', message }),
    warn: (_, message) => void this.logged.push({ level: 'warn', message }),
    error: (_, message) => void this.logged.push({ level: 'error', message }),
  };

  #runner(life: { isOver(): boolean }): JobRunner {
    const watch = ({ whenEnded }: Pick<Process, 'whenEnded'>): StartedRun => {
      const { promise, resolve } = Promise.withResolvers<RunEnd>();
      whenEnded((end) => life.isOver() || resolve(end));
      return { ended: promise, stop: () => this.#stop(whenEnded) };
    };
    return {
      start: (run, args) => this.#step('start', life, () => watch(this.#spawn(run, args))),
      adopt: async (run) => watch(this.processes.get(run.id) ?? lost(this.now)),
      forget: async () => {},
    };
  }

  #spawn(run: Run, args: readonly string[]): Process {
    if (this.processes.has(run.id)) throw new TypeError(`${run.id} is begun a second time`);
    const listeners: ((end: RunEnd) => void)[] = [];
    const endsAt = this.now.getTime() + this.#fateOf(run).minutes * minuteMs;
    const process: Process = {
      ...{ run, args, endsAt, end: undefined },
      whenEnded: (tell) => (process.end ? tell(process.end) : void listeners.push(tell)),
    };
    this.processes.set(run.id, process);
    const ended = (end: RunEnd) => {
      process.end = end;
      for (const tell of listeners) tell(end);
    };
    this.#enders.set(process, ended);
    return process;
  }

  readonly #enders = new Map<Process, (end: RunEnd) => void>();

  #endProcesses(): void {
    for (const process of this.processes.values()) {
      if (process.end || process.endsAt > this.now.getTime()) continue;
      const { status = 0 } = this.#fateOf(process.run);
      this.#enders.get(process)?.({ ...endedWell, status, endedAt: this.now.toISOString() });
    }
  }

  #stop(whenEnded: Process['whenEnded']): void {
    for (const process of this.processes.values()) {
      if (process.whenEnded !== whenEnded || process.end) continue;
      this.#enders.get(process)?.({ ...endedWell, status: 130, stopped: 'order', endedAt: this.now.toISOString() });
    }
  }

  #write(memory: Memory): void {
    // As a file would hold it.
    this.disk = JSON.parse(JSON.stringify(memory)) as Memory;
  }

  async #step<T>(name: string, life: { isOver(): boolean }, work: () => T): Promise<T> {
    if (life.isOver()) return never();
    const number = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, number);
    await this.#perhapsDie(`${name} ${number} before`);
    const done = work();
    await this.#perhapsDie(`${name} ${number} after`);
    return done;
  }

  #perhapsDie(step: string): Promise<void> {
    this.steps.push(step);
    if (step !== this.killAt) return Promise.resolve();
    this.isDead = true;
    this.#died.resolve();
    this.#died = Promise.withResolvers<void>();
    return never();
  }

  #died = Promise.withResolvers<void>();

  #death(): Promise<void> {
    return this.#died.promise;
  }
}

/** For a test that calls by itself. */
export const noTicks: Ticker = () => ({ [Symbol.dispose]: () => {} });

const endedWell: Omit<RunEnd, 'endedAt'> = { status: 0, stopped: null, report: null, summary: null, errors: [] };

/** What the daemon finds of a run whose process is gone without a word. */
function lost(now: Date): Pick<Process, 'whenEnded'> {
  return { whenEnded: (tell) => tell({ ...endedWell, status: null, endedAt: now.toISOString() }) };
}

const never = () => new Promise<never>(() => {});

/** Lets all that waits for nothing but promises go on. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
