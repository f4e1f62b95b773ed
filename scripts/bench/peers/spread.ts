/** What several rounds of the same work took: seconds, or how many times as long as another's. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** @param samples at least one */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new Error('there is no spread of nothing');
  const [lower = min, upper = max] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return { median: (lower + upper) / 2, min, max };
}

/**
 * How many times as fast we are, round by round: what the machine did meanwhile touched both of a round. Rounds in which one
 * of both has no time count for nothing; null when there is none left.
 */
export function timesAsFast(theirs: readonly (number | null)[], ours: readonly (number | null)[]): Spread | null {
  const ratios = theirs.flatMap((their, round) => {
    const our = ours[round];
    return their === null || our === null || our === undefined ? [] : [their / our];
  });
  return ratios.length === 0 ? null : spreadOf(ratios);
}

/** Each round begins with another one, so that nobody always runs after the same neighbour's traces in the first place. */
export function rotated<T>(items: readonly T[], round: number): T[] {
  const from = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(from), ...items.slice(0, from)];
}
