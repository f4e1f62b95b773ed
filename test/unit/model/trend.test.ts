import { expect } from 'chai';
import fc from 'fast-check';
import { seeded } from '../../../src/kit/random.ts';
import { type TimedValue, trendOf } from '../../../src/model/trend.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 0, 1);

const onDays = (n: number, value: (day: number) => number): TimedValue[] =>
  Array.from({ length: n }, (_, day) => ({ atMs: startMs + day * dayMs, value: value(day) }));

function trend(values: readonly TimedValue[]) {
  const found = trendOf(values);
  if (!found) throw new Error('no trend');
  return found;
}

const anyValues = fc
  .array(fc.record({ day: fc.nat(400), value: fc.integer({ min: 0, max: 1e7 }) }), { minLength: 2, maxLength: 40 })
  .map((all) => all.map(({ day, value }) => ({ atMs: startMs + day * dayMs, value })))
  .filter((all) => new Set(all.map((each) => each.atMs)).size > 1);

describe('trendOf', () => {
  it('finds a line exactly, with no doubt about its slope', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: 0, max: 1e6 }), (perDay, level) => {
        const found = trend(onDays(20, (day) => level + perDay * day));
        expect(found.slope * dayMs).to.be.closeTo(perDay, 1e-6);
        expect(found.low * dayMs).to.be.closeTo(perDay, 1e-6);
        expect(found.high * dayMs).to.be.closeTo(perDay, 1e-6);
        expect(found.valueAt(startMs + 100 * dayMs)).to.be.closeTo(level + perDay * 100, 1e-3);
      }),
    );
  });

  it('is not moved much by a quarter of wild values', () => {
    const found = trend(onDays(40, (day) => (day % 4 === 1 ? 1e7 : 1000 + 10 * day)));
    expect(found.slope * dayMs).to.be.within(8, 25);
  });

  it('holds its slope inside its interval, and crosses earlier the steeper it is', () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        const found = trend(values);
        expect(found.low).to.be.at.most(found.slope);
        expect(found.high).to.be.at.least(found.slope);
        const lastMs = Math.max(...values.map((each) => each.atMs));
        const [low, mid, high] = [found.low, found.slope, found.high].map((slope) =>
          found.valueAt(lastMs + 90 * dayMs, slope),
        );
        expect(low).to.be.at.most((mid ?? 0) + 1e-3);
        expect(mid).to.be.at.most((high ?? 0) + 1e-3);
      }),
    );
  });

  it('does not mind the order of the values, nor when they were', () => {
    fc.assert(
      fc.property(anyValues, fc.integer({ min: -2000, max: 2000 }), (values, days) => {
        const one = trend(values);
        const shifted = values.toReversed().map(({ atMs, value }) => ({ atMs: atMs + days * dayMs, value }));
        const other = trend(shifted);
        expect(other.slope).to.be.closeTo(one.slope, 1e-12);
        expect(other.low).to.be.closeTo(one.low, 1e-12);
        const atMs = startMs + 500 * dayMs;
        expect(other.valueAt(atMs + days * dayMs)).to.be.closeTo(one.valueAt(atMs), 1e-3);
      }),
    );
  });

  it('reaches a value when its line has it', () => {
    fc.assert(
      fc.property(anyValues, fc.integer({ min: 0, max: 1e7 }), (values, value) => {
        const found = trend(values);
        const atMs = found.reaches(value);
        expect(atMs === null).to.equal(found.slope === 0);
        if (atMs !== null) expect(found.valueAt(atMs)).to.be.closeTo(value, 1);
      }),
    );
  });

  it('covers the true slope in about 95 of 100 tries', () => {
    const random = seeded(1);
    const noise = () => random() + random() + random() - 1.5;
    const tries = 200;
    let covered = 0;
    for (let i = 0; i < tries; i += 1) {
      const { low, high } = trend(onDays(30, (day) => 1000 + 5 * day + 100 * noise()));
      if (low * dayMs <= 5 && high * dayMs >= 5) covered += 1;
    }
    expect(covered / tries).to.be.within(0.9, 0.99);
  });

  it('is none of a single instant', () => {
    expect(trendOf([])).to.equal(undefined);
    expect(trendOf([{ atMs: 1, value: 1 }])).to.equal(undefined);
    expect(
      trendOf([
        { atMs: 1, value: 1 },
        { atMs: 1, value: 2 },
      ]),
    ).to.equal(undefined);
  });
});
