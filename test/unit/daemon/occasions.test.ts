import { expect } from 'chai';
import fc from 'fast-check';
import { Occasions } from '../../../src/daemon/occasions.ts';
import { parseCron } from '../../../src/kit/cron.ts';

const hourMs = 3_600_000;

function occasions(text: string, timeZone: string): Occasions {
  const cron = parseCron(text);
  if (!cron) throw new TypeError(`${text} is no cron expression`);
  return new Occasions(cron, timeZone);
}

/** All that lie in a span of UTC dates. */
function all(text: string, timeZone: string, from: string, until: string): Date[] {
  const before = new Date(Date.parse(`${from}T00:00:00Z`) - 1);
  return occasions(text, timeZone).between(before, new Date(`${until}T00:00:00Z`), 100_000);
}

/** What a clock on the wall there shows, by another way than the code's own: `2026-03-29 04:30`. */
function wallClock(instant: Date, timeZone: string): string {
  return instant.toLocaleString('sv-SE', { timeZone }).slice(0, 16);
}

const iso = (dates: readonly Date[]) => dates.map((date) => date.toISOString().replace(':00.000Z', 'Z'));
const gapsOf = (dates: readonly Date[]) =>
  dates.slice(1).map((date, i) => (date.getTime() - (dates[i]?.getTime() ?? 0)) / hourMs);

interface Change {
  zone: string;
  date: string;
  /** A local time that is skipped, or that comes twice. */
  time: string;
  kind: 'skipped' | 'doubled';
  /** The one instant of that night. */
  night: string;
}

const changes: Change[] = [
  { zone: 'Europe/Tallinn', date: '2026-03-29', time: '03:30', kind: 'skipped', night: '2026-03-29T01:30Z' },
  { zone: 'Europe/Tallinn', date: '2026-10-25', time: '03:30', kind: 'doubled', night: '2026-10-25T00:30Z' },
  { zone: 'Europe/Tallinn', date: '2027-03-28', time: '03:30', kind: 'skipped', night: '2027-03-28T01:30Z' },
  { zone: 'Europe/Tallinn', date: '2027-10-31', time: '03:30', kind: 'doubled', night: '2027-10-31T00:30Z' },
  { zone: 'America/New_York', date: '2026-03-08', time: '02:30', kind: 'skipped', night: '2026-03-08T07:30Z' },
  { zone: 'America/New_York', date: '2026-11-01', time: '01:30', kind: 'doubled', night: '2026-11-01T05:30Z' },
  { zone: 'America/New_York', date: '2027-03-14', time: '02:30', kind: 'skipped', night: '2027-03-14T07:30Z' },
  { zone: 'America/New_York', date: '2027-11-07', time: '01:30', kind: 'doubled', night: '2027-11-07T05:30Z' },
];

