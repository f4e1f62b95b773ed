import { expect } from 'chai';
import { dueJobs, nextJob } from '../../../src/daemon/due.ts';
import { emptyMemory, withJob } from '../../../src/daemon/memory.ts';
import { introduced } from '../../../src/daemon/progress.ts';
import { jobMinutes, jobOf, nightJobs, occasions, SimulatedNights, type StubEnd } from '../../support/daemon-jobs.ts';

/** Nights in which all goes well, but for what `change` says. */
function nights(
  from: string,
  change: (job: string, attempt: number, occasion: string) => Partial<StubEnd> = () => ({}),
) {
  return new SimulatedNights(nightJobs(), from, ({ job, occasion }, attempt) => ({
    minutes: jobMinutes[job.name] ?? 1,
    ...change(job.name, attempt, occasion.toISOString()),
  }));
}

/** After a first day in which all that had never run was made, at a Saturday's noon; nothing of it is told. */
function settled(change?: Parameters<typeof nights>[1]) {
  const simulated = nights('2026-11-21T09:00:00Z', change).runUntil('2026-11-21T12:00:00Z');
  simulated.done.length = 0;
  return simulated;
}

/** How many runs each job had. */
function count(done: readonly { job: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { job } of done) counts[job] = (counts[job] ?? 0) + 1;
  return counts;
}

describe('what is due', () => {
  it('is at first everything, once: a backup that covers the others, then sync, drill and expire', () => {
    const first = nights('2026-11-18T09:00:00Z').runUntil('2026-11-18T10:00:00Z');
    expect(first.told).to.deep.equal(['full 09:00', 'sync 09:20', 'hourly 09:30', 'drill 09:30', 'expire 09:42']);
  });

  it('goes through a night in its order: backup, sync, drill, expire', () => {
    const night = settled().runUntil('2026-11-22T03:00:00Z');
    expect(night.told.slice(-6)).to.deep.equal([
      'hourly 00:30',
      'full 01:30',
      'sync 01:50',
      'drill 02:15',
      'expire 02:27',
      'hourly 02:30',
    ]);
  });

  it('keeps the drill waiting for a backup and a copy that take long, and the hourly increment beside both', () => {
    const slow = settled((job) => ({ full: { minutes: 100 }, sync: { minutes: 90 } })[job] ?? {});
    slow.runUntil('2026-11-22T06:00:00Z');
    const told = slow.told.slice(slow.told.indexOf('full 01:30'));
    expect(told).to.deep.equal([
      'full 01:30',
      // The one of 02:30 waited for the full, and began at the same time as the copy.
      'hourly 03:10',
      'hourly 03:30',
      'hourly 04:30',
      'sync 03:10',
      'drill 04:40',
      'expire 04:52',
      'hourly 05:30',
    ]);
  });

  it('makes good for a missed Sunday once, and for ten missed hours once', () => {
    const off = settled().runUntil('2026-11-22T00:00:00Z');
    off.done.length = 0;
    off.offUntil('2026-11-23T10:00:00Z').runUntil('2026-11-23T12:00:00Z');
    expect(off.told).to.deep.equal([
      'full 10:00',
      'sync 10:20',
      'hourly 10:30',
      'drill 10:30',
      'expire 10:42',
      'hourly 11:30',
    ]);
    expect(off.done.map(({ missed }) => missed)).to.deep.equal([0, 0, 0, 1, 0, 0]);
  });

  it('makes good for missed hours once where no night was missed', () => {
    const off = settled().runUntil('2026-11-21T12:45:00Z');
    off.done.length = 0;
    off.offUntil('2026-11-21T22:45:00Z').runUntil('2026-11-21T23:29:00Z');
    expect(off.done.map(({ job, missed, occasion }) => [job, missed, occasion])).to.deep.equal([
      ['hourly', 9, '2026-11-21T22:30:00.000Z'],
    ]);
  });

  it('makes good for a missed drill once, of the newest night', () => {
    const off = settled().runUntil('2026-11-22T02:05:00Z');
    off.done.length = 0;
    off.offUntil('2026-11-24T12:00:00Z').runUntil('2026-11-24T13:00:00Z');
    expect(count(off.done)).to.deep.equal({ incremental: 1, sync: 1, drill: 1, expire: 1, hourly: 1 });
    const drill = off.done.find(({ job }) => job === 'drill');
    expect(drill).to.include({ occasion: '2026-11-24T02:15:00.000Z', missed: 2 });
  });

  it('lets nothing expire after a drill that did not pass', () => {
    for (const status of [1, 2, 3, 4, 10]) {
      const bad = settled((job) => (job === 'drill' ? { status } : {})).runUntil('2026-11-23T00:00:00Z');
      expect(count(bad.done), `${status}`).to.not.have.property('expire');
      expect(bad.done.filter(({ job }) => job === 'drill').length, `${status}`).to.equal(
        [1, 4].includes(status) ? 3 : 1,
      );
    }
  });

  it('never runs two side by side that use the same, and never one beside itself', () => {
    const jobs = nightJobs();
    const busy = new SimulatedNights(jobs, '2026-11-18T00:00:00Z', ({ job }) => ({ minutes: 17 * job.name.length }));
    busy.runUntil('2026-11-25T00:00:00Z');
    expect(busy.done.length).to.be.greaterThan(100);
    const usesOf = (name: string) => jobs.find((job) => job.name === name)?.uses ?? [];
    const together = busy.done.flatMap((one, i) =>
      busy.done
        .slice(i + 1)
        .filter((other) => one.startedAt < other.endedAt && other.startedAt < one.endedAt)
        .filter((other) => usesOf(one.job).some((use) => usesOf(other.job).includes(use)))
        .map((other) => `${one.job} ${one.startedAt} beside ${other.job} ${other.startedAt}`),
    );
    expect(together).to.deep.equal([]);
  });

  it('waits for its next time where it can wait, and then is as any other', () => {
    const digest = jobOf('digest', occasions('0 8 * * 1'), { canWait: true });
    const now = new Date('2026-11-22T12:00:00Z');
    const memory = introduced([digest, jobOf('nightly', occasions('0 3 * * *'))], emptyMemory, now);
    expect(Object.keys(memory.jobs)).to.deep.equal(['digest']);
    expect(nextJob([digest], memory, now)).to.equal(undefined);
    expect(nextJob([digest], memory, new Date('2026-11-23T08:00:00Z'))?.job.name).to.equal('digest');
    expect(introduced([digest], memory, new Date('2026-12-22T12:00:00Z'))).to.deep.equal(memory);
  });

  it('is nothing between, and nothing without a schedule', () => {
    const now = new Date('2026-11-22T12:00:00Z');
    const nightly = jobOf('nightly', occasions('0 3 * * *'));
    expect(dueJobs([], emptyMemory, now)).to.deep.equal([]);
    expect(dueJobs([jobOf('follower', { jobs: ['nightly'], statuses: 'any' })], emptyMemory, now)).to.deep.equal([]);
    expect(
      dueJobs([nightly], withJob(emptyMemory, 'nightly', { settled: '2026-11-22T03:00:00.000Z' }), now),
    ).to.deep.equal([]);
  });
});

