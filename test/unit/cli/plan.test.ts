import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type PlanOptions, planExit, runPlan } from '../../../src/cli/plan.ts';
import { drillPlanLines } from '../../../src/cli/plan-lines.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { composedOf } from '../../support/composed.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { fileEngine } from '../../support/file-engine.ts';
import { sampleJournal } from '../../support/journal.ts';
import { rejectionOf } from '../../support/rejection.ts';

const clock = { ...systemClock, now: () => new Date('2026-11-23T00:00:00.000Z') };
const boot = { service: null, phase: 'boot' as const, startMs: 300, endMs: 900 };

/** Of service `one` a full and `increments` hourly increments; of `two` nothing. */
async function company(increments: number) {
  const given = await drillFixture();
  const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour, 30)).toISOString();
  const members: string[] = [];
  for (let hour = 0; hour <= increments; hour += 1) {
    members.push((await given.backUpAt('one', at(hour), `the text ${hour}`, hour === 0 ? 'full' : 'incremental')).id);
  }
  const reportsFolder = join(given.folder, 'reports');
  const composed = {
    ...composedOf(given.vault, fileEngine, ['one', 'two'], { order: given.order }),
    reportsFolder,
  };
  return {
    ...{ members, folder: given.folder },
    plan: (options: Partial<PlanOptions> = {}) =>
      runPlan(composed, { names: ['one'], ...options }, new AbortController().signal, true, clock),
    /** Leaves the journal of a drill in which service `one` came back. */
    leaveDrill: async (day: string, readyMs: number, startedAt = `2026-11-${day}T02:15:00.000Z`) => {
      const sample = sampleJournal();
      const id = `202611${day}T021500Z-nightly`;
      const [record] = sample.services;
      const journal = {
        ...sample,
        ...{ phases: [boot], rto: { objectiveMs: 1_800_000, usedMs: readyMs } },
        drill: { ...sample.drill, id, startedAt, services: ['one'] },
        services: [{ ...record, service: 'one', readyMs }],
      };
      await mkdir(join(reportsFolder, id), { recursive: true });
      await writeFile(join(reportsFolder, id, 'journal.json'), JSON.stringify(journal));
    },
    [Symbol.asyncDispose]: () => given[Symbol.asyncDispose](),
  };
}

describe('runPlan', () => {
  it('names what would be restored, in its order, and says that no drill tells how long', async () => {
    await using given = await company(2);
    const plan = await given.plan();
    expect(plan).to.include({ vault: 'onsite', asOf: '2026-11-23T00:00:00.000Z', rtoMs: 1_800_000 });
    expect(plan.services.map(({ members }) => members.map(({ id }) => id))).to.deep.equal([given.members]);
    expect(plan.estimate.whole).to.equal(null);
    expect(planExit(plan)).to.equal(0);
    const text = drillPlanLines(plan).join('\n');
    expect(text).to.match(/^one \(\w+\): 3 members of backup-2026-11-22, \d+ B$/m);
    expect(text).to.match(/^ {2}full-20261122T003000Z +full +data from 2026-11-22T00:30:00\.000Z +\d+ B\n {2}incr-/m);
    expect(text).to.match(/^ {2}one +not known +no earlier drill of it to go by: run firedrill drill$/m);
    expect(text).to.match(/^all services: not known, since 1 service has no earlier drill; allowed are 30 m$/m);
  });

  it('reckons how long by the drills before this moment, with its uncertainty', async () => {
    await using given = await company(0);
    await given.leaveDrill('20', 40_000);
    await given.leaveDrill('21', 50_000);
    await given.leaveDrill('29', 90_000);
    const { estimate } = await given.plan();
    expect(estimate.services[0]).to.include({ drills: 2, basis: 'same', members: 1 });
    expect(estimate.whole?.ms).to.be.closeTo(45_000, 1);
    expect(estimate.whole?.lowMs).to.be.lessThan(40_000);
    expect(estimate.whole?.highMs).to.be.greaterThan(50_000);
    const text = drillPlanLines(await given.plan()).join('\n');
    expect(text).to.match(/^ {2}one +45\.0 s \(.*\) +open 0\.3 s, boot 0\.6 s, restore 44\.1 s +by 2 earlier drills$/m);
    expect(text).to.match(/^all services: 45\.0 s \(.*\) of 30 m$/m);
  });

  it('warns of a restore that will take too long', async () => {
    await using given = await company(0);
    await given.leaveDrill('21', 2_000_000);
    expect(drillPlanLines(await given.plan()).at(-1)).to.match(/^all services: 33 m 20 s \(.*\) of 30 m: TOO LONG$/);
  });

  it('plans an instant of the past', async () => {
    await using given = await company(3);
    const plan = await given.plan({ at: '2026-11-22T01:45:00Z' });
    expect(plan.services[0]?.members.map(({ id }) => id)).to.deep.equal(given.members.slice(0, 2));
  });

  it('leaves out the middle of a long chain', async () => {
    await using given = await company(11);
    const lines = drillPlanLines(await given.plan());
    expect(lines.filter((each) => /^ {2}(full|incr)-/.test(each))).to.have.length(8);
    expect(lines).to.include('  … and 4 between them');
  });

  it('says what is not good already, and of what there is no backup', async () => {
    await using given = await company(1);
    await appendFile(join(given.folder, 'backup-2026-11-22', 'one', given.members[1] ?? '', 'manifest.json'), 'x');
    const broken = await given.plan();
    expect(planExit(broken)).to.equal(3);
    expect(drillPlanLines(broken).join('\n')).to.match(/^NOT GOOD: .*the manifest of .* cannot be read/m);
    const absent = await given.plan({ names: [] });
    expect(planExit(absent)).to.equal(3);
    expect(drillPlanLines(absent).join('\n')).to.match(/^two \(\w+\): nothing$/m);
    expect(await rejectionOf(given.plan({ names: ['two'] }))).to.include({ code: 'NO_SUCH_SET', exit: 10 });
    expect(await rejectionOf(given.plan({ names: ['three'] }))).to.include({ code: 'USAGE', exit: 2 });
  });
});
