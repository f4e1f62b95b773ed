import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { diagnoseRoom, diagnoseWritable, placesOf } from '../../../../src/cli/doctor/disk.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const gib = 1024 ** 3;

describe('doctor: disk', () => {
  it('reckons the room from the newest backups, a gibibyte at least', () => {
    const folders = { vaults: [{ label: 'onsite', folder: '/v' }], dockerRoot: '/d' };
    const needed = (stored: number, content: number) =>
      placesOf({ stored, content }, folders).map(({ folder, neededBytes }) => [folder, neededBytes / gib]);
    expect(needed(0, 0).map(([, n]) => n)).to.deep.equal([1, 1, 1]);
    expect(needed(3 * gib, 12 * gib)[0]).to.deep.equal(['/v', 6]);
    expect(needed(3 * gib, 12 * gib)[2]).to.deep.equal(['/d', 24]);
    expect(
      placesOf({ stored: 0, content: 0 }, { vaults: [{ label: 'onsite', folder: '/v' }], dockerRoot: undefined }),
    ).to.have.length(2);
  });

  it('measures the folder, or the nearest one that exists', async () => {
    await using scratch = await scratchFolder();
    const folder = join(scratch.path, 'not/yet/there');
    const found = await diagnoseRoom({ what: 'vault', folder, neededBytes: 1 });
    expect(found.ok).to.equal(true);
    expect(found.what).to.contain(`free in ${scratch.path},`);
    const full = await diagnoseRoom({ what: 'vault', folder, neededBytes: 2 ** 60 });
    expect(full).to.include({ ok: false });
    expect(full.advice).to.match(/Free space/);
  });

  it('tries to write, and leaves nothing', async () => {
    await using scratch = await scratchFolder();
    expect(await diagnoseWritable('vault', scratch.path)).to.deep.equal({
      ok: true,
      what: `vault: ${scratch.path} is writable`,
    });
    expect((await diagnoseWritable('vault', join(scratch.path, 'new'))).what).to.match(/new can be made$/);
    expect(await readdir(scratch.path)).to.deep.equal([]);
  });

  it('knows a file, and a place that takes nothing, from a folder', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'file');
    await writeFile(file, '');
    expect(await diagnoseWritable('vault', file)).to.include({ ok: false, what: `vault: ${file} is no folder` });
    // Nobody may make a folder there, root included.
    const refused = await diagnoseWritable('vault', '/proc/self');
    expect(refused).to.include({ ok: false });
    expect(refused.what).to.match(/^vault: \/proc\/self cannot be written \(E[A-Z]+\)$/);
  });
});
