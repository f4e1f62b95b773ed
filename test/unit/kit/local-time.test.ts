import { expect } from 'chai';
import { dateAfter, localClock, localDate, localDay, localMoment, shortMoment } from '../../../src/kit/local-time.ts';

describe('local time', () => {
  it('minds the zone, and its summer time', () => {
    expect(localClock('2026-11-22T01:30:00.000Z', 'UTC')).to.equal('01:30');
    expect(localClock('2026-11-22T01:30:00.000Z', 'Europe/Tallinn')).to.equal('03:30');
    expect(localClock('2026-07-22T01:30:00.000Z', 'Europe/Tallinn')).to.equal('04:30');
    expect(localClock('2026-11-22T00:00:00.000Z', 'UTC')).to.equal('00:00');
  });

  it('knows that a date begins earlier in the east', () => {
    expect(localDate('2026-11-21T23:30:00.000Z', 'UTC')).to.equal('2026-11-21');
    expect(localDate('2026-11-21T23:30:00.000Z', 'Europe/Tallinn')).to.equal('2026-11-22');
    expect(localDate('2026-11-22T03:30:00.000Z', 'America/New_York')).to.equal('2026-11-21');
  });

  it('says of another day which one, and of another year that as well', () => {
    const seen = '2026-11-22T02:15:00.000Z';
    expect(localMoment('2026-11-21T23:30:00.000Z', 'UTC', seen)).to.equal('Sat 21 Nov, 23:30');
    expect(localMoment('2025-12-31T23:30:00.000Z', 'UTC', seen)).to.equal('Wed 31 Dec 2025, 23:30');
    expect(shortMoment('2026-11-22T01:30:00.000Z', 'UTC', seen)).to.equal('01:30');
    expect(shortMoment('2026-11-21T23:30:00.000Z', 'UTC', seen)).to.equal('21 Nov 23:30');
    expect(localDay('2026-11-22', '2026-01-01')).to.equal('Sun 22 Nov');
  });

  it('counts days over the ends of months, years, and nights of clock changes', () => {
    expect(dateAfter('2026-03-01', -1)).to.equal('2026-02-28');
    expect(dateAfter('2026-12-31', 1)).to.equal('2027-01-01');
    expect(dateAfter('2026-03-28', 1)).to.equal('2026-03-29');
    expect(dateAfter('2026-10-25', 1)).to.equal('2026-10-26');
  });
});
