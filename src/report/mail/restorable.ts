import type { CheckId } from '../../model/check.ts';
import { type DrillSummary, dataAtOf } from '../../model/drill-summary.ts';
import type { Journal, ServiceRecord } from '../../model/journal.ts';
import { checksOfEvidence, drilledServices } from '../../model/proof.ts';

/** To when a service can be restored, as far as one drill and those before it know. */
export interface Restorable {
  service: string;
  /**
   * `newest`: its newest backup is good; `older`: that is bad, and an older one is good; `none`: no good one was found;
   * `unknown`: this drill does not say, and `dataAt` is what an earlier one has proven.
   */
  state: 'newest' | 'older' | 'none' | 'unknown';
  dataAt: string | null;
  /** `older`: how much data would be lost. */
  lostMs: number | null;
}

/** A backup that is only late or old can be restored all the same. */
const promises: readonly CheckId[] = ['rto', 'rpo', 'set-age'];

/** Of each service of a drill. `earlier`: drills before it, the newest first. */
export function restorables(journal: Journal, earlier: readonly DrillSummary[]): Restorable[] {
  const drilled = drilledServices(journal);
  return journal.services.map((record, i) => {
    const { service } = record;
    if (drilled[i]?.outcome === 'pass' || cameBack(record, journal)) {
      return { service, state: 'newest', dataAt: dataAtOf(record), lostMs: null };
    }
    return isEvidence(journal) ? judged(service, journal, earlier) : unknown(service, earlier);
  });
}

function judged(service: string, { lastGood }: Journal, earlier: readonly DrillSummary[]): Restorable {
  const tried = lastGood.find((each) => each.service === service);
  if (!tried) return unknown(service, earlier);
  if (!tried.good) return { service, state: 'none', dataAt: null, lostMs: null };
  return { service, state: 'older', dataAt: tried.good.dataAt, lostMs: tried.good.lostMs };
}

function unknown(service: string, earlier: readonly DrillSummary[]): Restorable {
  const proven = earlier.flatMap(({ services }) =>
    services.filter((each) => each.service === service && each.outcome === 'pass'),
  );
  return { service, state: 'unknown', dataAt: proven[0]?.dataAt ?? null, lostMs: null };
}

/** Whole, if late or old. */
function cameBack(record: ServiceRecord, journal: Journal): boolean {
  const own = journal.checks.filter((each) => each.service === record.service);
  const isWhole = own.every(({ check, outcome }) => outcome === 'pass' || promises.includes(check));
  return record.readyMs !== null && record.members.length > 0 && own.length > 0 && isWhole && isEvidence(journal);
}

/** Whether what a drill found can be believed. */
export const isEvidence = ({ checks }: Journal) =>
  checks.every(
    ({ check, service, outcome }) => service !== null || outcome === 'pass' || !checksOfEvidence.includes(check),
  );
