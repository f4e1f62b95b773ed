import { hostname } from 'node:os';
import { announceBroken, announceEnd } from '../flow/announce.ts';
import type { JobKind, Telling } from '../flow/channels.ts';
import { FiredrillError } from '../kit/errors.ts';
import type { JobEnd, JobObserver, JobOutcome } from '../model/job-outcome.ts';

/** Ends of which the run itself can have told nobody. */
const silentEnds: readonly JobEnd[] = ['died', 'deadline'];

/**
 * Tells of runs that could not tell for themselves: they were killed, or took too long. A run that will be tried again is not the
 * last word. Throws what could not be told, for the daemon's log.
 */
export function toldByDaemon(telling: Telling): JobObserver {
  return {
    name: 'mail and notify',
    ended: async (outcome, signal) => {
      if (!silentEnds.includes(outcome.end) || outcome.retryAt !== null) return;
      const faults = await tell(outcome, { ...telling, signal });
      if (faults[0]) throw faults[0];
    },
  };
}

function tell(outcome: JobOutcome, telling: Telling): Promise<FiredrillError[]> {
  const kind = kindOf(outcome.job);
  const words =
    outcome.end === 'died' ? 'was killed, or broke off' : 'was stopped, because it took longer than its deadline';
  const sentence = `the run of ${outcome.job} that began at ${outcome.startedAt} ${words}`;
  if (kind !== 'drill') return announceEnd(kind, '', sentence, telling);
  const error = new FiredrillError('DEADLINE', sentence, {
    hint: 'Run: firedrill drill nightly',
    detail: outcome.errors.map(({ code, message }) => `${code}: ${message}`),
  });
  return announceBroken(error, hostname(), telling);
}

/** Names of jobs begin with what they do; whatever is neither copied nor expired nor drilled is a backup. */
function kindOf(job: string): JobKind {
  if (job === 'drill' || job === 'building-burned') return 'drill';
  if (job.startsWith('expire')) return 'expire';
  return job === 'sync' ? 'sync' : 'backup';
}
