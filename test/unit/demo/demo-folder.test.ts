import { createPublicKey, sign, verify } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import { prepareFolder } from '../../../scripts/demo/demo-folder.ts';
import { scratchFolder } from '../../support/scratch.ts';

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe('prepareFolder', () => {
  it('makes a pair of keys that belong together, and secrets that only their owner may read', async () => {
    await using scratch = await scratchFolder();
    const { secrets, publicPem } = await prepareFolder(scratch.path);
    const [key, pub] = await Promise.all(
      ['signing.key', 'signing.pub'].map((name) => readFile(join(scratch.path, 'keys', name), 'utf8')),
    );
    const signature = sign(null, Buffer.from('manifest'), key ?? '');
    expect(verify(null, Buffer.from('manifest'), createPublicKey(pub ?? ''), signature)).to.equal(true);
    expect(publicPem).to.equal(pub);
    expect(await modeOf(join(scratch.path, 'keys/signing.key'))).to.equal(0o600);
    for (const name of await readdir(join(scratch.path, 'secrets'))) {
      expect(await modeOf(join(scratch.path, 'secrets', name)), name).to.equal(0o600);
    }
    expect(await readFile(join(scratch.path, 'secrets/agama.txt'), 'utf8')).to.equal(secrets.agamaBackup);
    expect(new Set(Object.values(secrets)).size).to.equal(3);
    // They are put between quotes into statements.
    for (const secret of Object.values(secrets)) expect(secret).to.match(/^[\w-]{20,}$/);
  });

  it('makes the other place: room for copies, and an escrow key whose public half alone is told', async () => {
    await using scratch = await scratchFolder();
    const { recipient } = await prepareFolder(scratch.path);
    const escrow = join(scratch.path, 'elsewhere/escrow.key');
    const text = await readFile(escrow, 'utf8');
    expect(await modeOf(escrow)).to.equal(0o600);
    const [secretLine = ''] = text.split('\n').filter((line) => line.startsWith('AGE-SECRET-KEY-'));
    expect(await identityToRecipient(secretLine)).to.equal(recipient);
    expect(await readdir(join(scratch.path, 'elsewhere/offsite'))).to.deep.equal(['.firedrill-vault']);
  });

  it('begins anew: the last vaults, secrets and escrow key go, reports and what is not its own stay', async () => {
    await using scratch = await scratchFolder();
    const first = await prepareFolder(scratch.path);
    const folders = ['vault/backup-2026-11-22', 'elsewhere/offsite/backup-2026-11-22'];
    for (const name of [...folders, 'reports/one', 'elsewhere/reports/two', 'mine']) {
      await mkdir(join(scratch.path, name), { recursive: true });
    }
    await writeFile(join(scratch.path, 'mine/notes.txt'), 'mine');
    const second = await prepareFolder(scratch.path);
    expect((await readdir(scratch.path)).sort()).to.deep.equal([
      'elsewhere',
      'keys',
      'mine',
      'reports',
      'secrets',
      'vault',
    ]);
    expect(await readdir(join(scratch.path, 'vault'))).to.deep.equal(['.firedrill-vault']);
    expect(await readdir(join(scratch.path, 'elsewhere/offsite'))).to.deep.equal(['.firedrill-vault']);
    expect(second.secrets.agamaBackup).to.not.equal(first.secrets.agamaBackup);
    expect(second.recipient).to.not.equal(first.recipient);
    expect(await readdir(join(scratch.path, 'reports'))).to.deep.equal(['one']);
    expect(await readdir(join(scratch.path, 'elsewhere/reports'))).to.deep.equal(['two']);
  });
});
