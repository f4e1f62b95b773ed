import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ownerOrGivenUp, recordBegin, recordEnd, recordedEnd } from '../../../src/daemon/run-record.ts';
import { ownOwner } from '../../../src/kit/owner.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

async function runFolder() {
  const scratch = await scratchFolder();
  const folder = join(scratch.path, 'run');
  await mkdir(folder);
  return { folder, above: scratch.path, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

const end = { status: 3, endedAt: '2026-11-22T02:27:00.000Z', report: '/reports/x', summary: 'verdict' };

describe('what a run records', () => {
  it('is who it is, and how it ended', async () => {
    await using given = await runFolder();
    expect(await recordedEnd(given.folder)).to.equal(undefined);
    await recordBegin(given.folder);
    expect(await ownerOrGivenUp(given.folder)).to.equal(ownOwner());
    await recordEnd(given.folder, end);
    expect(await recordedEnd(given.folder)).to.deep.equal(end);
  });

  it('keeps a run from its work that was given up before it began', async () => {
    await using given = await runFolder();
    expect(await ownerOrGivenUp(given.folder)).to.equal(undefined);
    expect(await readdir(given.above)).to.deep.equal([]);
    expect(await rejectionOf(recordBegin(given.folder))).to.include({ code: 'INTERRUPTED', exit: 130 });
  });

  it('is either begun or given up, whoever is first, never both', async () => {
    const outcomes = new Set<boolean>();
    for (let i = 0; i < 60; i += 1) {
      await using given = await runFolder();
      // From long before to long after: 0 lets the daemon be first, the last ones let the run be.
      const early = i === 0 ? ownerOrGivenUp(given.folder) : undefined;
      const begin = recordBegin(given.folder).then(
        () => true,
        () => false,
      );
      if (i < 50) await sleep(i / 5);
      else await begin;
      const owner = await (early ?? ownerOrGivenUp(given.folder));
      expect(await begin).to.equal(owner !== undefined);
      expect(await readdir(given.above)).to.deep.equal(owner === undefined ? [] : ['run']);
      if (owner !== undefined) expect(await readdir(given.folder)).to.deep.equal(['begun.json']);
      outcomes.add(await begin);
    }
    expect(outcomes).to.deep.equal(new Set([true, false]));
  });

  it('says what is wrong where it cannot be written', async () => {
    await using given = await runFolder();
    await rm(given.folder, { recursive: true });
    await writeFile(given.folder, '');
    expect(await rejectionOf(recordBegin(given.folder))).to.include({ code: 'FILE_WRITE' });
  });
});
