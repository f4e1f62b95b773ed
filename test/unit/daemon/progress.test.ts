import { expect } from 'chai';
import { nextJob } from '../../../src/daemon/due.ts';
import { emptyMemory, memoryOf } from '../../../src/daemon/memory.ts';
import { begun, ended, type RunEnd, told } from '../../../src/daemon/progress.ts';
import { jobOf, nightJobs, occasions, SimulatedNights, type StubEnd } from '../../support/daemon-jobs.ts';

const start = new Date('2026-11-22T03:00:00.000Z');
const end: RunEnd = {
  status: 0,
  stopped: null,
  endedAt: '2026-11-22T03:10:00.000Z',
  report: null,
  summary: null,
  errors: [],
};

/** One nightly job, and all of its tries, as long as nothing but time passes. */
function triesOf(...ends: Partial<StubEnd>[]) {
  const jobs = [jobOf('nightly', occasions('0 3 * * *')), jobOf('follower', { jobs: ['nightly'], statuses: 'any' })];
  let turn = 0;
  const nights = new SimulatedNights(jobs, start.toISOString(), ({ job }) => ({
    minutes: 10,
    ...(job.name === 'nightly' ? ends[turn++] : {}),
  }));
  nights.runUntil('2026-11-23T03:00:00Z');
  return nights.done.map(
    ({ job, startedAt, end: word, attempt }) => `${job} ${startedAt.slice(11, 16)} ${word} ${attempt}`,
  );
}

describe('how a run ended', () => {
  it('settles it when it went well, and lets those that follow begin', () => {
    expect(triesOf({})).to.deep.equal(['nightly 03:00 ok 1', 'follower 03:10 ok 1']);
  });

  it('tries again what may pass: twice, with longer pauses, and only then lets the others follow', () => {
    const wanted = [
      'nightly 03:00 failed 1',
      'nightly 03:20 failed 2',
      'nightly 04:00 failed 3',
      'follower 04:10 ok 1',
    ];
    expect(triesOf({ status: 1 }, { status: 4 }, { status: 1 }, {})).to.deep.equal(wanted);
    expect(triesOf({ status: 1 }, {})).to.deep.equal([
      'nightly 03:00 failed 1',
      'nightly 03:20 ok 2',
      'follower 03:30 ok 1',
    ]);
  });

  it('takes a verdict, a wrong configuration and a missing set for the last word', () => {
    for (const status of [2, 3, 10]) {
      expect(triesOf({ status }, {}), `${status}`).to.deep.equal(['nightly 03:00 failed 1', 'follower 03:10 ok 1']);
    }
  });

  it('comes back to what was locked, as often as it is, and counts that as no failure', () => {
    const locked = Array.from({ length: 6 }, () => ({ status: 11, minutes: 1 }));
    const told = triesOf(...locked, { status: 1 }, {});
    expect(told.slice(0, 3)).to.deep.equal([
      'nightly 03:00 locked 1',
      'nightly 03:06 locked 2',
      'nightly 03:12 locked 3',
    ]);
    expect(told.slice(-3)).to.deep.equal(['nightly 03:36 failed 7', 'nightly 03:56 ok 8', 'follower 04:06 ok 1']);
  });

  it('does not repeat what took too long', () => {
    expect(triesOf({ status: 130, stopped: 'deadline' }, {})).to.deep.equal([
      'nightly 03:00 deadline 1',
      'follower 03:10 ok 1',
    ]);
    expect(triesOf({ status: null, stopped: 'deadline' }, {})).to.deep.equal([
      'nightly 03:00 deadline 1',
      'follower 03:10 ok 1',
    ]);
  });

  it('begins at once anew what died, but not for ever', () => {
    const died = { status: null };
    expect(triesOf(died, {})).to.deep.equal(['nightly 03:00 died 1', 'nightly 03:10 ok 2', 'follower 03:20 ok 1']);
    expect(triesOf(died, died, died, {})).to.deep.equal([
      'nightly 03:00 died 1',
      'nightly 03:10 died 2',
      'nightly 03:50 died 3',
      'follower 04:00 ok 1',
    ]);
  });

  it('goes on with what was stopped by order, and treats as a failure what somebody else stopped', () => {
    const ordered = { status: 130, stopped: 'order' } as const;
    expect(triesOf(ordered, ordered, ordered, ordered, {})).to.have.length(6);
    expect(triesOf({ status: null, stopped: 'order' }, {})[1]).to.equal('nightly 03:10 ok 2');
    expect(triesOf({ status: 130 }, {}).slice(0, 2)).to.deep.equal([
      'nightly 03:00 interrupted 1',
      'nightly 03:20 ok 2',
    ]);
  });

  it('believes what a run says of itself, although it was told to stop', () => {
    expect(triesOf({ status: 0, stopped: 'order' })).to.deep.equal(['nightly 03:00 ok 1', 'follower 03:10 ok 1']);
    expect(triesOf({ status: 3, stopped: 'deadline' })[0]).to.equal('nightly 03:00 failed 1');
  });

  it('begins with the next occasion anew', () => {
    const nights = new SimulatedNights([jobOf('hourly', occasions('0 * * * *'))], start.toISOString(), () => ({
      minutes: 45,
      status: 1,
    }));
    nights.runUntil('2026-11-22T06:11:00Z');
    // The second try of each hour ends after the next hour has begun, which is another one then.
    expect(nights.done.map(({ occasion, attempt }) => `${occasion.slice(11, 16)} ${attempt}`)).to.deep.equal([
      '03:00 1',
      '03:00 2',
      '04:00 1',
      '05:00 1',
    ]);
  });

  it('tells a later try since when things need not be done again: the start of the first', () => {
    const jobs = [jobOf('nightly', occasions('0 3 * * *'))];
    const nights = new SimulatedNights(jobs, start.toISOString(), (_, attempt) => ({
      minutes: 5,
      status: attempt < 3 ? 1 : 0,
    }));
    nights.runUntil('2026-11-23T03:06:00Z');
    const since = nights.done.map(({ missingSince }) => missingSince);
    expect(since).to.deep.equal([null, start.toISOString(), start.toISOString(), null]);
  });

  it('leaves an outcome to be told until it was', () => {
    const jobs = nightJobs();
    const due = nextJob(jobs, emptyMemory, start);
    if (!due) throw new TypeError('something is due');
    const begin = begun(jobs, emptyMemory, due, start, 'a');
    expect(begin.memory.running).to.deep.equal([begin.run]);
    expect(memoryOf(begin.memory, 'hourly').settled).to.equal('2026-11-22T02:30:00.000Z');
    const after = ended(jobs, begin.memory, begin.run, end);
    expect(after.memory).to.deep.include({ running: [], untold: [after.outcome] });
    expect(after.outcome).to.deep.equal({
      ...{ job: 'full', run: 'a', occasion: '2026-11-22T01:30:00.000Z', missed: 0, attempt: 1 },
      ...{ startedAt: start.toISOString(), endedAt: end.endedAt, end: 'ok', status: 0 },
      ...{ retryAt: null, report: null, summary: null, errors: [] },
    });
    expect(told(after.memory, 'a').untold).to.deep.equal([]);
    expect(told(after.memory, 'b').untold).to.have.length(1);
  });

  it('knows nothing of a job that is named like a part of every object', () => {
    expect(memoryOf(emptyMemory, 'constructor').settled).to.equal(null);
  });
});
