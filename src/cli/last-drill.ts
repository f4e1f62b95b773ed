import { join } from 'node:path';
import { isFiredrillError } from '../kit/errors.ts';
import type { Journal } from '../model/journal.ts';
import { readJournal } from '../report/read-journal.ts';
import { drillFolders } from './drill-folders.ts';

/** A service that no drill of these has judged does not make every later drill read all journals that there are. */
const maxJournals = 100;

export interface DrillSeries {
  reportsFolder: string;
  vault: string;
  services: readonly string[];
  /** Only drills that were begun before this moment. */
  before: Date;
}

/**
 * Since when the gaps between restore points have not been judged: the newest drill of this vault, and of several services
 * the one whose newest drill is the oldest. A drill of a point of its own choice (`--at`) says nothing of the time after
 * that point, so it does not count; nor does one that could not judge a service. Journals that cannot be read are passed
 * over. undefined when there is no such drill.
 */
export async function lastDrillOf({ reportsFolder, vault, services, before }: DrillSeries): Promise<Date | undefined> {
  const newest = new Map<string, number>();
  const ids = (await drillFolders(reportsFolder)).reverse();
  for (const id of ids.slice(0, maxJournals)) {
    const journal = await readable(join(reportsFolder, id, 'journal.json'));
    if (!journal || journal.drill.vault !== vault || !isOfSeries(journal)) continue;
    const ms = Date.parse(journal.drill.startedAt);
    if (!(ms < before.getTime())) continue;
    for (const service of services) {
      if (judgedGaps(journal, service)) newest.set(service, Math.max(ms, newest.get(service) ?? ms));
    }
    if (newest.size === services.length) break;
  }
  return newest.size === 0 ? undefined : new Date(Math.min(...newest.values()));
}

const isOfSeries = ({ drill }: Journal) => drill.asOf === drill.startedAt;

/** `before:` drills are not of any age, and have no such check. */
function judgedGaps({ checks }: Journal, service: string): boolean {
  return checks.some(
    (each) => each.check === 'rpo' && each.service === service && ['pass', 'fail'].includes(each.outcome),
  );
}

async function readable(file: string): Promise<Journal | undefined> {
  try {
    return await readJournal(file);
  } catch (error) {
    if (isFiredrillError(error, 'JOURNAL_INVALID')) return undefined;
    throw error;
  }
}
