import { expect } from 'chai';
import fc from 'fast-check';
import { pick, seeded, shuffled } from '../../../src/kit/random.ts';

const take = (seed: number, n = 100) => {
  const random = seeded(seed);
  return Array.from({ length: n }, random);
};

describe('seeded', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    expect(take(7)).to.deep.equal(take(7));
    expect(take(7)).to.not.deep.equal(take(8));
    for (const each of take(2 ** 32 - 1, 1_000)) expect(each).to.be.within(0, 1).and.not.equal(1);
  });

  it('spreads them evenly', () => {
    const counts = Map.groupBy(take(1, 10_000), (each) => Math.floor(each * 10));
    for (const group of counts.values()) expect(group.length).to.be.within(850, 1_150);
  });
});

describe('pick and shuffled', () => {
  it('choose among what is there', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.nat(), (items, seed) => {
        expect(items).to.include(pick(seeded(seed), items));
        expect(shuffled(seeded(seed), items).sort()).to.deep.equal(items.toSorted());
      }),
    );
    expect(pick(seeded(1), [])).to.equal(undefined);
  });
});
