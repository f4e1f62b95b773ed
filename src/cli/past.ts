import { isFiredrillError } from '../kit/errors.ts';
import { type PastMember, verifiedMembers } from '../model/past-members.ts';
import { type TimedDrill, timedDrillOf } from '../model/restore-estimate.ts';
import { journalsIn } from '../report/history.ts';

const dayMs = 86_400_000;
/** What drills have verified longer ago is no norm. */
const windowMs = 31 * dayMs;
/** More than one drill an hour in all that time. */
const maxJournals = 800;

/**
 * Members that drills begun before this moment have verified, each once, the newest drill's words first. Whichever vault they lie in:
 * a copy has the same manifest.
 */
export async function verifiedBefore(reportsFolder: string, before: Date): Promise<PastMember[]> {
  const members = new Map<string, PastMember>();
  for await (const journal of journalsIn(reportsFolder, maxJournals)) {
    const ms = Date.parse(journal.drill.startedAt);
    if (ms < before.getTime() - windowMs) break;
    if (!(ms < before.getTime())) continue;
    for (const member of verifiedMembers(journal)) {
      const key = JSON.stringify([member.service, member.manifestSha256]);
      if (!members.has(key)) members.set(key, member);
    }
  }
  return [...members.values()];
}

/** Two months of nights: what was longer ago was another machine, or another database. */
const maxTimed = 60;

/** What the newest drills that were begun before this moment took, the newest first. */
export async function timedBefore(reportsFolder: string, before: Date): Promise<TimedDrill[]> {
  const drills: TimedDrill[] = [];
  for await (const journal of journalsIn(reportsFolder, maxTimed)) {
    if (!(Date.parse(journal.drill.startedAt) < before.getTime())) continue;
    const timed = timedDrillOf(journal);
    if (timed) drills.push(timed);
  }
  return drills;
}

/** A folder that cannot be listed keeps no backup from its drill; the report that cannot be written there says so. */
export async function unlessUnreadable<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isFiredrillError(error, 'VAULT_READ')) return otherwise;
    throw error;
  }
}
