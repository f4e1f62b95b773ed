import { expect } from 'chai';
import fc from 'fast-check';
import { findLastGood } from '../../../src/flow/last-good.ts';

/** Chains of points; in each chain the first `sound` ones are good. */
const worlds = fc.array(
  fc
    .integer({ min: 1, max: 40 })
    .chain((length) => fc.record({ length: fc.constant(length), sound: fc.integer({ min: 0, max: length }) })),
  { minLength: 1, maxLength: 5 },
);

function build(world: readonly { length: number; sound: number }[]) {
  const chains = world.map(({ length }, chain) => Array.from({ length }, (_, at) => ({ chain, at })));
  let tries = 0;
  const isGood = async ({ chain, at }: { chain: number; at: number }) => {
    tries += 1;
    return at < (world[chain]?.sound ?? 0);
  };
  return { chains, isGood, tries: () => tries };
}

describe('findLastGood', () => {
  it('finds the newest good point of all chains (property)', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { chains, isGood } = build(world);
        const chain = world.findLastIndex(({ sound }) => sound > 0);
        const expected = chain < 0 ? null : { chain, at: (world[chain]?.sound ?? 0) - 1 };
        expect((await findLastGood(chains, 'previous', isGood, 1000)).good).to.deep.equal(expected);
      }),
    );
  });

  it('tells the oldest bad point that comes after the good one', async () => {
    const { chains, isGood } = build([{ length: 6, sound: 4 }]);
    expect(await findLastGood(chains, 'previous', isGood, 10)).to.deep.equal({
      good: { chain: 0, at: 3 },
      bad: { chain: 0, at: 4 },
    });
  });

  it('bisects: a week of hours takes eight tries at most', async () => {
    const { chains, isGood, tries } = build([{ length: 168, sound: 77 }]);
    expect((await findLastGood(chains, 'previous', isGood, 100)).good).to.deep.equal({ chain: 0, at: 76 });
    expect(tries()).to.be.at.most(8);
  });

  it('gives up after so many tries, with the best that it found', async () => {
    const { chains, isGood, tries } = build([{ length: 168, sound: 100 }]);
    expect((await findLastGood(chains, 'previous', isGood, 2)).good).to.deep.equal({ chain: 0, at: 84 });
    expect(tries()).to.equal(2);
  });

  it('tries one after the other where each point needs its full only, since no point vouches for another', async () => {
    const good = new Set([0, 3, 5]);
    const chain = [0, 1, 2, 3, 4, 5, 6, 7];
    const tried: number[] = [];
    const isGood = async (point: number) => {
      tried.push(point);
      return good.has(point);
    };
    expect(await findLastGood([[100], chain], 'full', isGood, 10)).to.deep.equal({ good: 5, bad: 6 });
    expect(tried).to.deep.equal([7, 6, 5]);
    expect((await findLastGood([[100], [1, 2]], 'full', isGood, 2)).good).to.equal(null);
  });

  it('finds nothing where nothing is', async () => {
    expect(await findLastGood([], 'previous', async () => true, 5)).to.deep.equal({ good: null, bad: null });
  });
});
