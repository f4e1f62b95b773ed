import type { CheckResult } from '../../model/check.ts';

export type Outcome = CheckResult['outcome'];

/** Worst first. */
export const outcomes = ['fail', 'inconclusive', 'not-run', 'pass'] as const satisfies readonly Outcome[];

/** For people; a word and a sign, because colour alone tells nothing to one man in twelve. */
export const outcomeWords: Record<Outcome, { word: string; sign: string }> = {
  fail: { word: 'failed', sign: '✕' },
  inconclusive: { word: 'unclear', sign: '?' },
  'not-run': { word: 'not run', sign: '–' },
  pass: { word: 'passed', sign: '✓' },
};

export const outcomeView = (outcome: Outcome) => ({ outcome, ...outcomeWords[outcome] });

/** All results of each service; of the whole drill under null. */
export function resultsByService(results: readonly CheckResult[]): (service: string | null) => readonly CheckResult[] {
  const groups = Map.groupBy(results, (each) => each.service);
  return (service) => groups.get(service) ?? [];
}

/** Of a group of results; nothing at all is no pass. */
export function worstOutcome(results: readonly CheckResult[]): Outcome {
  return outcomes.find((outcome) => results.some((each) => each.outcome === outcome)) ?? 'not-run';
}
