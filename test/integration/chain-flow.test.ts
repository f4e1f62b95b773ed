import { appendFile, cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AnyEngine } from '../../src/engines/engine.ts';
import { drill } from '../../src/flow/drill.ts';
import type { DrillOrder } from '../../src/flow/drill-order.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { Journal } from '../../src/model/journal.ts';
import { testActivity } from '../support/activity.ts';
import { drillFixture, drillService } from '../support/drill-fixture.ts';
import { fileEngine } from '../support/file-engine.ts';

const sunday = '2026-11-22T01:30:00Z';
const night = (day: number) => `2026-11-${22 + day}T01:30:00Z`;
const id = (day: number) => `incr-202611${22 + day}T013000Z`;
const texts = ['a', 'ab', 'abc', 'abcd', 'abcde'];

/** A week of agama: a full on Sunday and an increment each night until Thursday; drilled an hour after the last. */
async function week(change: Partial<DrillOrder> = {}) {
  const given = await drillFixture();
  for (const [day, text] of texts.entries())
    await given.backUpAt('agama', night(day), text, day === 0 ? 'full' : 'incremental');
  const asOf = new Date(Date.parse(night(4)) + 3_000_000);
  const daily = { ...drillService('agama'), objectives: { rpoMs: 86_400_000, retentionDays: 56 } };
  const order: DrillOrder = { ...given.order, services: [daily], asOf, ...change };
  const memberFolder = (name: string) => join(given.folder, 'backup-2026-11-22/agama', name);
  return { ...given, order, memberFolder };
}

/** Not before the week's end, whenever this test is run. */
const lateActivity = () => {
  const now = () => new Date(Math.max(Date.now(), Date.parse('2026-11-30T00:00:00Z')));
  return { ...testActivity(), clock: { ...systemClock, now } };
};

const failed = (journal: Journal) =>
  journal.checks
    .filter((each) => each.outcome === 'fail')
    .flatMap((each) => each.findings.map((finding) => `${each.check}: ${finding.sentence}`));
const restored = (journal: Journal) => journal.services[0]?.members.map((each) => each.id);

