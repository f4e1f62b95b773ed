import { createHash } from 'node:crypto';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemCode } from '../../../src/kit/errors.ts';
import { FarReader, NearReader, readerFor } from '../../../src/vault/folder-reader.ts';
import { scratchFolder } from '../../support/scratch.ts';

for (const [where, reader] of [
  ['near', new NearReader()],
  ['far', new FarReader()],
] as const) {
  describe(`a folder that is ${where}`, () => {
    it('is listed with the sizes of its files, and without following links', async () => {
      await using scratch = await scratchFolder();
      await writeFile(join(scratch.path, 'file'), 'hello');
      await mkdir(join(scratch.path, 'folder'));
      await symlink('file', join(scratch.path, 'link'));
      const entries = (await reader.entries(scratch.path)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      expect(entries).to.deep.equal([
        { name: 'file', kind: 'file', bytes: 5 },
        { name: 'folder', kind: 'folder', bytes: 0 },
        { name: 'link', kind: 'other', bytes: 0 },
      ]);
    });

    it('gives small files at once, and large ones not', async () => {
      await using scratch = await scratchFolder();
      const file = join(scratch.path, 'file');
      await writeFile(file, 'hello');
      expect(String(await reader.smallFile(file))).to.equal('hello');
      expect(await reader.smallDigest(file)).to.equal(createHash('sha256').update('hello').digest('hex'));
      await truncate(file, 1 << 16);
      expect(await reader.smallFile(file)).to.have.length(1 << 16);
      await truncate(file, (1 << 16) + 1);
      expect(await reader.smallFile(file)).to.equal(undefined);
      expect(await reader.smallDigest(file)).to.equal(undefined);
    });

    it('does not follow a link to a file, and says what is not there', async () => {
      await using scratch = await scratchFolder();
      await writeFile(join(scratch.path, 'file'), 'hello');
      await symlink('file', join(scratch.path, 'link'));
      expect(await codeOf(reader.smallFile(join(scratch.path, 'link')))).to.equal('ELOOP');
      expect(await codeOf(reader.smallFile(join(scratch.path, 'none')))).to.equal('ENOENT');
      expect(await codeOf(reader.entries(join(scratch.path, 'none')))).to.equal('ENOENT');
    });

    it('lets others run while it is read', async () => {
      await using scratch = await scratchFolder();
      const file = join(scratch.path, 'file');
      await writeFile(file, 'hello');
      let ran = false;
      setTimeout(() => {
        ran = true;
      }, 1);
      const end = performance.now() + 10_000;
      while (!ran && performance.now() < end) await reader.smallFile(file);
      expect(ran).to.equal(true);
    });
  });
}

describe('readerFor', () => {
  it('takes what is not known to be a disk for far away', async () => {
    expect(await readerFor('/proc')).to.be.instanceOf(FarReader);
    expect(await readerFor('/dev/shm')).to.be.instanceOf(NearReader);
  });

  it('rejects where there is nothing', async () => {
    expect(await codeOf(readerFor('/nowhere/at/all'))).to.equal('ENOENT');
  });
});

const codeOf = (promise: Promise<unknown>) => promise.then(() => undefined, systemCode);
