import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { FiredrillError } from '../../../src/kit/errors.ts';
import type { JobOutcome } from '../../../src/model/job-outcome.ts';
import { jobMinutes, nightJobs } from '../../support/daemon-jobs.ts';
import { DaemonWorld, noTicks } from '../../support/daemon-world.ts';
import { rejectionOf } from '../../support/rejection.ts';

const fateOf = ({ job }: { job: string }) => ({ minutes: jobMinutes[job] ?? 1 });

/** Each run that was made, by its job and the time that it was for. */
const madeOf = (world: DaemonWorld) => [...world.processes.values()].map(({ run }) => `${run.job} ${run.occasion}`);

function countsOf(outcomes: readonly { job: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { job } of outcomes) counts[job] = (counts[job] ?? 0) + 1;
  return counts;
}

async function world(from: string, until: string, jobs = nightJobs(), stepMinutes = 1) {
  const made = new DaemonWorld(jobs, from, fateOf);
  await made.start();
  await made.runUntil(until, stepMinutes);
  return made;
}

describe('the daemon', () => {
  it('makes a week of nights on a fast clock, and tells of each begin and end', async () => {
    const week = await world('2026-11-18T00:00:00Z', '2026-11-25T00:00:00Z');
    const { told, begins, processes } = week;
    expect(countsOf(told)).to.deep.equal({
      full: 2,
      incremental: 6,
      hourly: 161,
      sync: 8,
      // What had never run, and then seven nights.
      drill: 8,
      expire: 8,
      burned: 1,
    });
    expect(told.every(({ end, attempt }) => end === 'ok' && attempt === 1)).to.equal(true);
    expect(new Set(told.map(({ run }) => run)).size).to.equal(told.length);
    expect(begins.map(({ run }) => run)).to.have.members([...processes.keys()]);
    expect(week.disk).to.deep.include({ running: [], untold: [] });
  }).timeout(60_000);

  it('makes a month of nights, through a clock change, with one drill per date', async () => {
    const month = await world('2026-10-01T12:00:00Z', '2026-10-31T12:00:00Z', nightJobs('Europe/Tallinn'), 5);
    const dates = month.told
      .filter(({ job, occasion }) => job === 'drill' && occasion > '2026-10-01T12:00:00Z')
      .map(({ occasion }) => new Date(occasion).toLocaleString('sv-SE', { timeZone: 'Europe/Tallinn' }).slice(0, 10));
    expect(dates).to.deep.equal(Array.from({ length: 30 }, (_, i) => `2026-10-${String(i + 2).padStart(2, '0')}`));
    const nights = countsOf(month.told);
    expect((nights.full ?? 0) + (nights.incremental ?? 0)).to.equal(31);
    expect(nights.hourly).to.equal(30 * 24 - 30);
  }).timeout(60_000);

  it('keeps a fast clock from nothing: what is due at the same time begins at the same time', async () => {
    const { told } = await world('2026-11-22T01:00:00Z', '2026-11-22T03:00:00Z');
    const drill = told.find(({ job }) => job === 'drill');
    const expiry = told.find(({ job }) => job === 'expire');
    expect(Date.parse(expiry?.startedAt ?? '') - Date.parse(drill?.endedAt ?? '')).to.equal(0);
  });
});

