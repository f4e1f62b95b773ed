import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { judgeMonth } from '../../../scripts/month/judge-month.ts';
import { nights, planMonth } from '../../../scripts/month/month-plan.ts';
import { compactInstant } from '../../../src/kit/clock.ts';
import { sampleJournal } from '../../support/journal.ts';
import { failed } from '../../support/results.ts';
import { scratchFolder } from '../../support/scratch.ts';

const now = new Date('2026-11-25T10:00:00Z');
const steps = planMonth(now);
/** As the daemon makes them: at 02:15 each night; from the copies at once, and on the first of each month. */
const drills = steps
  .filter(({ at }) => at.getUTCHours() === 2)
  .map(({ at }) => ({ name: 'nightly', at }))
  .concat(
    ['2026-11-29T02:16:00Z', '2026-12-01T12:30:00Z', '2027-01-01T12:30:00Z'].map((text) => ({
      ...{ name: 'building-burned', at: new Date(text) },
    })),
  )
  .toSorted((a, b) => a.at.getTime() - b.at.getTime());

const bad = { verdict: 'fail', sentence: 'The backup is not good.' } as const;
const mail = (subject: string) => ({ to: [], parsed: { subject, attachments: [{ filename: 'report.html' }] } });
const mails = drills.map(({ at }) => mail(`${at.toISOString().startsWith('2026-12-16') ? 'FAIL' : 'PASS'} 3s of 30m`));

describe('the simulated month', () => {
  it('begins on the next Sunday, has a night for each date, and damages one', () => {
    const dates = steps.filter((each) => each.isNight).map(({ at }) => at.toISOString().slice(0, 10));
    expect(dates).to.have.length(nights);
    expect(new Set(dates)).to.have.length(nights);
    expect([dates[0], dates.at(-1)]).to.deep.equal(['2026-11-29', '2027-01-03']);
    expect(steps.map(({ at }) => at.getTime())).to.deep.equal(
      steps.map(({ at }) => at.getTime()).toSorted((a, b) => a - b),
    );
    expect(steps.filter((each) => each.isDamaged).map(({ title }) => title)).to.deep.equal(['2026-12-16 02:15']);
  });

  it('sets the clock of this process and of those that it starts, and leaves durations as they are', () => {
    const module = JSON.stringify(join(import.meta.dirname, '../../../scripts/month/clock-ahead.ts'));
    const inner = 'console.log(new Date().toISOString(), Date.now() - new Date().getTime(), new Date(0).getTime())';
    const outer = `const { setClock } = await import(${module}); setClock(new Date('2031-02-03T04:05:06Z'));
      const { execFileSync } = await import('node:child_process');
      const start = performance.now(); console.log(new Date().toISOString(), performance.now() - start < 60_000);
      process.stdout.write(execFileSync(process.execPath, ['--import', ${module}, '-e', ${JSON.stringify(inner)}]));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', outer], { encoding: 'utf8' });
    expect(said).to.match(/^2031-02-03T04:05:\S+ true\n2031-02-03T04:0[56]:\S+ (0|-1) 0\n$/);
  });

  it('is judged as good when each night was drilled and mailed, and old chains are gone', async () => {
    await using left = await leftBy();
    expect(await judgeMonth(left.folder, steps, mails)).to.deep.equal([]);
  });

  it('is judged as bad for a mail, a drill, a verdict or a chain that is not as it must be', async () => {
    const judged = async (folder: string, got = mails) => (await judgeMonth(folder, steps, got)).join();
    await using good = await leftBy();
    const allPass = mails.map(() => mail('PASS 3s of 30m'));
    expect(await judged(good.folder, mails.slice(1))).to.contain('38 mails for 39 drills');
    expect(await judged(good.folder, allPass)).to.equal('the mail about 20261216T021500Z-nightly: PASS 3s of 30m');
    await using silent = await leftBy({ missing: '2026-12-02' });
    expect(await judged(silent.folder)).to.match(/^drilled on /);
    await using blind = await leftBy({ failing: [] });
    expect(await judged(blind.folder)).to.match(/^not passed: ,/);
    await using unburned = await leftBy({ missing: '2027-01-01' });
    expect(await judged(unburned.folder)).to.contain('the building burned 2 times, not 3');
    await using hoarding = await leftBy({ sets: ['backup-2026-11-29'] });
    expect(await judged(hoarding.folder)).to.contain('vault: of latency there are backup-2026-11-29');
  });
});

/** What a month leaves, but for the things that a test changes. */
async function leftBy({ missing = '', failing = ['2026-12-16'], sets = [] as string[] } = {}) {
  const scratch = await scratchFolder();
  for (const { name, at } of drills) {
    const date = at.toISOString().slice(0, 10);
    if (date === missing) continue;
    const isBad = failing.includes(date);
    const told = isBad ? { checks: [failed('manifest', 'agama', 'a byte')], verdict: bad } : {};
    const { drill, ...journal } = sampleJournal(told);
    const id = `${compactInstant(at)}-${name}`;
    await mkdir(join(scratch.path, 'reports', id), { recursive: true });
    const whole = { ...journal, drill: { ...drill, id, name, startedAt: at.toISOString() } };
    await writeFile(join(scratch.path, 'reports', id, 'journal.json'), JSON.stringify(whole));
  }
  await writeFile(join(scratch.path, 'reports/index.html'), '');
  const weeks = ['2026-11-29', '2026-12-06', '2026-12-13', '2026-12-20', '2026-12-27', '2027-01-03'];
  for (const vault of ['vault', 'elsewhere/offsite']) {
    for (const service of ['agama', 'telegraf', 'latency', 'grafana']) {
      const young = ['latency', 'grafana'].includes(service) ? weeks.slice(1) : weeks;
      for (const set of [...young.map((week) => `backup-${week}`), ...sets]) {
        await mkdir(join(scratch.path, vault, set, service, `full-${set.slice(7).replaceAll('-', '')}T013000Z`), {
          recursive: true,
        });
      }
    }
  }
  return { folder: scratch.path, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}
