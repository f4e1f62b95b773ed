import { shortened } from '../kit/text.ts';
import type { CheckResult, Comparison } from './check.ts';
import { type DrillSummary, type SummarisedService, summaryOf } from './drill-summary.ts';
import type { Journal } from './journal.ts';
import { type RestoreParts, restorePartsOf } from './restore-parts.ts';

/** What one drill says of one service, and how much of it there was. */
export interface IndexedService extends SummarisedService {
  /** From the order to restore until it was ready; null when it never was. The same holds for the two below. */
  readyMs: number | null;
  /** As stored, of all that was restored. */
  bytes: number | null;
  /** Rows of tables, or values of measurements, that were counted after the restore; null where none were. */
  rows: number | null;
}

/** What an index of many drills keeps of each. Small, whatever the journal holds: texts and lists are cut. */
export interface IndexedDrill extends DrillSummary {
  services: IndexedService[];
  /** null when not everything came back. */
  parts: RestoreParts | null;
}

const maxServices = 50;
const maxNameChars = 100;
const maxSentenceChars = 400;

/** undefined for a real restore, which is no drill. */
export function indexedDrillOf(journal: Journal): IndexedDrill | undefined {
  const summary = summaryOf(journal);
  if (!summary) return undefined;
  const services = journal.services.slice(0, maxServices).map((record, i): IndexedService => {
    const { outcome = 'inconclusive', dataAt = null } = summary.services[i] ?? {};
    const isBack = record.readyMs !== null;
    return {
      ...{ service: shortened(record.service, maxNameChars), outcome, dataAt, readyMs: record.readyMs },
      bytes: isBack ? record.members.reduce((sum, { bytes }) => sum + bytes, 0) : null,
      rows: isBack ? countedRows(journal.checks, record.service) : null,
    };
  });
  return {
    ...summary,
    name: shortened(summary.name, maxNameChars),
    vault: shortened(summary.vault, maxNameChars),
    sentence: shortened(summary.sentence, maxSentenceChars),
    services,
    parts: restorePartsOf(journal),
  };
}

/**
 * How many rows were found after the restore: the sum of what the check `rows` compared, or, where an engine has none, the line
 * `rows in 36 tables` of its inventory. null where nothing was counted, or something had no number.
 */
export function countedRows(checks: readonly CheckResult[], service: string): number | null {
  const own = checks.filter((each) => each.service === service);
  const counted = own.filter(({ check }) => check === 'rows').flatMap(({ comparisons }) => comparisons);
  const listed = own.filter(({ check }) => check === 'inventory').flatMap(({ comparisons }) => comparisons);
  const lines = counted.length > 0 ? counted : listed.filter(({ what }) => /^rows in \d+ tables?$/.test(what));
  const numbers = lines.map(numberFound);
  if (numbers.length === 0 || numbers.includes(null)) return null;
  return numbers.reduce<number>((sum, n) => sum + (n ?? 0), 0);
}

/** `480113`, or `5,401,822 values`. */
function numberFound({ found }: Comparison): number | null {
  const [, digits] = /^(\d{1,3}(?:,\d{3})*|\d{1,15})(?: \p{L}+)?$/u.exec(found) ?? [];
  const number = Number(digits?.replaceAll(',', ''));
  return Number.isSafeInteger(number) ? number : null;
}

/**
 * Drills that can be held against one another: of one name, from one vault, of the same services, and of the newest restore
 * point. Others restore other things, and take another time for it.
 */
export function seriesOf({ name, vault, services, ofNewestPoint }: IndexedDrill): string {
  return JSON.stringify([name, vault, ofNewestPoint, ...services.map((each) => each.service).sort()]);
}
