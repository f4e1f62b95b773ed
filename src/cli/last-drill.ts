import type { Journal } from '../model/journal.ts';
import { isOfNewestPoint } from '../model/proof.ts';
import { journalsIn } from '../report/history.ts';

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
 * that point, so it does not count; nor does a real restore, nor a drill that could not judge a service. undefined when there is
 * no such drill.
 */
export async function lastDrillOf({ reportsFolder, vault, services, before }: DrillSeries): Promise<Date | undefined> {
  const newest = new Map<string, number>();
  for await (const journal of journalsIn(reportsFolder)) {
    if (journal.drill.vault !== vault) continue;
    const ms = Date.parse(journal.drill.startedAt);
    if (!(ms < before.getTime())) continue;
    for (const service of services) {
      if (judgedGaps(journal, service)) newest.set(service, Math.max(ms, newest.get(service) ?? ms));
    }
    if (newest.size === services.length) break;
  }
  return newest.size === 0 ? undefined : new Date(Math.min(...newest.values()));
}

function judgedGaps(journal: Journal, service: string): boolean {
  const judged = journal.checks.find((each) => each.check === 'rpo' && each.service === service);
  return isOfNewestPoint(journal, service) && (judged?.outcome === 'pass' || judged?.outcome === 'fail');
}