describe('a clock that was wrong', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  const nightly = jobOf('nightly', occasions('0 3 * * *'));
  const settledAt = (settled: string) => withJob(emptyMemory, 'nightly', { settled });

  it('does not keep a job from its work for years', () => {
    const due = nextJob([nightly], settledAt('2031-01-01T03:00:00.000Z'), now);
    expect(due).to.deep.include({ occasion: new Date('2026-11-22T03:00:00.000Z'), missed: 0 });
  });

  it('does not make a night twice where it was set back by some hours', () => {
    expect(nextJob([nightly], settledAt('2026-11-22T03:00:00.000Z'), new Date('2026-11-22T02:58:00Z'))).to.equal(
      undefined,
    );
    expect(nextJob([nightly], settledAt('2026-11-23T03:00:00.000Z'), new Date('2026-11-22T20:00:00Z'))).to.equal(
      undefined,
    );
  });

  it('keeps no follower from coming to rest', () => {
    const follower = jobOf('follower', { jobs: ['nightly'], statuses: 'any' });
    const future = '2031-01-01T03:00:00.000Z';
    const triggered = withJob(emptyMemory, 'follower', { triggered: future });
    expect(nextJob([follower], triggered, now)?.job.name).to.equal('follower');
    expect(nextJob([follower], withJob(triggered, 'follower', { settled: future }), now)).to.equal(undefined);
  });
});

describe('a week and a month of nights', () => {
  it('has in a week seven nights, each with a drill, and an increment for each other hour', () => {
    const week = settled().runUntil('2026-11-22T00:00:00Z');
    week.done.length = 0;
    week.runUntil('2026-11-29T00:00:00Z');
    expect(count(week.done)).to.deep.equal({
      full: 1,
      incremental: 6,
      // Of 168 hours, the seven of the nights' own backups are covered by them.
      hourly: 161,
      sync: 7,
      drill: 7,
      expire: 7,
    });
    expect(week.done.filter(({ end, attempt, missed }) => end !== 'ok' || attempt !== 1 || missed !== 0)).to.deep.equal(
      [],
    );
  });

  it('has in each month of two years a drill per date, and one that the building has burned, in each zone', () => {
    for (const zone of ['Europe/Tallinn', 'America/New_York']) {
      for (const month of ['2026-03', '2026-10', '2026-11', '2027-03', '2027-10', '2027-11']) {
        const jobs = nightJobs(zone).filter(({ name }) => name !== 'hourly');
        const start = new Date(`${month}-01T00:00:00Z`);
        const end = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 2)).toISOString();
        const before = new Date(start.getTime() - 2 * 86_400_000).toISOString();
        const simulated = new SimulatedNights(jobs, before, ({ job }) => ({ minutes: jobMinutes[job.name] ?? 1 }));
        simulated.runUntil(end);
        const localDate = (instant: string) =>
          new Date(instant).toLocaleString('sv-SE', { timeZone: zone }).slice(0, 10);
        const nightsOf = (...names: string[]) =>
          simulated.done
            .filter(({ job, occasion }) => names.includes(job) && localDate(occasion).startsWith(month))
            .map(({ occasion }) => localDate(occasion));
        const days = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0)).getUTCDate();
        for (const names of [['full', 'incremental'], ['drill']]) {
          expect(nightsOf(...names), `${zone} ${month} ${names}`).to.have.length(days);
          expect(new Set(nightsOf(...names)).size, `${zone} ${month} ${names}`).to.equal(days);
        }
        expect(nightsOf('burned'), `${zone} ${month}`).to.deep.equal([`${month}-01`]);
        expect(
          nightsOf('full').every((date) => new Date(date).getUTCDay() === 0),
          `${zone} ${month}`,
        ).to.equal(true);
      }
    }
  }).timeout(60_000);
});
