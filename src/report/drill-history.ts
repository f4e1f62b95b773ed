import { type DrillSummary, summaryOf } from '../model/drill-summary.ts';
import { journalsIn } from './history.ts';

/** A year of nights. */
const maxJournals = 400;

export interface HistoryBounds {
  /** Only drills that were begun before this instant. */
  before?: string;
  /** Only drills that were begun at or after this one. */
  since?: string;
  max: number;
}

/** What drills have said, the newest first; real restores are none. Each journal is read, and then let go. */
export async function drillHistory(
  reportsFolder: string,
  { before, since, max }: HistoryBounds,
): Promise<DrillSummary[]> {
  const found: DrillSummary[] = [];
  for await (const journal of journalsIn(reportsFolder, maxJournals)) {
    const ms = Date.parse(journal.drill.startedAt);
    if (before !== undefined && !(ms < Date.parse(before))) continue;
    if (since !== undefined && ms < Date.parse(since)) break;
    const summary = summaryOf(journal);
    if (summary) found.push(summary);
    if (found.length >= max) break;
  }
  return found;
}
