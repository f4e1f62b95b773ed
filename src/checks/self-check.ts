import { type CheckId, type CheckResult, Look } from '../model/check.ts';

export interface Declared {
  check: CheckId;
  service: string | null;
  /** Services without which it cannot be run; a failure of them is one before it. */
  restsOn?: readonly string[];
}

/** What the engine of a service has in its list of checks. */
export interface Promised {
  service: string;
  checks: readonly CheckId[];
}

/** That a server has started, and what manifests say, is no evidence of data: at least one of these is. */
const insights: ReadonlySet<CheckId> = new Set(['rows', 'content', 'inventory']);

const hasLooked = ({ expected, lookedAt }: CheckResult) => expected > 0 && lookedAt === expected;

/**
 * Did every check look at all that it was to look at? A check that gave no result, or that was not run though nothing
 * had failed before it, makes the drill inconclusive: no evidence is never a pass.
 */
export function checkSelf(
  declared: readonly Declared[],
  results: readonly CheckResult[],
  promised: readonly Promised[] = [],
): CheckResult {
  const look = new Look('self-check', null, 'checks', declared.length);
  for (const { service, checks } of promised) {
    if (checks.some((check) => insights.has(check))) continue;
    const next = 'Report this as a fault of firedrill.';
    look.couldNot({ sentence: `no check looks into the restored data of ${service}`, next });
  }
  const troubled = new Set(
    results.filter((r) => r.outcome === 'fail' || r.outcome === 'inconclusive').map((r) => r.service),
  );
  for (const { check, service, restsOn = [] } of declared) {
    const of = service === null ? '' : ` of ${service}`;
    const found = results.filter((each) => each.check === check && each.service === service);
    if (found.length === 0) {
      look.couldNot({ sentence: `check ${check}${of} gave no result`, next: 'Report this as a fault of firedrill.' });
      continue;
    }
    look.sawOne();
    // After a failure that everybody can see, what could not run any more needs no finding of its own.
    const isTroubled = [service, null, ...restsOn].some((each) => troubled.has(each));
    if (found.every((each) => each.outcome === 'not-run') && !isTroubled) {
      look.couldNot({ sentence: `check ${check}${of} was not run, though nothing had failed before it` });
    }
    for (const each of found.filter((r) => r.outcome === 'pass' && !hasLooked(r))) {
      const sentence = `check ${check}${of} looked at ${each.lookedAt} ${each.subjects} and expected ${each.expected}`;
      look.couldNot({ sentence, expected: `${each.expected}`, found: `${each.lookedAt}` });
    }
  }
  return look.result();
}
