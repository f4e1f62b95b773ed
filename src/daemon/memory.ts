import type { JobEnd, JobOutcome } from '../model/job-outcome.ts';

/** What the daemon knows of a job. Instants are ISO 8601 in UTC. */
export interface JobMemory {
  /** The newest occasion about which nothing is left to do; null: it has never run. */
  settled: string | null;
  /** Of a job that follows others: the end of the one by which it is due. */
  triggered: string | null;
  /** The occasion that was tried and is not settled. */
  open: OpenOccasion | null;
  last: { startedAt: string; endedAt: string; end: JobEnd; status: number | null } | null;
}

export interface OpenOccasion {
  occasion: string;
  /** When its first run began: what has been done since then need not be done again. */
  since: string;
  /** Runs that began. */
  attempts: number;
  /** Runs that failed; those that were locked out or interrupted are none of them. */
  failures: number;
  notBefore: string;
}

/** A run that has begun and of which no end is known. */
export interface Run {
  id: string;
  job: string;
  occasion: string;
  missed: number;
  attempt: number;
  startedAt: string;
  deadlineAt: string;
}

/** All that has to outlive the daemon. */
export interface Memory {
  version: 1;
  jobs: Readonly<Record<string, JobMemory>>;
  running: readonly Run[];
  /** Outcomes of which the observers have not all been told. */
  untold: readonly JobOutcome[];
}

export const emptyMemory: Memory = { version: 1, jobs: {}, running: [], untold: [] };

const nothingKnown: JobMemory = { settled: null, triggered: null, open: null, last: null };

export function memoryOf({ jobs }: Memory, name: string): JobMemory {
  return (Object.hasOwn(jobs, name) && jobs[name]) || nothingKnown;
}

export function withJob(memory: Memory, name: string, change: Partial<JobMemory>): Memory {
  return { ...memory, jobs: { ...memory.jobs, [name]: { ...memoryOf(memory, name), ...change } } };
}
