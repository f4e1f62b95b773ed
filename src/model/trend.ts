/** One measurement. */
export interface TimedValue {
  atMs: number;
  value: number;
}

/** A straight line through scattered values, and how steep or flat it could as well be. Slopes are per millisecond. */
export interface Trend {
  slope: number;
  /** 95 % interval of the slope. */
  low: number;
  high: number;
  /** The line's value; with another slope, that of the line of that slope through the same values. */
  valueAt(atMs: number, slope?: number): number;
  /** When such a line reaches a value; null where it is flat. */
  reaches(value: number, slope?: number): number | null;
}

/** Of the normal distribution, for 95 %. */
const z = 1.96;

/**
 * Theil–Sen: the median of the slopes between all pairs, which a quarter of bad values does not move much, with the
 * interval of P. K. Sen (1968, "Estimates of the regression coefficient based on Kendall's tau") from the ranks of these slopes.
 * undefined where no two values are of different instants. The number of pairs grows with the square of `values`.
 */
export function trendOf(values: readonly TimedValue[]): Trend | undefined {
  const slopes = slopesOf(values);
  if (slopes.length === 0) return undefined;
  const n = values.length;
  const spread = z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (rank: number) => slopes[Math.min(Math.max(rank, 0), slopes.length - 1)] as number;
  const slope = medianOf(slopes);
  const from = values[0]?.atMs ?? 0;
  // Reckoned from the first instant: milliseconds since 1970 would drown what differs.
  const levelOf = (steep: number) =>
    medianOf(values.map(({ atMs, value }) => value - steep * (atMs - from)).sort((a, b) => a - b));
  return {
    slope,
    low: Math.min(at(Math.floor((slopes.length - spread) / 2)), slope),
    high: Math.max(at(Math.ceil((slopes.length + spread) / 2)), slope),
    valueAt: (atMs, steep = slope) => levelOf(steep) + steep * (atMs - from),
    reaches: (value, steep = slope) => (steep === 0 ? null : from + (value - levelOf(steep)) / steep),
  };
}

/** Sorted. */
function slopesOf(values: readonly TimedValue[]): Float64Array {
  const slopes = values.flatMap((a, i) =>
    values.slice(i + 1).flatMap((b) => (a.atMs === b.atMs ? [] : [(b.value - a.value) / (b.atMs - a.atMs)])),
  );
  return Float64Array.from(slopes).sort();
}

/** Of sorted numbers; NaN of none. */
function medianOf(sorted: ArrayLike<number>): number {
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1] ?? Number.NaN, sorted[Math.floor(half)] ?? Number.NaN];
  return (low + high) / 2;
}
