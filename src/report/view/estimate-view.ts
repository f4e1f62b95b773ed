import { count } from '../../kit/text.ts';
import type { Journal } from '../../model/journal.ts';
import type { ServiceEstimate, TimeRange } from '../../model/restore-estimate.ts';
import { bounded } from './bounded.ts';
import { duration } from './duration.ts';
import { nameOf } from './untrusted.ts';

const maxRows = 50;

/** What was estimated before the restore, against what it took; null where nothing was. */
export function estimateView({ estimate, rto, services }: Journal) {
  if (!estimate) return null;
  const readyOf = (service: string) => services.find((each) => each.service === service)?.readyMs ?? null;
  return {
    words: estimate.whole ? againstWords(estimate.whole, rto.usedMs) : nothingWords(estimate.services),
    past: pastWords(estimate.past),
    rows: bounded(estimate.services, maxRows, (each) => rowOf(each, readyOf(each.service))),
  };
}

function againstWords(whole: TimeRange, usedMs: number | null): string {
  const before = `Estimated beforehand: ${rangeWords(whole)}`;
  return usedMs === null
    ? `${before}; it was not reached.`
    : `${before}; it took ${duration(usedMs)}, ${offWords(whole.ms, usedMs)}.`;
}

const rangeWords = ({ ms, lowMs, highMs }: TimeRange) => `${duration(ms)} (${duration(lowMs)} to ${duration(highMs)})`;

/** By how much the estimate was wrong, as a share of what it took. */
function offWords(estimatedMs: number, usedMs: number): string {
  if (usedMs === 0) return 'which tells nothing of the estimate';
  const percent = Math.round((100 * (usedMs - estimatedMs)) / usedMs);
  if (percent === 0) return 'as estimated';
  const share = `${Math.abs(percent).toLocaleString('en-US')} %`;
  return percent > 0 ? `the estimate was ${share} too low` : `the estimate was ${share} too high`;
}

function nothingWords(services: readonly ServiceEstimate[]): string {
  const without = services.filter(({ ready }) => ready === null).length;
  return `Not estimated beforehand: ${count(without, 'service')} had no earlier drill to go by.`;
}

function pastWords(past: NonNullable<Journal['estimate']>['past']): string {
  if (!past) return '';
  const off = `${Math.round(100 * past.meanError).toLocaleString('en-US')} %`;
  return `Before it, such estimates were off by ${off} in the mean of ${count(past.drills, 'drill')}.`;
}

function rowOf({ service, ready, drills }: ServiceEstimate, readyMs: number | null) {
  return {
    service: nameOf(service),
    estimated: ready ? rangeWords(ready) : 'not estimated',
    took: readyMs === null ? 'did not come back' : duration(readyMs),
    by: ready ? count(drills, 'earlier drill') : 'no earlier drill',
  };
}
