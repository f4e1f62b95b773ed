import { medianOf } from './norm.ts';

const weekMs = 7 * 86_400_000;
const weeks = 4;
/** What four weeks may change without a word. */
const allowed = 0.75;
/** A change of which one week has more is a step: it was told when it happened. */
const mostInOneWeek = 0.75;

export interface Dated {
  /** In ms. */
  at: number;
  /** Positive. */
  value: number;
}

/**
 * Whether values go one way for weeks, a little each day: the medians of the last four weeks follow one another, and make a
 * quarter in all. Returns the first and the last of them; undefined also where a week has no value.
 */
export function creep(
  values: readonly Dated[],
  until: number,
  way: 'low' | 'high',
): { from: number; to: number } | undefined {
  const medians = Array.from({ length: weeks }, (_, i) => medianOfWeek(values, until - (weeks - 1 - i) * weekMs));
  const known = medians.filter((each) => each !== undefined);
  const [from, to] = [known[0], known.at(-1)];
  if (known.length < weeks || from === undefined || to === undefined) return undefined;
  const steps = known.slice(1).map((each, i) => (way === 'low' ? -1 : 1) * (each - (known[i] ?? 0)));
  const whole = Math.abs(to - from);
  const isSteady = steps.every((step) => step > 0 && step < mostInOneWeek * whole);
  return isSteady && Math.min(from, to) / Math.max(from, to) < allowed ? { from, to } : undefined;
}

function medianOfWeek(values: readonly Dated[], until: number): number | undefined {
  const own = values.filter(({ at }) => at > until - weekMs && at <= until).map(({ value }) => value);
  return own.length === 0 ? undefined : medianOf(own);
}
