import { type CheckResult, Look } from '../../../model/check.ts';
import type { Semantics } from '../database/semantics.ts';

/** Does the content make sense? What the source itself had wrong when it was backed up is no fault of the backup. */
export function checkSemantics(service: string, then: Semantics, now: Semantics): CheckResult {
  const look = new Look('semantics', service, 'dashboards and rows', then.dashboards + 1).sawOne(now.dashboards + 1);
  look.compare('panels', then.panels, now.panels);
  const known = new Set(then.problems);
  if (known.size > 0) look.compare('things that were wrong in the source already', known.size, known.size);
  for (const problem of now.problems.filter((each) => !known.has(each)))
    look.fail({ sentence: `${service}: ${problem}` });
  return look.result();
}
