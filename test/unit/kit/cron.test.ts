import { expect } from 'chai';
import fc from 'fast-check';
import { happensOn, parseCron } from '../../../src/kit/cron.ts';

const datesOf = (text: string, from: string, days: number) => {
  const cron = parseCron(text);
  if (!cron) throw new TypeError(`${text} is no cron expression`);
  return Array.from({ length: days }, (_, i) => new Date(Date.parse(`${from}T00:00:00Z`) + i * 86_400_000))
    .filter((date) => happensOn(cron, date))
    .map((date) => date.toISOString().slice(5, 10));
};

describe('parseCron', () => {
  it('reads numbers, lists, ranges and steps', () => {
    const cron = parseCron(' 5,30-32,*/20  1-5/2 * 2/5 7 ');
    expect(cron).to.deep.equal({
      minutes: [0, 5, 20, 30, 31, 32, 40],
      hours: [1, 3, 5],
      days: Array.from({ length: 31 }, (_, i) => i + 1),
      months: [2, 7, 12],
      weekdays: [0],
      eitherDay: false,
    });
    expect(parseCron('0 0 * * 5-7')?.weekdays).to.deep.equal([0, 5, 6]);
  });

  it('refuses what no clock shows, and what never happens', () => {
    const bad = ['', '* * * *', '* * * * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8'];
    const worse = [
      '5-1 * * * *',
      '*-5 * * * *',
      '*/0 * * * *',
      '1,,2 * * * *',
      'a * * * *',
      '0 0 * * sun',
      '-1 * * * *',
    ];
    const never = ['0 0 30 2 *', '0 0 31 2,4,6,9,11 *'];
    for (const text of [...bad, ...worse, ...never]) expect(parseCron(text), text).to.equal(undefined);
    expect(parseCron('0 0 29 2 *')).to.not.equal(undefined);
    expect(parseCron('0 0 30 2 1')).to.not.equal(undefined);
  });

  it('takes a day of the month or a weekday where both are named, and both where one begins with a star', () => {
    expect(datesOf('0 0 1 * *', '2026-11-01', 61)).to.deep.equal(['11-01', '12-01', '12-31'].slice(0, 2));
    expect(datesOf('0 0 13 * 5', '2026-11-01', 30)).to.deep.equal(['11-06', '11-13', '11-20', '11-27']);
    expect(datesOf('0 0 10 * 0', '2026-11-01', 15)).to.deep.equal(['11-01', '11-08', '11-10', '11-15']);
    expect(datesOf('0 0 */10 * 0', '2026-11-01', 30)).to.deep.equal(['11-01']);
  });

  it('never throws, and gives values of its fields only (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789*/,- '), maxLength: 30 }), (text) => {
        const cron = parseCron(text);
        if (!cron) return;
        for (const list of [cron.minutes, cron.hours, cron.days, cron.months, cron.weekdays]) {
          expect(list.length).to.be.greaterThan(0);
          expect(new Set(list).size).to.equal(list.length);
        }
        expect(Math.max(...cron.minutes, ...cron.hours)).to.be.below(60);
        expect(Math.min(...cron.days, ...cron.months)).to.be.above(0);
        expect(Math.max(...cron.weekdays)).to.be.below(7);
      }),
    );
  });
});
