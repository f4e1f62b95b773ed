import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { drill } from '../../src/flow/drill.ts';
import type { DrillOrder } from '../../src/flow/drill-order.ts';
import type { Journal } from '../../src/model/journal.ts';
import { testActivity } from '../support/activity.ts';
import { drillFixture, drillService } from '../support/drill-fixture.ts';

const sunday = '2026-11-22T01:30:00Z';
const night = (day: number) => `2026-11-${22 + day}T01:30:00Z`;
const id = (day: number) => `incr-202611${22 + day}T013000Z`;
const texts = ['a', 'ab', 'abc', 'abcd', 'abcde'];

/** A week of agama: a full on Sunday and an increment each night until Thursday; drilled an hour after the last. */
async function week() {
  const given = await drillFixture();
  for (const [day, text] of texts.entries())
    await given.backUpAt('agama', night(day), text, day === 0 ? 'full' : 'incremental');
  const asOf = new Date(Date.parse(night(4)) + 3_000_000);
  const order: DrillOrder = { ...given.order, services: [drillService('agama')], asOf };
  const memberFolder = (name: string) => join(given.folder, 'backup-2026-11-22/agama', name);
  return { ...given, order, memberFolder };
}

const failed = (journal: Journal) =>
  journal.checks
    .filter((each) => each.outcome === 'fail')
    .flatMap((each) => each.findings.map((finding) => `${each.check}: ${finding.sentence}`));
const restored = (journal: Journal) => journal.services[0]?.members.map((each) => each.id);

describe('chains in a drill', function () {
  this.timeout(60_000);

  it('restores the newest chain whole', async () => {
    await using given = await week();
    const journal = await drill(given.order, testActivity());
    expect(failed(journal)).to.deep.equal([]);
    expect(journal.verdict.verdict, JSON.stringify(journal.checks, null, 1)).to.equal('pass');
    expect(restored(journal)).to.deep.equal(['full-20261122T013000Z', id(1), id(2), id(3), id(4)]);
  });

  it('restores an older point with what it needs and no more', async () => {
    await using given = await week();
    const journal = await drill({ ...given.order, asOf: new Date(night(2)) }, testActivity());
    expect(journal.verdict.verdict).to.equal('pass');
    expect(restored(journal)).to.deep.equal(['full-20261122T013000Z', id(1), id(2)]);
  });

  it('names the member after a missing one, and restores what comes before', async () => {
    await using given = await week();
    await rm(given.memberFolder(id(2)), { recursive: true });
    const journal = await drill(given.order, testActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(failed(journal)).to.include(`chain: agama: ${id(3)} builds on ${id(2)}, which is not in the vault`);
    expect(restored(journal)).to.deep.equal(['full-20261122T013000Z', id(1)]);
  });

  it('names a missing full', async () => {
    await using given = await week();
    await rm(given.memberFolder('full-20261122T013000Z'), { recursive: true });
    const journal = await drill(given.order, testActivity());
    expect(journal.exitStatus).to.equal(3);
    expect(failed(journal)).to.include(`chain: agama: ${id(1)} builds on a full that is not in the vault`);
    expect(restored(journal)).to.deep.equal([]);
  });

  it('takes no member under another name', async () => {
    await using given = await week();
    await cp(given.memberFolder(id(2)), given.memberFolder('incr-20261125T023000Z'), { recursive: true });
    const journal = await drill(given.order, testActivity());
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
    const journal = await drill(given.order, testActivity());
    expect(failed(journal)).to.include(
      `chain: agama: ${id(1)} was built on another full-20261122T013000Z than the one in the vault`,
    );
    expect(restored(journal)).to.deep.equal(['full-20261122T013000Z']);
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
