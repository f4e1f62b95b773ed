import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { directoryVault } from '../../src/vault/directory.ts';
import { encryptedVault } from '../../src/vault/encrypted.ts';
import { sftpVault } from '../../src/vault/sftp.ts';
import { makeAgeKey } from '../support/age-key.ts';
import { rejectionOf } from '../support/rejection.ts';
import { scratchFolder } from '../support/scratch.ts';
import { type SftpServer, startSftp } from '../support/sshd.ts';
import { markContract, vaultContract } from './vault.ts';

vaultContract('directory', async () => {
  const scratch = await scratchFolder();
  const vault = directoryVault('onsite', scratch.path);
  return { ...vault, localFolder: scratch.path, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
});

markContract('directory', async () => {
  const scratch = await scratchFolder();
  const localFolder = join(scratch.path, 'vault');
  await mkdir(localFolder);
  const vault = directoryVault('onsite', localFolder, { marked: true });
  return { ...vault, localFolder, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
});

vaultContract('directory, encrypted', async () => {
  const scratch = await scratchFolder();
  const { recipient, identities } = await makeAgeKey();
  const vault = encryptedVault(directoryVault('offsite', scratch.path), { recipients: [recipient], identities });
  return { ...vault, localFolder: scratch.path, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
});

describe('SFTP', function () {
  this.timeout(60_000);
  let server: SftpServer;
  let used = 0;
  before(async () => {
    server = await startSftp();
  });
  after(() => server[Symbol.asyncDispose]());

  const open = async (marked: boolean) => {
    const name = `vault-${used++}`;
    const made = join(server.localFolder, name);
    await mkdir(made);
    await server.own(made);
    const vault = sftpVault({ label: 'offsite', folder: `${server.folder}/${name}`, login: server.login, marked });
    return { ...vault, localFolder: made, [Symbol.asyncDispose]: () => vault[Symbol.asyncDispose]() };
  };
  vaultContract('SFTP, to an account without a shell', () => open(false));
  markContract('SFTP, to an account without a shell', () => open(true));
});

describe('vault contract: directory: a folder that is not there', () => {
  it('is an error for each use, says what to type, and is not made', async () => {
    await using scratch = await scratchFolder();
    const folder = join(scratch.path, 'mnt', 'vault');
    const vault = directoryVault('onsite', folder);
    const ref = { set: 'backup-2026-11-22', service: 'agama', id: 'full-20261122T013000Z' };
    for (const [code, use] of [
      ['VAULT_READ', () => vault.list()],
      ['VAULT_WRITE', () => vault.create(ref)],
    ] as const) {
      const error = await rejectionOf(use());
      expect(error).to.include({ code, exit: 1, message: `vault onsite: there is no folder ${folder}` });
      expect(error.hint).to.equal(`Mount it. If the vault is new, make its folder: mkdir -p ${folder}`);
    }
    expect(await readdir(scratch.path)).to.deep.equal([]);
    await mkdir(folder, { recursive: true });
    await (await vault.create(ref)).commit();
    expect((await vault.list()).members).to.have.length(1);
  });
});

describe('vault contract: directory: what a crash left', () => {
  it('is not listed when it was being removed, and is freed with what a dead backup left', async () => {
    await using scratch = await scratchFolder();
    const vault = directoryVault('onsite', scratch.path);
    const service = join(scratch.path, 'backup-2026-11-22', 'agama');
    await mkdir(join(service, '.removed-full-20261122T013000Z-0badcafe'), { recursive: true });
    await mkdir(join(service, '.partial-full-20261122T013000Z.4194400'));
    const partial = [{ set: 'backup-2026-11-22', service: 'agama', id: 'full-20261122T013000Z' }];
    expect(await vault.list()).to.deep.equal({ members: [], partial, foreign: [] });
    await vault.tidy('grafana');
    expect(await readdir(service)).to.have.length(2);
    await vault.tidy('agama');
    expect(await readdir(scratch.path)).to.deep.equal([]);
  });

  it('is never a foreign file, which stays where it is with its folder', async () => {
    await using scratch = await scratchFolder();
    const vault = directoryVault('onsite', scratch.path);
    await mkdir(join(scratch.path, 'backup-2026-11-22', 'agama', 'notes'), { recursive: true });
    await vault.tidy('agama');
    expect((await vault.list()).foreign).to.deep.equal(['backup-2026-11-22/agama/notes']);
  });
});