describe('a daemon that is killed', () => {
  /** A Saturday to Sunday night, from all that is settled to all that is told. */
  async function night(killAt?: string, powerFails = false) {
    const made = new DaemonWorld(nightJobs(), '2026-11-21T21:00:00Z', fateOf);
    await made.start();
    await made.runUntil('2026-11-21T23:00:00Z');
    made.steps.length = 0;
    made.processes.clear();
    made.told.length = 0;
    made.killAt = killAt;
    if (killAt !== undefined && powerFails) {
      // The processes die with the daemon: it is noticed a minute later.
      const minute = 60_000;
      for (let at = made.now.getTime() + minute; at <= Date.parse('2026-11-22T04:00:00Z'); at += minute) {
        const wasAlive = !made.isDead;
        await made.runUntil(new Date(at).toISOString());
        if (made.isDead && wasAlive) made.powerFailure();
      }
    } else await made.runUntil('2026-11-22T04:00:00Z');
    return made;
  }

  it('at each of its steps: nothing is made twice, nothing is missing, and all is told', async () => {
    const undisturbed = await night();
    const made = madeOf(undisturbed);
    expect(made).to.have.length(8);
    const steps = undisturbed.steps;
    expect(steps.length).to.be.greaterThan(60);
    for (const step of steps) {
      const killed = await night(step);
      expect(killed.steps, step).to.include(step);
      // A run of which only the intention was written down is begun once more, under another name; others never.
      expect(madeOf(killed).map(shortly), step).to.have.members(made.map(shortly));
      expect(new Set(killed.told.map(({ run }) => run)).size, step).to.be.at.least(made.length);
      expect(okOf(killed.told), step).to.have.members(okOf(undisturbed.told));
      expect(killed.disk, step).to.deep.include({ running: [], untold: [] });
    }
  }).timeout(120_000);

  it('with all that it began: each is begun again at once, with what is missing only', async () => {
    const undisturbed = await night();
    const starts = undisturbed.steps.filter((step) => step.startsWith('start') && step.endsWith('after'));
    for (const step of starts) {
      const killed = await night(step, true);
      expect(okOf(killed.told), step).to.have.members(okOf(undisturbed.told));
      const died = killed.told.filter(({ end }) => end === 'died');
      expect(died, step).to.have.length(1);
      expect(died[0]?.retryAt, step).to.equal(died[0]?.endedAt);
      expect(killed.disk, step).to.deep.include({ running: [], untold: [] });
    }
  }).timeout(120_000);

  /** Without the end of the job before, by which followers are named: it moves with the restart. */
  const shortly = (made: string) => (/^(sync|expire) /.test(made) ? made.slice(0, made.length - 14) : made);
  const okOf = (told: readonly JobOutcome[]) => [
    ...new Set(told.filter(({ end }) => end === 'ok').map(({ job, occasion }) => shortly(`${job} ${occasion}`))),
  ];
});

