import type { Dependence } from '../model/chain.ts';

/** Where a service can still be restored to. */
export interface LastGood<P> {
  /** null when no point that was tried is good. */
  good: P | null;
  /** The oldest point that is known to be bad. */
  bad: P | null;
}

/** How the points of one chain are looked through: answers are given one after the other, the first that ends it counts. */
type Search<P> = (chain: readonly P[], test: (point: P) => Promise<boolean | undefined>) => Promise<P | null>;

/**
 * Looks for the newest good point before a bad one, in the newest chain first. Where each point needs the one before it,
 * a good one vouches for those before: the chain is bisected. Where each needs its full only, the points are tried from
 * the newest on. Gives up after `maxTries` restores: then the best that was found is told.
 */
export async function findLastGood<P>(
  chains: readonly (readonly P[])[],
  dependence: Dependence,
  isGood: (point: P) => Promise<boolean>,
  maxTries: number,
): Promise<LastGood<P>> {
  let bad: P | null = null;
  let tries = 0;
  const test = async (point: P) => {
    if (tries >= maxTries) return undefined;
    tries += 1;
    const good = await isGood(point);
    if (!good) bad = point;
    return good;
  };
  const search: Search<P> = dependence === 'previous' ? bisect : fromNewest;
  for (const chain of chains.toReversed()) {
    const good = await search(chain, test);
    if (good !== null || tries >= maxTries) return { good, bad };
  }
  return { good: null, bad };
}

async function bisect<P>(chain: readonly P[], test: (point: P) => Promise<boolean | undefined>): Promise<P | null> {
  let [low, high] = [0, chain.length];
  let good: P | null = null;
  while (low < high) {
    const middle = (low + high) >> 1;
    const point = chain[middle] as P;
    const answer = await test(point);
    if (answer === undefined) return good;
    if (answer) {
      good = point;
      low = middle + 1;
    } else high = middle;
  }
  return good;
}

async function fromNewest<P>(chain: readonly P[], test: (point: P) => Promise<boolean | undefined>): Promise<P | null> {
  for (const point of chain.toReversed()) {
    const answer = await test(point);
    if (answer === undefined) return null;
    if (answer) return point;
  }
  return null;
}
