import { messageOf } from '../kit/errors.ts';
import { count, plainLine } from '../kit/text.ts';
import { formatDuration } from '../kit/units.ts';
import type { JobBegin, JobObserver, JobOutcome } from '../model/job-outcome.ts';

/** What the log says, for people. */

export function beginWords({ job, missed, attempt }: JobBegin): string {
  const again = attempt === 1 ? '' : `, for the ${attempt}${['', 'st', 'nd', 'rd'][attempt] ?? 'th'} time`;
  return `${job} begins${again}${missed === 0 ? '' : `, also for ${count(missed, 'earlier time')} that it missed`}`;
}

const ends = {
  ok: 'ended well',
  failed: 'failed',
  locked: 'was locked out',
  interrupted: 'was stopped',
  deadline: 'took too long and was stopped',
  died: 'died',
} as const;

export function endWords({ job, end, startedAt, endedAt, status, summary, errors, retryAt }: JobOutcome): string {
  const tookMs = Math.max(0, Date.parse(endedAt) - Date.parse(startedAt));
  const exit = end === 'failed' ? ` with exit status ${status}` : '';
  const what = (end === 'ok' ? undefined : errors[0]?.message) ?? summary;
  const why = what === null ? '' : `: ${plainLine(what)}`;
  const next = retryAt === null ? '' : `; it is tried again at ${retryAt}`;
  return `${job} ${ends[end]}${exit} after ${formatDuration(tookMs)}${why}${next}`;
}

/** What somebody must look at is an error; what comes right by itself is not. */
export function levelOf({ end, retryAt }: JobOutcome): 'info' | 'warn' | 'error' {
  if (end === 'ok') return 'info';
  return retryAt === null ? 'error' : 'warn';
}

export function notTold(observer: JobObserver, { job }: JobBegin, error: unknown): string {
  return `${observer.name} could not be told of ${job}: ${plainLine(messageOf(error))}`;
}
