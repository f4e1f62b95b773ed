import { open, readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { backUp } from '../../../src/flow/backup.ts';
import { planExpiryOf } from '../../../src/flow/expire.ts';
import { syncVaults } from '../../../src/flow/sync.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { collect } from '../../../src/kit/streams.ts';
import { type AgeIdentities, readAgeIdentities } from '../../../src/vault/age.ts';
import { directoryVault } from '../../../src/vault/directory.ts';
import { encryptedVault } from '../../../src/vault/encrypted.ts';
import { VerifiedMember } from '../../../src/vault/verified-member.ts';
import { testActivity } from '../../support/activity.ts';
import { makeAgeKey } from '../../support/age-key.ts';
import { drillFixture, noHost } from '../../support/drill-fixture.ts';
import { fileEngine } from '../../support/file-engine.ts';
import { testKeys, trusted } from '../../support/member.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

/** An encrypted copy, made with public keys only, of a vault that holds one member. */
async function encryptedCopy() {
  const fixture = await drillFixture('one');
  const scratch = await scratchFolder();
  const [escrow, machine, stranger] = await Promise.all([makeAgeKey(), makeAgeKey(), makeAgeKey('other.key')]);
  const recipients = [escrow.recipient, machine.recipient];
  const vaultOf = (identities?: AgeIdentities) =>
    encryptedVault(directoryVault('offsite', scratch.path), { recipients, ...(identities ? { identities } : {}) });
  const sealed = vaultOf();
  const services = [{ service: 'one', retentionDays: 56 }];
  const order = { from: fixture.vault, to: sealed, trusted, services, sameMachineAllowed: true, despiteLoss: false };
  await syncVaults(order, testActivity());
  const [listed] = (await sealed.list()).members;
  const [original] = (await fixture.vault.list()).members;
  if (!listed || !original) throw new Error('nothing was copied');
  return {
    ...{ escrow, machine, stranger, sealed, listed, original, vaultOf, onsite: fixture.vault },
    folder: join(scratch.path, listed.set, listed.service, listed.id),
    opened: (identities: AgeIdentities) => VerifiedMember.open(vaultOf(identities), listed, trusted),
    syncAgain: () => syncVaults(order, testActivity()),
    [Symbol.asyncDispose]: async () => {
      await fixture[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

/** Changes one byte of a file, counted from its start, or from its end. */
async function flip(path: string, at: number) {
  const handle = await open(path, 'r+');
  const position = at < 0 ? (await handle.stat()).size + at : at;
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, position);
  await handle.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, position);
  await handle.close();
}

describe('an encrypted vault', () => {
  it('is opened by the private key of any recipient, and holds the very same member', async () => {
    await using given = await encryptedCopy();
    const original = await VerifiedMember.open(given.onsite, given.original, trusted);
    for (const { identities } of [given.escrow, given.machine]) {
      const member = await given.opened(identities);
      expect(member.manifestSha256).to.equal(original.manifestSha256);
      expect(member.listed).to.deep.equal(given.original);
      expect((await collect(member.content('content.txt'), 100, 'test')).toString()).to.equal('the text of one');
      expect([...(await member.verifyAll()).values()]).to.deep.equal(['whole']);
    }
  });

  it('shows neither names, nor sizes, nor content to who holds it', async () => {
    await using given = await encryptedCopy();
    const files = await readdir(given.folder);
    expect(files.sort()).to.deep.equal(['0001.age', 'manifest.json.age', 'names.age', 'stored.json']);
    const bytes = await Promise.all(files.map((file) => readFile(join(given.folder, file))));
    for (const secret of ['the text', 'content.txt', 'firedrill-manifest', '"sha256": "', 'position']) {
      const shown = bytes.slice(0, 3).filter((each) => each.includes(secret));
      expect(shown, secret).to.deep.equal([]);
    }
    const artifact = await VerifiedMember.open(given.onsite, given.original, trusted);
    expect(bytes[3]?.includes('content.txt')).to.equal(false);
    expect(bytes[3]?.includes(artifact.manifest.artifacts[0]?.sha256 ?? '')).to.equal(false);
    // The header for two recipients, and what is padded to 4096 bytes.
    expect(bytes[0]?.length).to.equal(bytes[2]?.length);
  });

  it('is listed, gone on with and audited without a private key, and read by nobody', async () => {
    await using given = await encryptedCopy();
    expect(given.listed.files.map(({ name }) => name)).to.include('manifest.json');
    expect(await given.syncAgain()).to.deep.include({ copied: [], there: 1, stopped: null });
    const original = await VerifiedMember.open(given.onsite, given.original, trusted);
    const { startedAt, dataAt, finishedAt } = original.manifest;
    const facts = { manifestSha256: original.manifestSha256, startedAt, dataAt, finishedAt, parentId: null };
    expect(await given.sealed.audit?.(given.listed, true)).to.deep.equal({ facts, damaged: [] });
    const error = await rejectionOf(VerifiedMember.open(given.sealed, given.listed, trusted));
    expect(error).to.include({ code: 'KEY_INVALID', exit: 2 });
    expect(error.message).to.equal('vault offsite is encrypted, and there is no key to open it');
    expect(error.hint).to.contain('--identity');
  });

  it('tells a wrong key from a damaged file, wherever it is damaged', async () => {
    await using given = await encryptedCopy();
    const wrong = await rejectionOf(given.opened(given.stranger.identities));
    expect(wrong).to.include({ code: 'KEY_WRONG', exit: 2 });
    expect(wrong.message).to.match(/^no key in other\.key opens .*names\.age of vault offsite$/);
    // In the header, where age itself would say that no key fits; in the body; and cut.
    for (const [at, file] of [
      [40, 'names.age'],
      [-5, 'names.age'],
      [40, 'manifest.json.age'],
    ] as const) {
      await flip(join(given.folder, file), at);
      expect((await rejectionOf(given.opened(given.escrow.identities))).code, `${file} ${at}`).to.equal(
        'ARTIFACT_DAMAGED',
      );
      await flip(join(given.folder, file), at);
    }
    const member = await given.opened(given.escrow.identities);
    await truncate(join(given.folder, '0001.age'), 3000);
    const cut = await rejectionOf(collect(member.content('content.txt'), 100, 'test'));
    expect(cut.code).to.equal('ARTIFACT_DAMAGED');
    const audit = await given.sealed.audit?.(given.listed, true);
    expect(audit?.damaged.map(({ code, message }) => [code, /0001\.age/.test(message)])).to.deep.equal([
      ['ARTIFACT_DAMAGED', true],
    ]);
  });

  it('gets fulls only from a machine that cannot open it', async () => {
    await using fixture = await drillFixture();
    const { recipient } = await makeAgeKey();
    const vault = encryptedVault(fixture.vault, { recipients: [recipient] });
    const source = { service: 'one', host: noHost, settings: { content: 'text' } };
    const order = { engine: fileEngine, source, vault, signingKey: testKeys.privateKey, timeZone: 'UTC' };
    const at = (hour: number) => ({
      ...testActivity(),
      clock: { ...systemClock, now: () => new Date(`2026-11-22T0${hour}:30:00Z`) },
    });
    expect((await backUp({ ...order, kind: 'full' }, at(1))).promoted).to.equal(null);
    const next = await backUp({ ...order, kind: 'incremental' }, at(2));
    expect(next.manifest.kind).to.equal('full');
    expect(next.promoted).to.match(/is encrypted, and there is no key to open it/);
  });

  it('expires without a private key', async () => {
    await using given = await encryptedCopy();
    const order = { vault: given.sealed, trusted, service: 'one', retentionDays: 56, history: [] };
    const { chains } = await planExpiryOf(order, testActivity());
    expect(chains.map(({ fate, newestAt }) => [fate, newestAt])).to.deep.equal([
      ['keep', (await VerifiedMember.open(given.onsite, given.original, trusted)).manifest.dataAt],
    ]);
  });

  it('reads members that were stored in clear before', async () => {
    await using given = await encryptedCopy();
    const vault = encryptedVault(given.onsite, { recipients: [], identities: given.escrow.identities });
    const member = await VerifiedMember.open(vault, given.original, trusted);
    expect((await collect(member.content('content.txt'), 100, 'test')).toString()).to.equal('the text of one');
  });
});

describe('private keys of age', () => {
  it('are read with their comments, and never shown when they are damaged', async () => {
    const { text } = await makeAgeKey();
    expect(readAgeIdentities(`${text}\r\n\n`, 'escrow.key').file).to.equal('escrow.key');
    const secret = text.trimEnd().split('\n').at(-1) ?? '';
    for (const mangled of [
      '',
      '# nothing\n',
      'hello\n',
      secret.slice(0, -1),
      secret.replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q')),
      `x${secret}`,
    ]) {
      let error: unknown;
      try {
        readAgeIdentities(mangled, 'escrow.key');
      } catch (thrown) {
        error = thrown;
      }
      expect(error, mangled.slice(0, 20)).to.include({ code: 'KEY_INVALID', exit: 2 });
      expect(JSON.stringify([error, String((error as Error).stack)])).to.not.contain(secret.slice(20, 40));
    }
  });
});
