import { expect } from 'chai';
import { SimulatedClock } from '../../../scripts/demo/simulated-clock.ts';
import { planWeek, randomHour } from '../../../scripts/demo/week-plan.ts';

describe("the demo's week", () => {
  it('is the last one that is over: a full on Sunday, six nights, some hours of Saturday, then the drill', () => {
    for (const now of ['2026-11-22T00:00:00Z', '2026-11-24T12:00:00Z', '2026-11-28T23:59:59Z']) {
      const { moments, drillAt, burnedAt } = planWeek(new Date(now));
      expect(
        moments.map((each) => each.at.toISOString().slice(0, 16)),
        now,
      ).to.deep.equal([
        ...[15, 16, 17, 18, 19, 20, 21].map((day) => `2026-11-${day}T01:30`),
        ...['21T21:30', '21T22:30', '21T23:30'].map((hour) => `2026-11-${hour}`),
      ]);
      expect(moments.filter((each) => each.full)).to.have.length(1);
      expect(moments.filter((each) => each.services).map((each) => each.services)).to.deep.equal(
        Array(3).fill(['agama']),
      );
      expect(drillAt.toISOString()).to.equal('2026-11-21T23:45:00.000Z');
      // Within agama's hour of the last backup.
      expect(burnedAt.toISOString()).to.equal('2026-11-21T23:55:00.000Z');
    }
  });

  it('has an instant by chance between its hourly backups, to the second', () => {
    const week = planWeek(new Date('2026-11-24T12:00:00Z'));
    expect(randomHour(week, 0).toISOString()).to.equal('2026-11-21T21:30:00.000Z');
    expect(randomHour(week, 0.99999).getTime()).to.be.below(Date.parse('2026-11-21T23:30:00Z'));
    expect(randomHour(week, 0.34567).getMilliseconds()).to.equal(0);
  });

  it('runs on a clock that is set forward, and measures durations on the real one', () => {
    const clock = new SimulatedClock();
    const monotonicMs = clock.monotonicMs();
    clock.set(new Date('2026-11-15T01:30:00Z'));
    expect(clock.now().getTime() - Date.parse('2026-11-15T01:30:00Z')).to.be.within(0, 1_000);
    expect(clock.monotonicMs() - monotonicMs).to.be.within(0, 1_000);
  });
});
