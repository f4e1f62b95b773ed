import { createPublicKey, sign, verify } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { prepareFolder } from '../../../scripts/demo/demo-folder.ts';
import { scratchFolder } from '../../support/scratch.ts';

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe('prepareFolder', () => {
  it('makes a pair of keys that belong together, and secrets that only their owner may read', async () => {
    await using scratch = await scratchFolder();
    const secrets = await prepareFolder(scratch.path);
    const [key, pub] = await Promise.all(
      ['signing.key', 'signing.pub'].map((name) => readFile(join(scratch.path, 'keys', name), 'utf8')),
    );
    const signature = sign(null, Buffer.from('manifest'), key ?? '');
    expect(verify(null, Buffer.from('manifest'), createPublicKey(pub ?? ''), signature)).to.equal(true);
    expect(await modeOf(join(scratch.path, 'keys/signing.key'))).to.equal(0o600);
    for (const name of await readdir(join(scratch.path, 'secrets'))) {
      expect(await modeOf(join(scratch.path, 'secrets', name)), name).to.equal(0o600);
    }
    expect(await readFile(join(scratch.path, 'secrets/agama.txt'), 'utf8')).to.equal(secrets.agamaBackup);
    expect(new Set(Object.values(secrets)).size).to.equal(3);
    // They are put between quotes into statements.
    for (const secret of Object.values(secrets)) expect(secret).to.match(/^[\w-]{20,}$/);
  });

  it('begins anew: the last vault and secrets go, reports and what is not its own stay', async () => {
    await using scratch = await scratchFolder();
    const first = await prepareFolder(scratch.path);
    for (const name of ['vault/backup-2026-11-22', 'reports/one', 'mine']) {
      await mkdir(join(scratch.path, name), { recursive: true });
    }
    await writeFile(join(scratch.path, 'mine/notes.txt'), 'mine');
    const second = await prepareFolder(scratch.path);
    expect((await readdir(scratch.path)).sort()).to.deep.equal(['keys', 'mine', 'reports', 'secrets', 'vault']);
    expect(await readdir(join(scratch.path, 'vault'))).to.deep.equal([]);
    expect(second.agamaBackup).to.not.equal(first.agamaBackup);
    expect(await readdir(join(scratch.path, 'reports'))).to.deep.equal(['one']);
  });
});
