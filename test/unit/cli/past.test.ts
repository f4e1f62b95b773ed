import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { unlessUnreadable, verifiedBefore } from '../../../src/cli/past.ts';
import { FiredrillError } from '../../../src/kit/errors.ts';
import type { Journal, MemberRecord, ServiceRecord } from '../../../src/model/journal.ts';
import type { MemberMeasures } from '../../../src/model/measures.ts';
import { restoreRecord, sampleJournal } from '../../support/journal.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { failed, passed } from '../../support/results.ts';
import { scratchFolder } from '../../support/scratch.ts';

const night = (day: string) => `2026-${day}T02:15:00.000Z`;
const measures: MemberMeasures = {
  ...{ contentBytes: 10, packed: { contentBytes: 10, storedBytes: 5 }, denseBytes: 0 },
  holds: { count: 7, unit: 'rows' },
};

/** A drill of that day, which restored members of these hashes. */
function drillOf(day: string, hashes: readonly string[], change: Partial<Journal> = {}): Journal {
  const journal = sampleJournal();
  const [record] = journal.services as [ServiceRecord];
  const [member] = record.members as [MemberRecord];
  const members = hashes.map((manifestSha256) => ({ ...member, manifestSha256, measures }));
  const id = `2026${day.replace('-', '')}T021500Z-nightly`;
  return {
    ...journal,
    drill: { ...journal.drill, id, startedAt: night(day), asOf: night(day) },
    services: [{ ...record, members }],
    ...change,
  };
}

async function reports(...journals: (Journal | { id: string; text: string })[]) {
  const scratch = await scratchFolder();
  for (const each of journals) {
    const [id, text] = 'text' in each ? [each.id, each.text] : [each.drill.id, JSON.stringify(each)];
    await mkdir(join(scratch.path, id));
    await writeFile(join(scratch.path, id, 'journal.json'), text);
  }
  const hashes = async (before = night('11-30')) =>
    (await verifiedBefore(scratch.path, new Date(before))).map(({ manifestSha256 }) => manifestSha256);
  return { folder: scratch.path, hashes, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

describe('verifiedBefore', () => {
  it('tells each member that drills before the moment have restored, once, with its measures', async () => {
    await using given = await reports(drillOf('11-22', ['a']), drillOf('11-23', ['a', 'b']), drillOf('11-29', ['c']));
    expect(await given.hashes()).to.deep.equal(['c', 'a', 'b']);
    expect(await given.hashes(night('11-29'))).to.deep.equal(['a', 'b']);
    const [first] = await verifiedBefore(given.folder, new Date(night('11-30')));
    expect(first).to.deep.include({ service: 'agama', measures });
  });

  it('takes from any vault, and from a drill of an instant; not from one that failed, nor from a restore', async () => {
    const { drill } = drillOf('11-25', []);
    await using given = await reports(
      drillOf('11-22', ['bad'], { checks: [passed('rows'), failed('content')] }),
      drillOf('11-23', ['restored'], { restore: restoreRecord() }),
      drillOf('11-24', ['unsealed pod'], { checks: [passed('rows'), failed('isolation', null)] }),
      drillOf('11-25', ['offsite'], { drill: { ...drill, vault: 'offsite', asOf: night('11-20') } }),
    );
    expect(await given.hashes()).to.deep.equal(['offsite']);
  });

  it('reads no further than a month back, and passes over what it cannot read and what has no measures', async () => {
    const without = drillOf('11-26', ['old version']);
    for (const { members } of without.services) for (const each of members) delete each.measures;
    await using given = await reports(drillOf('10-01', ['long ago']), drillOf('11-02', ['a month ago']), without, {
      id: '20261127T021500Z-nightly',
      text: '{',
    });
    expect(await given.hashes()).to.deep.equal(['a month ago']);
  });

  it('keeps no backup from its drill when the folder cannot be listed', async () => {
    await using given = await reports();
    await writeFile(join(given.folder, 'file'), '');
    const work = () => verifiedBefore(join(given.folder, 'file'), new Date());
    expect(await rejectionOf(work())).to.include({ code: 'VAULT_READ' });
    expect(await unlessUnreadable(work(), [])).to.deep.equal([]);
    expect(await verifiedBefore(join(given.folder, 'none'), new Date())).to.deep.equal([]);
    const other = Promise.reject(new FiredrillError('INTERNAL', 'a fault of ours'));
    expect(await rejectionOf(unlessUnreadable(other, []))).to.include({ code: 'INTERNAL' });
  });
});
