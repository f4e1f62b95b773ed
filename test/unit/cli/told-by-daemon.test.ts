import { expect } from 'chai';
import { toldByDaemon } from '../../../src/cli/told-by-daemon.ts';
import type { JobOutcome } from '../../../src/model/job-outcome.ts';
import { everybody } from '../../support/everybody.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { reportsOf } from '../../support/reports.ts';

const outcome = (change: Partial<JobOutcome>): JobOutcome => ({
  ...{ job: 'drill', run: '1', occasion: '2026-11-22T02:15:00.000Z', missed: 0, startedAt: '2026-11-22T02:15:00.000Z' },
  ...{
    attempt: 1,
    end: 'died',
    status: null,
    endedAt: '2026-11-22T02:20:00.000Z',
    retryAt: null,
    report: null,
    summary: null,
    errors: [],
  },
  ...change,
});

const never = new AbortController().signal;

describe('what a daemon tells by itself', function () {
  this.timeout(20_000);

  it('is that a drill was killed, or took too long: nobody else can', async () => {
    await using reports = await reportsOf();
    await using all = await everybody(reports.folder);
    const observer = toldByDaemon(all.telling);
    await observer.ended(outcome({}), never);
    await observer.ended(outcome({ job: 'building-burned', end: 'deadline' }), never);
    expect(all.mail.received.map(({ parsed }) => parsed.subject)).to.deep.equal([
      'NO DRILL · the run of drill that began at 2026-11-22T02:15:00.000Z was killed, or broke off',
      'NO DRILL · the run of building-burned that began at 2026-11-22T02:15:00.000Z was stopped, because it took longer than its deadline',
    ]);
    expect(all.pings.received.map(({ path }) => path)).to.deep.equal(['/d/fail', '/d/fail']);
    expect(all.hook.received).to.have.length(2);
  });

  it('is no mail about other jobs, but a ping and a call of the webhook', async () => {
    await using all = await everybody('/nowhere');
    await toldByDaemon(all.telling).ended(outcome({ job: 'hourly' }), never);
    expect(all.pings.received.map(({ path }) => path)).to.deep.equal(['/b/fail']);
    expect(JSON.parse(all.hook.received[0]?.body ?? '')).to.include({ event: 'job-broken', job: 'backup' });
    await toldByDaemon(all.telling).ended(outcome({ job: 'expire-offsite' }), never);
    expect(JSON.parse(all.hook.received[1]?.body ?? '')).to.include({ job: 'expire' });
    expect(all.mail.received).to.deep.equal([]);
  });

  it('is nothing where the run has told, or will be tried again', async () => {
    await using all = await everybody('/nowhere');
    const observer = toldByDaemon(all.telling);
    for (const end of ['ok', 'failed', 'locked', 'interrupted'] as const) await observer.ended(outcome({ end }), never);
    await observer.ended(outcome({ retryAt: '2026-11-22T02:30:00.000Z' }), never);
    expect([all.mail.received, all.pings.received, all.hook.received].flat()).to.deep.equal([]);
  });

  it('is known to have failed when nobody took it', async () => {
    await using reports = await reportsOf();
    await using all = await everybody(reports.folder, { message: ['554 no'] });
    expect(await rejectionOf(toldByDaemon(all.telling).ended(outcome({}), never))).to.include({ code: 'MAIL_REFUSED' });
  });
});