describe('occasions at a clock change', () => {
  for (const { zone, date, time, kind, night } of changes) {
    const [hour, minute] = time.split(':').map(Number);
    const day = (days: number) =>
      new Date(Date.parse(`${date}T00:00:00Z`) + days * 24 * hourMs).toISOString().slice(0, 10);

    it(`has one night in ${zone} on ${date}, whose ${time} is ${kind}`, () => {
      const nights = all(`${minute} ${hour} * * *`, zone, day(-3), day(4));
      expect(nights).to.have.length(7);
      expect(iso(nights)).to.include(night);
      const wanted = Array.from({ length: 7 }, (_, i) => day(i - 3));
      expect(nights.map((each) => wallClock(each, zone).slice(0, 10))).to.deep.equal(wanted);
      expect(gapsOf(nights)).to.deep.equal([24, 24, 24, kind === 'skipped' ? 23 : 25, 24, 24]);
    });

    it(`goes on hourly, by real time, in ${zone} on ${date}`, () => {
      const hours = all('30 * * * *', zone, day(-1), day(2));
      expect(hours).to.have.length(72);
      expect(new Set(gapsOf(hours))).to.deep.equal(new Set([1]));
      const shown = hours.map((each) => wallClock(each, zone)).filter((each) => each === `${date} ${time}`);
      expect(shown).to.have.length(kind === 'skipped' ? 0 : 2);
    });
  }

  it('has one night on each date of two years, and each hour of them once, in both zones', () => {
    for (const zone of ['Europe/Tallinn', 'America/New_York']) {
      for (const time of ['30 1 * * *', '30 2 * * *', '30 3 * * *', '0 0 * * *', '59 23 * * *']) {
        const dates = all(time, zone, '2025-12-31', '2028-01-02')
          .map((each) => wallClock(each, zone).slice(0, 10))
          .filter((date) => date >= '2026-01-01' && date < '2028-01-01');
        expect(dates, `${zone} ${time}`).to.have.length(730);
        expect(new Set(dates).size, `${zone} ${time}`).to.equal(730);
      }
      expect(all('15 * * * *', zone, '2026-01-01', '2028-01-01')).to.have.length(730 * 24);
    }
  });

  it('parts Sunday from the other days by the local date', () => {
    const sundays = all('30 1 * * 0', 'Europe/Tallinn', '2026-10-17', '2026-11-03');
    expect(iso(sundays)).to.deep.equal(['2026-10-17T22:30Z', '2026-10-24T22:30Z', '2026-10-31T23:30Z']);
    const others = all('30 1 * * 1-6', 'Europe/Tallinn', '2026-10-17', '2026-11-03');
    expect(sundays.length + others.length).to.equal(
      all('30 1 * * *', 'Europe/Tallinn', '2026-10-17', '2026-11-03').length,
    );
  });

  it('comes once where a skipped time falls on another that is named', () => {
    const nights = all('0 1-6 * * *', 'Europe/Tallinn', '2026-03-28', '2026-03-30').filter(
      (each) => wallClock(each, 'Europe/Tallinn').slice(0, 10) === '2026-03-29',
    );
    expect(nights.map((each) => wallClock(each, 'Europe/Tallinn').slice(11))).to.deep.equal([
      '01:00',
      '02:00',
      '04:00',
      '05:00',
      '06:00',
    ]);
  });

  it('has its night also where midnight is skipped, or half an hour only', () => {
    const beirut = all('15 0 * * *', 'Asia/Beirut', '2026-03-26', '2026-03-31');
    expect(new Set(beirut.map((each) => wallClock(each, 'Asia/Beirut').slice(0, 10))).size).to.equal(beirut.length);
    expect(beirut.map((each) => wallClock(each, 'Asia/Beirut'))).to.include('2026-03-29 01:15');
    const island = all('15 2 * * *', 'Australia/Lord_Howe', '2026-10-01', '2026-10-07');
    expect(island.map((each) => wallClock(each, 'Australia/Lord_Howe'))).to.include('2026-10-04 02:45');
    expect(island).to.have.length(6);
    const nuuk = occasions('10,30 0,23 * * *', 'America/Nuuk');
    const shown = nuuk.between(new Date('2026-03-28T12:00:00Z'), new Date('2026-03-29T12:00:00Z'));
    expect(shown.map((each) => wallClock(each, 'America/Nuuk').slice(11))).to.deep.equal(['00:10', '00:30']);
    expect(nuuk.last(new Date('2026-03-29T06:00:00Z'))).to.deep.equal(shown.at(-1));
  });
});

describe('occasions', () => {
  it('finds the newest and the next one', () => {
    const nightly = occasions('30 1 * * *', 'UTC');
    const at = (text: string) => new Date(`2026-11-22T${text}Z`);
    expect(nightly.last(at('01:30:00'))).to.deep.equal(at('01:30:00'));
    expect(nightly.last(at('01:29:59'))?.toISOString()).to.equal('2026-11-21T01:30:00.000Z');
    expect(nightly.next(at('01:30:00'))?.toISOString()).to.equal('2026-11-23T01:30:00.000Z');
    expect(nightly.next(at('01:29:59'))).to.deep.equal(at('01:30:00'));
  });

  it('finds what is years away', () => {
    const leap = occasions('0 4 29 2 *', 'Europe/Tallinn');
    expect(leap.last(new Date('2028-02-28T00:00:00Z'))?.toISOString()).to.equal('2024-02-29T02:00:00.000Z');
    expect(leap.next(new Date('2028-03-01T00:00:00Z'))?.toISOString()).to.equal('2032-02-29T02:00:00.000Z');
    expect(leap.next(new Date('2096-03-01T00:00:00Z'))?.toISOString()).to.equal('2104-02-29T02:00:00.000Z');
  });

  it('tells no more than it was asked for', () => {
    const each = occasions('* * * * *', 'UTC');
    expect(each.between(new Date('2026-01-01T00:00:00Z'), new Date('2027-01-01T00:00:00Z'), 5)).to.have.length(5);
  });

  it('agrees with itself: each is the last at its own time, and the next of the one before (property)', () => {
    const zones = [
      'UTC',
      'Europe/Tallinn',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'Pacific/Apia',
    ];
    const texts = ['30 1 * * *', '*/20 * * * *', '15 2,3 * * 0', '5 0 1 * *', '30 23 * * 1-6'];
    const instant = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.constantFrom(...texts), instant, (zone, text, now) => {
        const asked = occasions(text, zone);
        const last = asked.last(now);
        const next = asked.next(now);
        if (!last || !next) throw new TypeError('there is always one');
        expect(last.getTime()).to.be.at.most(now.getTime());
        expect(next.getTime()).to.be.above(now.getTime());
        expect(asked.next(last)).to.deep.equal(next);
        expect(asked.last(new Date(next.getTime() - 1))).to.deep.equal(last);
        expect(asked.between(last, next)).to.deep.equal([]);
      }),
    );
  });
});
