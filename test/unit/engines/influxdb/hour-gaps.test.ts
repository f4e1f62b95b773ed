import { expect } from 'chai';
import fc from 'fast-check';
import { type Gap, newGaps } from '../../../../src/engines/influxdb/hour-gaps.ts';

const until = 500_000;
const week = 168;
/** Hours before `until` of four weeks: 1 is the last complete one. */
const fourWeeks = Array.from({ length: 4 * week }, (_, i) => i + 1);

/** Where `has` says that there are points, by how many hours ago. */
const filled = (has: (ago: number) => boolean) => new Set(fourWeeks.filter(has).map((ago) => until - ago));
const gapsOf = (has: (ago: number) => boolean) =>
  newGaps(filled(has), until).map(({ from, to }: Gap) => [until - from, until - to]);

const hourOfDay = (ago: number) => (until - ago) % 24;
const dayOfWeek = (ago: number) => Math.floor((until - ago) / 24) % 7;

describe('newGaps', () => {
  it('finds hours without points in data that always has some', () => {
    expect(gapsOf((ago) => ago > 30 || ago <= 27)).to.deep.equal([[30, 27]]);
    expect(gapsOf((ago) => ago !== 30 && ago !== 29 && ago > 2)).to.deep.equal([
      [30, 28],
      [2, 0],
    ]);
    expect(
      gapsOf((ago) => ago > 60 || ago <= 12),
      'two days',
    ).to.deep.equal([[60, 12]]);
  });

  it('says nothing of data that is whole, and nothing of a single hour', () => {
    expect(gapsOf(() => true)).to.deep.equal([]);
    expect(gapsOf((ago) => ago !== 30)).to.deep.equal([]);
  });

  it('knows nights, weekends and weekly pauses', () => {
    const office = (ago: number) => hourOfDay(ago) >= 7 && hourOfDay(ago) < 19 && dayOfWeek(ago) < 5;
    expect(gapsOf(office)).to.deep.equal([]);
    const backups = (ago: number) => !(dayOfWeek(ago) === 2 && hourOfDay(ago) < 6);
    expect(gapsOf(backups)).to.deep.equal([]);
    expect(
      gapsOf((ago) => ago % 5 === 0),
      'every fifth hour',
    ).to.deep.equal([]);
    expect(
      gapsOf((ago) => ago % week === 3),
      'once a week',
    ).to.deep.equal([]);
  });

  it('finds an hour of work that is missing between nights', () => {
    const nightly = (ago: number) => hourOfDay(ago) >= 6;
    const gone = (ago: number) => nightly(ago) && (ago > 40 || ago <= 20);
    const gaps = gapsOf(gone);
    expect(gaps).to.have.length(1);
    expect(gaps[0]?.[0]).to.be.at.least(40);
  });

  it('does not repeat what earlier drills have told, nor what has been so before', () => {
    expect(
      gapsOf((ago) => ago > 200 || ago <= 190),
      'more than a week ago',
    ).to.deep.equal([]);
    const often = (ago: number) => !(ago > 250 && ago <= 256) && !(ago > 30 && ago <= 34);
    expect(gapsOf(often), 'shorter than one before').to.deep.equal([]);
    const alike = (ago: number) => !(ago > 250 && ago <= 253) && !(ago > 30 && ago <= 35);
    expect(gapsOf(alike), 'hardly longer').to.deep.equal([]);
    const longer = (ago: number) => !(ago > 250 && ago <= 253) && !(ago > 30 && ago <= 36);
    expect(gapsOf(longer)).to.deep.equal([[36, 30]]);
  });

  it('knows no rhythm of less than eight days, nor of nothing', () => {
    expect(gapsOf((ago) => ago <= 191 && (ago > 30 || ago <= 20))).to.deep.equal([]);
    expect(gapsOf((ago) => ago <= 192 && (ago > 30 || ago <= 20))).to.deep.equal([[30, 20]]);
    expect(gapsOf(() => false)).to.deep.equal([]);
    expect(newGaps(new Set([until + 5]), until)).to.deep.equal([]);
  });

  it('never calls hours a gap that have points, in any data', () => {
    const hours = fc.uniqueArray(fc.integer({ min: 1, max: 4 * week }), { maxLength: 400 });
    fc.assert(
      fc.property(hours, (agos) => {
        const has = new Set(agos.map((ago) => until - ago));
        for (const { from, to } of newGaps(has, until)) {
          expect(to - from).to.be.at.least(2);
          expect(to).to.be.at.most(until);
          for (let hour = from; hour < to; hour += 1) expect(has.has(hour)).to.equal(false);
          expect(has.has(from - 1)).to.equal(true);
        }
      }),
    );
  });

  it('says hardly ever something of data that is missing an hour now and then, by chance', () => {
    // Of sixteen hours fifteen are there: now and then two or three in a row are not.
    const draws = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 4 * week, maxLength: 4 * week });
    let alarms = 0;
    fc.assert(
      fc.property(draws, (drawn) => {
        alarms += gapsOf((ago) => drawn[ago - 1] !== 7).length;
      }),
      { numRuns: 200 },
    );
    expect(alarms, 'in 200 drills').to.be.below(10);
  });
});
