import { exitStatus } from '../kit/errors.ts';
import type { JobEnd, JobError, JobOutcome } from '../model/job-outcome.ts';
import type { Due } from './due.ts';
import { isAfter, type Job } from './job.ts';
import { type Memory, memoryOf, type OpenOccasion, type Run, withJob } from './memory.ts';

const minuteMs = 60_000;
const lockedPauseMs = 5 * minuteMs;
/** Between a failure and the next try; after as many tries as there are pauses, and one, it stays failed. */
const failurePausesMs = [10 * minuteMs, 30 * minuteMs];

/** Exit statuses of which a later try may make something else; the others are a word about backups or configuration. */
const passing: readonly number[] = [exitStatus.harness, exitStatus.inconclusive, exitStatus.interrupted];

/** How a run's process ended. */
export interface RunEnd {
  /** null when it ended without one. */
  status: number | null;
  /** Why the daemon stopped it; null when it ended by itself. */
  stopped: 'deadline' | 'order' | null;
  endedAt: string;
  report: string | null;
  summary: string | null;
  errors: readonly JobError[];
}

/** Of jobs that are new, and can wait: as if they had run at the time before. */
export function introduced(jobs: readonly Job[], memory: Memory, now: Date): Memory {
  return jobs
    .filter(({ name, canWait }) => canWait && !Object.hasOwn(memory.jobs, name))
    .reduce((after, { name, when }) => {
      const last = isAfter(when) ? undefined : when.last(now);
      return last ? withJob(after, name, { settled: last.toISOString() }) : after;
    }, memory);
}

/** Writes down that a job begins: what it covers is settled, unless it comes due once more. */
export function begun(jobs: readonly Job[], memory: Memory, { job, occasion, missed }: Due, now: Date, id: string) {
  const startedAt = now.toISOString();
  const { open } = memoryOf(memory, job.name);
  const tried = open?.occasion === occasion.toISOString() ? open : null;
  const attempts = (tried?.attempts ?? 0) + 1;
  const run: Run = {
    ...{ id, job: job.name, occasion: occasion.toISOString(), missed, attempt: attempts, startedAt },
    deadlineAt: new Date(now.getTime() + job.deadlineMs).toISOString(),
  };
  const { since = startedAt, failures = 0 } = tried ?? {};
  const opened: OpenOccasion = { occasion: run.occasion, since, attempts, failures, notBefore: startedAt };
  let after = withJob({ ...memory, running: [...memory.running, run] }, job.name, { open: opened });
  for (const name of job.covers) after = covered(jobs, after, name, now);
  return { run, memory: after, missingSince: tried ? tried.since : null };
}

function covered(jobs: readonly Job[], memory: Memory, name: string, now: Date): Memory {
  const when = jobs.find((each) => each.name === name)?.when;
  const last = when && !isAfter(when) ? when.last(now) : undefined;
  return last ? withJob(memory, name, { settled: last.toISOString(), open: null }) : memory;
}

/** Writes down how a run ended: whether it is tried again, and what is due after it. The outcome is to be told. */
export function ended(jobs: readonly Job[], memory: Memory, run: Run, end: RunEnd) {
  const word = wordOf(end);
  const open = memoryOf(memory, run.job).open;
  const isOpen = open?.occasion === run.occasion;
  const isBlameless = word === 'locked' || (word === 'interrupted' && end.stopped === 'order');
  const failures = (isOpen ? open.failures : 0) + (isBlameless ? 0 : 1);
  const retryAt = isOpen ? retryOf(word, end, failures) : null;
  const { id, deadlineAt: _, ...begin } = run;
  const { status, endedAt, report, summary, errors } = end;
  const outcome: JobOutcome = { ...begin, run: id, end: word, status, endedAt, retryAt, report, summary, errors };
  const last = { startedAt: run.startedAt, endedAt, end: word, status };
  const left = {
    ...memory,
    running: memory.running.filter((each) => each.id !== id),
    untold: [...memory.untold, outcome],
  };
  if (retryAt !== null && isOpen) {
    return { outcome, memory: withJob(left, run.job, { last, open: { ...open, failures, notBefore: retryAt } }) };
  }
  const settled = withJob(left, run.job, { last, ...(isOpen ? { settled: run.occasion, open: null } : {}) });
  return { outcome, memory: triggering(jobs, settled, outcome) };
}

/** The observers know it now. */
export function told(memory: Memory, run: string): Memory {
  return { ...memory, untold: memory.untold.filter((outcome) => outcome.run !== run) };
}

/** What a run says of itself counts, also when it was stopped: it may have come to its own end just before. */
function wordOf({ status, stopped }: RunEnd): JobEnd {
  if (status === null) return stopped === 'deadline' ? 'deadline' : stopped === 'order' ? 'interrupted' : 'died';
  if (status === exitStatus.interrupted) return stopped === 'deadline' ? 'deadline' : 'interrupted';
  if (status === exitStatus.locked) return 'locked';
  return status === exitStatus.pass ? 'ok' : 'failed';
}

/** When it is tried again, if ever. What took too long once would take as long again. */
function retryOf(word: JobEnd, { status, stopped, endedAt }: RunEnd, failures: number): string | null {
  const after = (ms: number) => new Date(Date.parse(endedAt) + ms).toISOString();
  if (word === 'ok' || word === 'deadline') return null;
  if (word === 'locked') return after(lockedPauseMs);
  // Not its own fault, as far as is known: at once, that is when the daemon is there again.
  if ((word === 'interrupted' && stopped === 'order') || (word === 'died' && failures === 1)) return endedAt;
  const pause = failurePausesMs[failures - 1];
  const isPassing = status === null || passing.includes(status);
  return isPassing && pause !== undefined ? after(pause) : null;
}

function triggering(jobs: readonly Job[], memory: Memory, { job, status, endedAt }: JobOutcome): Memory {
  return jobs
    .filter(({ when }) => isAfter(when) && when.jobs.includes(job))
    .filter(
      ({ when }) => isAfter(when) && (when.statuses === 'any' || (status !== null && when.statuses.includes(status))),
    )
    .reduce((after, each) => withJob(after, each.name, { triggered: endedAt }), memory);
}
