/** Where a service can still be restored to. */
export interface LastGood<P> {
  /** null when no point that was tried is good. */
  good: P | null;
  /** The oldest point that is known to be bad. */
  bad: P | null;
}

/**
 * Looks for the newest good point before a bad one. Inside a chain each point needs those before it, so that a good one
 * vouches for them: the chain is bisected. Older chains are tried from the newest on. Gives up after `maxTries` restores:
 * then the best that was found is told.
 */
export async function findLastGood<P>(
  chains: readonly (readonly P[])[],
  isGood: (point: P) => Promise<boolean>,
  maxTries: number,
): Promise<LastGood<P>> {
  let bad: P | null = null;
  let tries = 0;
  const test = (point: P) => {
    tries += 1;
    return isGood(point);
  };
  for (const chain of chains.toReversed()) {
    let [low, high] = [0, chain.length];
    let good: P | null = null;
    while (low < high && tries < maxTries) {
      const middle = (low + high) >> 1;
      const point = chain[middle] as P;
      if (await test(point)) {
        good = point;
        low = middle + 1;
      } else {
        bad = point;
        high = middle;
      }
    }
    if (good !== null || tries >= maxTries) return { good, bad };
  }
  return { good: null, bad };
}
