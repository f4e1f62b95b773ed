/** What is usual, from values of the past. Robust: a few odd ones among them change little. Pure. */

export interface Tolerance {
  /** Values below it are all the same: they say nothing. Positive. */
  least: number;
  /** By which factor values always differ, as 1.25; larger than 1. */
  factor: number;
}

/** So many spreads from the median are beyond chance. */
const spreads = 4;
/** Makes the median of absolute deviations comparable with a standard deviation. */
const ofNormal = 1.4826;

/**
 * How a value differs from all that there were; undefined when it does not. Two things must agree: it is far from the median,
 * by what values spread and by `factor`; and it is beyond the smallest or the largest by `factor`, since weekends, ends
 * of months and bulk loads are usual once they have been seen.
 */
export function unusual(
  value: number,
  past: readonly number[],
  { least, factor }: Tolerance,
): 'low' | 'high' | undefined {
  const log = (each: number) => Math.log(Math.max(each, least));
  const [x, known, floor] = [log(value), past.map(log), Math.log(factor)];
  const center = medianOf(known);
  const spread = ofNormal * medianOf(known.map((each) => Math.abs(each - center)));
  if (Math.abs(x - center) <= spreads * Math.max(floor, spread)) return undefined;
  if (x < Math.min(...known) - floor) return 'low';
  return x > Math.max(...known) + floor ? 'high' : undefined;
}

/** Of at least one value. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = Number.NaN, high = low] = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return (low + high) / 2;
}
