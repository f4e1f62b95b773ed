import { isAfter, type Job } from './job.ts';
import { type JobMemory, type Memory, memoryOf } from './memory.ts';

/** A job whose time has come. */
export interface Due {
  job: Job;
  /** The newest one; those missed before it are made good for by it. */
  occasion: Date;
  /** How many of those there were since the job ran last. */
  missed: number;
}

/** A clock that was wrong by more than this, when something was written down, is not believed any more. */
const unbelievableMs = 25 * 3_600_000;

/** What is due and can be begun now, by rank. Pure: nothing of it happens here. */
export function dueJobs(jobs: readonly Job[], memory: Memory, now: Date): Due[] {
  return jobs.flatMap((job) => dueJob(job, memory, now) ?? []);
}

/** The first job that is due, and that neither a running one nor the order of a night keeps from its start. */
export function nextJob(jobs: readonly Job[], memory: Memory, now: Date): Due | undefined {
  const due = dueJobs(jobs, memory, now);
  const running = memory.running.map((run) => run.job);
  const used = new Set(jobs.filter(({ name }) => running.includes(name)).flatMap(({ uses }) => uses));
  const first = new Set([...running, ...due.map(({ job }) => job.name)]);
  return due.find(
    ({ job }) => !job.uses.some((each) => used.has(each)) && !job.waitsFor.some((name) => first.has(name)),
  );
}

/** undefined where it is not due, runs already, or waits for its next try. */
function dueJob(job: Job, memory: Memory, now: Date): Due | undefined {
  const known = memoryOf(memory, job.name);
  const occasion = newestOccasion(job, known, now);
  if (!occasion || memory.running.some((run) => run.job === job.name)) return undefined;
  const settled = believed(known.settled, now);
  if ((settled && settled >= occasion) || known.settled === occasion.toISOString()) return undefined;
  if (known.open?.occasion === occasion.toISOString()) {
    const notBefore = believed(known.open.notBefore, now);
    if (notBefore && notBefore > now) return undefined;
  }
  return { job, occasion, missed: missedBefore(job, settled, occasion) };
}

function newestOccasion({ when }: Job, { triggered }: JobMemory, now: Date): Date | undefined {
  if (isAfter(when)) return triggered === null ? undefined : new Date(triggered);
  return when.last(now);
}

function missedBefore({ when }: Job, settled: Date | undefined, occasion: Date): number {
  return isAfter(when) || !settled ? 0 : when.between(settled, occasion).length;
}

/** An instant that lies far in the future was written by a clock that was wrong: to believe it would mean to wait for years. */
function believed(instant: string | null, now: Date): Date | undefined {
  if (instant === null || Date.parse(instant) - now.getTime() > unbelievableMs) return undefined;
  return new Date(instant);
}
