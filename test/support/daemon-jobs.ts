import type { Due } from '../../src/daemon/due.ts';
import { nextJob } from '../../src/daemon/due.ts';
import { isAfter, type Job } from '../../src/daemon/job.ts';
import { emptyMemory, type Memory, type Run } from '../../src/daemon/memory.ts';
import { Occasions } from '../../src/daemon/occasions.ts';
import { begun, ended, type RunEnd, told } from '../../src/daemon/progress.ts';
import { parseCron } from '../../src/kit/cron.ts';
import type { JobOutcome } from '../../src/model/job-outcome.ts';

export function occasions(text: string, timeZone = 'UTC'): Occasions {
  const cron = parseCron(text);
  if (!cron) throw new TypeError(`${text} is no cron expression`);
  return new Occasions(cron, timeZone);
}

export function jobOf(name: string, when: Job['when'], more: Partial<Job> = {}): Job {
  return {
    name,
    when,
    args: () => [name],
    deadlineMs: 3_600_000,
    uses: [name],
    covers: [],
    waitsFor: [],
    canWait: false,
    ...more,
  };
}

/** How long each job takes in a night that is simulated. */
export const jobMinutes: Record<string, number> = {
  full: 20,
  incremental: 5,
  hourly: 2,
  sync: 10,
  drill: 12,
  burned: 30,
  expire: 1,
};

/** A company's nights, in small: jobs as the command line makes them, with names of their own kind. */
export function nightJobs(timeZone = 'UTC', change: Partial<Record<string, Partial<Job>>> = {}): Job[] {
  const backup = { uses: ['backup'] };
  const at = (text: string) => occasions(text, timeZone);
  const jobs = [
    jobOf('full', at('30 1 * * 0'), { ...backup, covers: ['incremental', 'hourly'] }),
    jobOf('incremental', at('30 1 * * 1-6'), { ...backup, covers: ['hourly'] }),
    jobOf('hourly', at('30 * * * *'), backup),
    jobOf('sync', { jobs: ['full', 'incremental'], statuses: 'any' }),
    jobOf('drill', at('15 2 * * *'), { waitsFor: ['full', 'incremental', 'sync'] }),
    jobOf('expire', { jobs: ['drill'], statuses: [0] }, { uses: ['drill', 'backup', 'sync'] }),
    jobOf('burned', at('0 5 1 * *'), { uses: ['drill'], waitsFor: ['full', 'incremental', 'sync'] }),
  ];
  return jobs.map((job) => ({ ...job, ...change[job.name] }));
}

/** What became of one run. */
export interface Done extends JobOutcome {
  missingSince: string | null;
}

/** How a stub's run ends: after how long, and with what. */
export interface StubEnd extends Partial<Omit<RunEnd, 'endedAt'>> {
  minutes: number;
}

const minuteMs = 60_000;

/** The pure part of the daemon, on a clock that a test sets: jobs are stubs that take their time. */
export class SimulatedNights {
  readonly done: Done[] = [];
  memory: Memory = emptyMemory;
  now: Date;
  readonly #jobs: readonly Job[];
  readonly #endOf: (due: Due, attempt: number) => StubEnd;
  readonly #running = new Map<string, { run: Run; end: RunEnd; missingSince: string | null }>();

  constructor(jobs: readonly Job[], from: string, endOf: (due: Due, attempt: number) => StubEnd) {
    this.#jobs = jobs;
    this.now = new Date(from);
    this.#endOf = endOf;
  }

  /** What ran, in the order of its ends: `full 01:30`. */
  get told(): string[] {
    return this.done.map(({ job, startedAt }) => `${job} ${startedAt.slice(11, 16)}`);
  }

  /** Lets time pass, from one thing that happens to the next. */
  runUntil(until: string): this {
    for (; this.now < new Date(until); this.now = this.#nextMoment(until)) this.#moment();
    return this;
  }

  /** The machine is off: nothing runs, and what ran is gone. */
  offUntil(until: string): this {
    this.now = new Date(until);
    const endedAt = this.now.toISOString();
    for (const { run, missingSince } of this.#running.values()) {
      this.#end(run, { status: null, stopped: null, endedAt, report: null, summary: null, errors: [] }, missingSince);
    }
    return this;
  }

  #nextMoment(until: string): Date {
    const occasions = this.#jobs.flatMap(({ when }) => (isAfter(when) ? [] : (when.next(this.now)?.getTime() ?? [])));
    const tries = Object.values(this.memory.jobs).flatMap(({ open }) => (open ? Date.parse(open.notBefore) : []));
    const ends = [...this.#running.values()].map(({ end }) => Date.parse(end.endedAt));
    const later = [...occasions, ...tries, ...ends].filter((instant) => instant > this.now.getTime());
    return new Date(Math.min(Date.parse(until), ...later));
  }

  #moment() {
    for (const { run, end, missingSince } of this.#running.values()) {
      if (new Date(end.endedAt) <= this.now) this.#end(run, end, missingSince);
    }
    for (let due = nextJob(this.#jobs, this.memory, this.now); due; due = nextJob(this.#jobs, this.memory, this.now)) {
      const { run, memory, missingSince } = begun(
        this.#jobs,
        this.memory,
        due,
        this.now,
        `run ${this.done.length}-${due.job.name}`,
      );
      this.memory = memory;
      const { minutes, ...how } = this.#endOf(due, run.attempt);
      const endedAt = new Date(this.now.getTime() + minutes * minuteMs).toISOString();
      const end = { status: 0, stopped: null, report: null, summary: null, errors: [], ...how, endedAt };
      this.#running.set(run.id, { run, end, missingSince });
    }
  }

  #end(run: Run, end: RunEnd, missingSince: string | null) {
    this.#running.delete(run.id);
    const { outcome, memory } = ended(this.#jobs, this.memory, run, end);
    this.memory = told(memory, run.id);
    this.done.push({ ...outcome, missingSince });
  }
}