describe('chains in a drill', function () {
  this.timeout(60_000);

  it('restores the newest chain whole', async () => {
    await using given = await week();
    const journal = await drill(given.order, lateActivity());
    expect(failed(journal)).to.deep.equal([]);
    expect(journal.verdict.verdict, JSON.stringify(journal.checks, null, 1)).to.equal('pass');
    expect(restored(journal)).to.deep.equal(['full-20261122T013000Z', id(1), id(2), id(3), id(4)]);
  });

  it('restores an older point with what it needs and no more', async () => {
    await using given = await week();
    const journal = await drill({ ...given.order, asOf: new Date(night(2)) }, lateActivity());
    expect(journal.verdict.verdict).to.equal('pass');
    expect(restored(journal)).to.deep.equal(['full-20261122T013000Z', id(1), id(2)]);
  });

  it('names the member after a missing one, and restores what comes before', async () => {
    await using given = await week();
    await rm(given.memberFolder(id(2)), { recursive: true });
    const journal = await drill(given.order, lateActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(failed(journal)).to.include(`chain: agama: ${id(3)} builds on ${id(2)}, which is not in the vault`);
    expect(restored(journal)).to.deep.equal(['full-20261122T013000Z', id(1)]);
  });

  it('names a missing full', async () => {
    await using given = await week();
    await rm(given.memberFolder('full-20261122T013000Z'), { recursive: true });
    const journal = await drill(given.order, lateActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(failed(journal)).to.include(`chain: agama: ${id(1)} builds on a full that is not in the vault`);
    expect(restored(journal)).to.deep.equal([]);
  });

  it('takes no member under another name', async () => {
    await using given = await week();
    await cp(given.memberFolder(id(2)), given.memberFolder('incr-20261125T023000Z'), { recursive: true });
    const journal = await drill(given.order, lateActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(failed(journal).join()).to.match(/manifest: agama: the manifest of .*incr-20261125T023000Z is not genuine/);
  });

  it('names a member of another chain that carries the right name', async () => {
    await using given = await week();
    await using other = await drillFixture();
    await other.backUpAt('agama', sunday, 'x', 'full');
    await other.backUpAt('agama', night(1), 'xyz');
    await rm(given.memberFolder(id(1)), { recursive: true });
    await cp(join(other.folder, 'backup-2026-11-22/agama', id(1)), given.memberFolder(id(1)), { recursive: true });
    const journal = await drill(given.order, lateActivity());
    expect(failed(journal)).to.include(
      `chain: agama: ${id(1)} was built on another full-20261122T013000Z than the one in the vault`,
    );
    expect(restored(journal)).to.deep.equal(['full-20261122T013000Z']);
  });
});

describe('the last good point', function () {
  this.timeout(120_000);

  it('is found by restoring older points, when a member in the middle is damaged', async () => {
    await using given = await week();
    await appendFile(join(given.memberFolder(id(3)), 'content.txt'), 'x');
    const journal = await drill(given.order, lateActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(journal.verdict.sentence).to.match(
      new RegExp(
        '^The backup is not good: agama: artifact content.txt of .*incr-20261125T013000Z is not what was sealed.*\\. ' +
          `agama can be restored to 2026-11-24 01:30 UTC \\(${id(2)}\\): 2 d of data would be lost; ${id(3)} is bad\\.$`,
      ),
    );
    expect(journal.excursions.map((each) => `${each.reason} ${each.member} ${each.verdict}`)).to.deep.equal([
      `last-good ${id(2)} pass`,
      `last-good ${id(3)} fail`,
    ]);
  });

  it('is the part before the gap, which the drill has just restored', async () => {
    await using given = await week();
    await rm(given.memberFolder(id(2)), { recursive: true });
    const journal = await drill(given.order, lateActivity());
    expect(journal.excursions).to.deep.equal([]);
    expect(journal.lastGood).to.deep.equal([
      {
        service: 'agama',
        good: {
          set: 'backup-2026-11-22',
          member: id(1),
          dataAt: '2026-11-23T01:30:00.000Z',
          lostMs: 3 * 86_400_000 + 3_000_000,
        },
        bad: id(3),
      },
    ]);
  });

  it('may lie in an older chain, or nowhere', async () => {
    await using given = await week();
    await given.backUpAt('agama', '2026-11-26T02:00:00Z', 'abcdef', 'full');
    await appendFile(join(given.memberFolder('full-20261126T020000Z'), 'content.txt'), 'x');
    const found = await drill(given.order, lateActivity());
    expect(found.lastGood[0]?.good?.member).to.equal(id(4));
    await appendFile(join(given.memberFolder('full-20261122T013000Z'), 'content.txt'), 'x');
    const nowhere = await drill(given.order, lateActivity());
    expect(nowhere.lastGood[0]).to.deep.include({ good: null });
    expect(nowhere.verdict.sentence).to.match(
      /agama cannot be restored to any point that was tried; full-20261122T013000Z is bad\.$/,
    );
  });

  it('is not searched for where the backup is only too old', async () => {
    await using given = await week({ asOf: new Date('2026-11-29T00:00:00Z') });
    const journal = await drill(given.order, lateActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(journal.lastGood).to.deep.equal([]);
  });
});

describe('older points', function () {
  this.timeout(60_000);

  it('are restored by policy, and the worst chain stands in the journal', async () => {
    await using given = await week({ also: ['random', 'longest'] });
    await given.backUpAt('agama', '2026-11-26T02:00:00Z', 'abcdef', 'full');
    const journal = await drill(given.order, lateActivity());
    expect(journal.verdict.verdict, journal.verdict.sentence).to.equal('pass');
    expect(journal.excursions.map((each) => each.reason)).to.deep.equal(['random', 'longest']);
    expect(journal.excursions[1]).to.deep.include({ member: id(4), members: 5, verdict: 'pass' });
    expect(journal.worstMs).to.equal(
      Math.max(journal.rto.usedMs ?? 0, ...journal.excursions.map((each) => each.usedMs ?? 0)),
    );
    expect(journal.checks.find((each) => each.check === 'older-points')).to.include({ outcome: 'pass', lookedAt: 2 });
  });

  it('fail the drill when they do not come back', async () => {
    await using given = await week({ also: ['longest'] });
    await given.backUpAt('agama', '2026-11-26T02:00:00Z', 'abcdef', 'full');
    await appendFile(join(given.memberFolder(id(2)), 'content.txt'), 'x');
    const journal = await drill(given.order, lateActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(failed(journal)[0]).to.match(
      new RegExp(`^older-points: agama: the older point ${id(4)} is not good: agama: artifact`),
    );
  });
});

describe('an instant between two backups', function () {
  this.timeout(60_000);

  it('is not restored from a full whose data is from after it', async () => {
    await using given = await week();
    await given.backUpAt('agama', '2026-11-26T02:00:00Z', 'abcdef', 'full', 5_000);
    const [service] = given.order.services;
    const engine = { ...fileEngine, increments: { ...fileEngine.increments, anyInstant: true } } as AnyEngine;
    const services = service ? [{ ...service, engine }] : [];
    const before = await drill({ ...given.order, services, asOf: new Date('2026-11-26T02:00:03Z') }, lateActivity());
    expect(restored(before)?.at(-1)).to.equal(id(4));
    const after = await drill({ ...given.order, services, asOf: new Date('2026-11-26T02:00:06Z') }, lateActivity());
    expect(restored(after)).to.deep.equal(['full-20261126T020000Z']);
  });
});

describe('increments', () => {
  it('promotes to a full, and says why', async () => {
    await using given = await drillFixture();
    const first = await given.backUpAt('agama', night(1), 'a');
    expect(first).to.deep.include({ id: 'full-20261123T013000Z', promoted: 'this week has no full backup yet' });
    const second = await given.backUpAt('agama', night(2), 'ab');
    expect(second).to.deep.include({ id: id(2), promoted: null });
    expect(second.manifest.parent?.id).to.equal(first.id);
    const shorter = await given.backUpAt('agama', night(3), 'a');
    expect(shorter).to.deep.include({ id: 'full-20261125T013000Z', promoted: 'the text has become shorter' });
    const onIt = await given.backUpAt('agama', night(4), 'ab');
    expect(onIt.manifest.parent?.id).to.equal(shorter.id);
  });

  it('begins a new week with a full', async () => {
    await using given = await week();
    const next = await given.backUpAt('agama', '2026-11-29T00:30:00Z', 'abcdef');
    expect(next).to.deep.include({ set: 'backup-2026-11-29', promoted: 'this week has no full backup yet' });
  });

  it('builds on nothing that is broken or not genuine', async () => {
    await using given = await week();
    await rename(given.memberFolder(id(2)), join(given.folder, 'elsewhere'));
    const next = await given.backUpAt('agama', night(5), 'abcdef');
    expect(next.promoted).to.equal(`${id(3)} builds on ${id(2)}, which is not in the vault`);
    await rm(join(given.folder, 'backup-2026-11-22/agama', next.id, 'manifest.json'));
    const after = await given.backUpAt('agama', '2026-11-27T02:30:00Z', 'abcdef');
    expect(after.promoted).to.match(/full-20261127T013000Z has no manifest/);
  });
});
