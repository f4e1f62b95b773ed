import { expect } from 'chai';
import fc from 'fast-check';
import { rotated, spreadOf, timesAsFast } from '../../../scripts/bench/peers/spread.ts';

describe('what rounds took', () => {
  it('has the middle one as its median, or half-way between the two in the middle', () => {
    expect(spreadOf([7])).to.deep.equal({ median: 7, min: 7, max: 7 });
    expect(spreadOf([9, 1, 4])).to.deep.equal({ median: 4, min: 1, max: 9 });
    expect(spreadOf([10, 1, 2, 4])).to.deep.equal({ median: 3, min: 1, max: 10 });
    expect(() => spreadOf([])).to.throw('nothing');
  });

  it('has as many below its median as above it, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }), (samples) => {
        const { median, min, max } = spreadOf(samples);
        expect([min, max]).to.deep.equal([Math.min(...samples), Math.max(...samples)]);
        const below = samples.filter((each) => each < median).length;
        const above = samples.filter((each) => each > median).length;
        expect(Math.max(below, above)).to.be.at.most(samples.length / 2);
      }),
    );
  });

  it('is compared round by round', () => {
    expect(timesAsFast([40, 90, 100], [10, 20, 50])).to.deep.equal({ median: 4, min: 2, max: 4.5 });
  });

  it('leaves out rounds in which one of both has no time', () => {
    expect(timesAsFast([40, null, 100], [10, 20, null])).to.deep.equal({ median: 4, min: 4, max: 4 });
    expect(timesAsFast([null, 90], [10, null])).to.equal(null);
    expect(timesAsFast([40, 90], [10])).to.deep.equal({ median: 4, min: 4, max: 4 });
  });

  it('begins each round with another one, and leaves nobody out', () => {
    expect([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''))).to.deep.equal([
      'abc',
      'bca',
      'cab',
      'abc',
    ]);
    expect(rotated([], 2)).to.deep.equal([]);
  });
});