describe('what a daemon is told and tells', () => {
  it('stops what runs when it is told to, and goes on with it when it is there again', async () => {
    const stopped = new DaemonWorld(nightJobs(), '2026-11-22T01:35:00Z', fateOf);
    await stopped.start();
    await stopped.runUntil('2026-11-22T01:45:00Z');
    await stopped.daemon.stop();
    expect(stopped.told.map(({ job, end, retryAt }) => [job, end, retryAt])).to.deep.equal([
      ['full', 'interrupted', '2026-11-22T01:45:00.000Z'],
    ]);
    expect(stopped.disk.running).to.deep.equal([]);
    await stopped.start();
    await stopped.runUntil('2026-11-22T03:00:00Z');
    const again = [...stopped.processes.values()].filter(({ run }) => run.job === 'full');
    expect(again.map(({ run }) => run.attempt)).to.deep.equal([1, 2]);
    expect(stopped.told.filter(({ job, end }) => job === 'full' && end === 'ok')).to.have.length(1);
  });

  it('is not disturbed by an observer that throws, and logs it', async () => {
    const bad = new DaemonWorld(nightJobs(), '2026-11-22T02:20:00Z', fateOf);
    const fail = async () => {
      throw new FiredrillError('HOST_UNREACHABLE', 'no mail\u001b server');
    };
    await bad.start([{ name: 'mail', began: fail, ended: fail }, bad.observer]);
    await bad.runUntil('2026-11-22T03:20:00Z');
    expect(countsOf(bad.told)).to.include({ full: 1, sync: 1, drill: 1, expire: 1 });
    expect(bad.logged).to.deep.include({
      level: 'error',
      message: 'mail could not be told of full: no mail\\x1b server',
    });
    expect(bad.disk.untold).to.deep.equal([]);
  });

  it('goes on with its jobs while somebody is slow to be told, and tells it again when it was killed meanwhile', async () => {
    const slow = new DaemonWorld(nightJobs(), '2026-11-22T01:25:00Z', fateOf);
    const asked: string[] = [];
    const tellsForEver = ({ job }: JobOutcome) => {
      asked.push(job);
      return new Promise<never>(() => {});
    };
    await slow.start([{ name: 'slow', ended: tellsForEver }]);
    await slow.runUntil('2026-11-22T03:00:00Z');
    expect(asked).to.include.members(['full', 'sync', 'drill', 'expire']);
    expect(slow.disk.untold.map(({ job }) => job)).to.deep.equal(asked);
    await slow.start();
    await sleep(10);
    expect(slow.told.map(({ job }) => job)).to.deep.equal(asked);
    expect(slow.disk.untold).to.deep.equal([]);
  });

  it('does not wait long for an observer when it is told to stop, and leaves it to the next one', async () => {
    const slow = new DaemonWorld(nightJobs(), '2026-11-22T01:25:00Z', fateOf);
    const signals: AbortSignal[] = [];
    const patient = async (outcome: JobOutcome, signal: AbortSignal) => {
      signals.push(signal);
      if (outcome.job === 'full')
        return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      return new Promise<never>(() => {});
    };
    await slow.start([{ name: 'slow', ended: patient }], 20);
    await slow.runUntil('2026-11-22T02:10:00Z');
    const began = performance.now();
    await slow.daemon.stop();
    expect(performance.now() - began).to.be.below(2000);
    expect(signals.every(({ aborted }) => aborted)).to.equal(true);
    expect(slow.disk.untold.map(({ job }) => job)).to.include.members(['full', 'sync']);
  });

  it('begins beside something long what comes due meanwhile, also when it runs once', async () => {
    const once = new DaemonWorld(nightJobs(), '2026-11-22T02:20:00Z', ({ job }) => ({
      minutes: job === 'drill' ? 30 : 1,
    }));
    const daemon = await once.start();
    const ticks: (() => void)[] = [];
    const rested = daemon.rest(new AbortController().signal, (tick) => {
      ticks.push(tick);
      return { [Symbol.dispose]: () => void ticks.pop() };
    });
    let isOver = false;
    void rested.then(() => {
      isOver = true;
    });
    for (let minute = 0; minute < 600 && !isOver; minute += 1) {
      await once.passMinute();
      for (const tick of ticks) tick();
    }
    await rested;
    const drill = once.told.find(({ job }) => job === 'drill');
    const hourly = once.told.find(({ job }) => job === 'hourly');
    expect(hourly?.startedAt).to.equal('2026-11-22T02:30:00.000Z');
    const order = [drill?.startedAt, hourly?.startedAt, hourly?.endedAt, drill?.endedAt];
    expect(order).to.deep.equal(order.toSorted());
    expect(countsOf(once.told)).to.deep.equal({ full: 1, sync: 1, drill: 1, hourly: 1, expire: 1, burned: 1 });
    expect(ticks).to.deep.equal([]);
  });

  it('ends when it cannot write down what it does, and begins nothing that nobody would know of', async () => {
    const full = new DaemonWorld(nightJobs(), '2026-11-22T01:25:00Z', fateOf);
    const daemon = await full.start();
    Object.defineProperty(full, 'disk', {
      get: () => undefined,
      set: () => {
        throw new FiredrillError('FILE_WRITE', 'no space left');
      },
    });
    await daemon.rest(new AbortController().signal, noTicks);
    expect(await rejectionOf(daemon.stop())).to.include({ code: 'FILE_WRITE', exit: 1 });
    expect(full.processes.size).to.equal(0);
  });
});
