import { randomBytes } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { backUp } from '../../src/flow/backup.ts';
import { SftpClient } from '../../src/hosts/sftp.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { collect, digestOf } from '../../src/kit/streams.ts';
import { sftpVault } from '../../src/vault/sftp.ts';
import { VerifiedMember } from '../../src/vault/verified-member.ts';
import { testActivity } from '../support/activity.ts';
import { cuttingProxy } from '../support/cutting-proxy.ts';
import { noHost } from '../support/drill-fixture.ts';
import { fileEngine } from '../support/file-engine.ts';
import { testKeys, trusted } from '../support/member.ts';
import { rejectionOf } from '../support/rejection.ts';
import { scratchFolder } from '../support/scratch.ts';
import { type Sshd, startSftp, startSshd } from '../support/sshd.ts';

describe('SFTP client', function () {
  this.timeout(30_000);
  let sshd: Sshd;
  before(async () => {
    sshd = await startSshd();
  });
  after(() => sshd[Symbol.asyncDispose]());

  const loginAt = (port: number, change = {}) => {
    const { user, privateKey, knownHostsFile } = sshd;
    return { label: 'sftp:127.0.0.1', host: '127.0.0.1', port, user, privateKey, knownHostsFile, ...change };
  };

  it("takes the server's own SHA-256 where the account has a shell: the file is not read back", async () => {
    await using scratch = await scratchFolder();
    await using link = await cuttingProxy(sshd.port);
    await writeFile(sshd.knownHostsFile, `[127.0.0.1]:* ${sshd.hostKey}\n`);
    await using client = new SftpClient({ login: loginAt(link.port) });
    // A name that a shell would stumble over.
    const path = join(scratch.path, "it's $HOME; `a` file");
    const content = randomBytes(4 << 20);
    await client.write(path, Readable.from([content]));
    link.receivedBytes = 0;
    expect(await client.digest(path)).to.deep.equal(await digestOf(Readable.from([content])));
    expect(link.receivedBytes).to.be.lessThan(1 << 20);
  });

  it('reads the file back where the account has none', async () => {
    await using server = await startSftp();
    await using client = new SftpClient({ login: server.login });
    const content = randomBytes(1 << 20);
    const path = `${server.folder}/file`;
    await client.write(path, Readable.from([content]));
    for (let i = 0; i < 2; i++) {
      expect(await client.digest(path)).to.deep.equal(await digestOf(Readable.from([content])));
    }
  });

  it('accepts no host key that is not known, and takes known ones also from the lines of the configuration', async () => {
    await using server = await startSftp();
    const lines = (knownHostsLines: readonly string[]) => ({
      ...server.login,
      ...{ knownHostsFile: 'vaults.offsite.knownHosts', knownHostsLines },
    });
    await using stranger = new SftpClient({ login: lines(['elsewhere ssh-ed25519 AAAA']) });
    expect((await rejectionOf(stranger.entries('.'))).code).to.equal('HOST_KEY_UNKNOWN');
    await using known = new SftpClient({ login: lines([`[127.0.0.1]:${server.login.port} ${server.sshd.hostKey}`]) });
    expect((await known.entries('.')).length).to.be.greaterThan(0);
  });

  it('says at once when nobody listens', async () => {
    await using client = new SftpClient({ login: loginAt(1) });
    const error = await rejectionOf(client.entries('.'));
    expect(error.code).to.equal('HOST_UNREACHABLE');
  });
});

describe('a vault over SFTP', function () {
  this.timeout(30_000);
  const ref = { set: 'backup-2026-11-22', service: 'agama', id: 'full-20261122T013000Z' };

  it('is an error where its folder is not there, and is not made', async () => {
    await using server = await startSftp();
    await using vault = sftpVault({ label: 'offsite', folder: `${server.folder}/absent`, login: server.login });
    const listing = await rejectionOf(vault.list());
    expect(listing).to.include({ code: 'VAULT_READ', exit: 1 });
    expect(listing.message).to.match(/^vault offsite: there is no folder .*absent on 127\.0\.0\.1$/);
    expect((await rejectionOf(vault.create(ref))).code).to.equal('VAULT_WRITE');
  });

  it('takes a backup directly, and an increment on it', async () => {
    await using server = await startSftp();
    await using vault = sftpVault({ label: 'far', folder: server.folder, login: server.login });
    const settings = { content: 'the text' };
    const source = { service: 'one', host: noHost, settings };
    const order = { engine: fileEngine, source, vault, signingKey: testKeys.privateKey, timeZone: 'UTC' };
    const at = (hour: number) => ({
      ...testActivity(),
      clock: { ...systemClock, now: () => new Date(`2026-11-22T0${hour}:30:00Z`) },
    });
    await backUp({ ...order, kind: 'full' }, at(1));
    const { promoted, manifest } = await backUp({ ...order, kind: 'incremental' }, at(2));
    expect([promoted, manifest.kind]).to.deep.equal([null, 'incremental']);
    for (const listed of (await vault.list()).members) {
      const member = await VerifiedMember.open(vault, listed, trusted);
      expect([...(await member.verifyAll()).values()]).to.deep.equal(['whole']);
    }
  });

  it('follows no link', async () => {
    await using server = await startSftp();
    const member = join(server.localFolder, ref.set, ref.service, ref.id);
    await mkdir(member, { recursive: true });
    await writeFile(join(server.localFolder, 'secret'), 'secret');
    await symlink('../../../secret', join(member, 'manifest.json'));
    await using vault = sftpVault({ label: 'offsite', folder: server.folder, login: server.login });
    expect((await vault.list()).members[0]).to.deep.include({ files: [], strange: ['manifest.json'] });
    const error = await rejectionOf(collect(vault.read(ref, 'manifest.json'), 100, 'test'));
    expect(error.code).to.equal('VAULT_READ');
  });

  it('knows that it lies on this machine', async () => {
    await using server = await startSftp();
    await using vault = sftpVault({ label: 'offsite', folder: server.folder, login: server.login });
    const place = await vault.whereabouts();
    expect(place).to.include({ kind: 'host', thisMachine: '127.0.0.1 is an address of this machine' });
  });
});
