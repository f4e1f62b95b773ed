import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { BackedUp } from '../../src/flow/backup.ts';
import { seeded } from '../../src/kit/random.ts';
import { describeMember } from '../../src/model/backup-set.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { encryptedVault } from '../../src/vault/encrypted.ts';
import { markFile } from '../../src/vault/listing.ts';
import { readTrustedKey } from '../../src/vault/signature.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { VerifiedMember } from '../../src/vault/verified-member.ts';
import { backUpAgo, chainAgo, dayMs, leaveDrill } from '../support/aged-vault.ts';
import { fileCompany } from '../support/firedrill.ts';
import { copiedCompany } from '../support/offsite-company.ts';

/** How many moments are tried of each; `npm run test:kills` tries 50. */
const moments = Number(process.env.FIREDRILL_KILLS ?? 3);
const seed = Number(process.env.FIREDRILL_SEED ?? Math.floor(Math.random() * 2 ** 31));

/**
 * What a drill could find: each member that is listed is genuine and whole, or this throws.
 * @param newest only so many are read to their end
 */
async function wholeMembers(
  folder: string,
  vault: Vault = directoryVault('onsite', join(folder, 'vault')),
  newest = Number.POSITIVE_INFINITY,
) {
  const trusted = [readTrustedKey(await readFile(join(folder, 'keys/signing.pub'), 'utf8'))];
  const names: string[] = [];
  const { members } = await vault.list();
  for (const [i, listed] of members.entries()) {
    const member = await VerifiedMember.open(vault, listed, trusted);
    if (i >= members.length - newest) {
      expect([...(await member.verifyAll()).values()], describeMember(listed)).to.deep.equal(['whole']);
    }
    names.push(describeMember(listed));
  }
  return names;
}

/** All that lies in a vault, but locks: `backup-2026-11-22/one`, …, and what a crash left. */
async function everythingIn(vaultFolder: string): Promise<string[]> {
  const names = await readdir(vaultFolder, { recursive: true });
  return names.filter((name) => !name.startsWith('.locks')).sort();
}

describe(`kill -9 at ${moments} moments each (FIREDRILL_SEED=${seed})`, function () {
  this.timeout(60_000 + moments * 30_000);

  it('of a backup: no half member is visible, and the next run finishes', async () => {
    const random = seeded(seed);
    await using company = await fileCompany('one');
    const { folder } = company;
    const order = { env: { FIREDRILL_TEST: 'large-backup' } };
    const startMs = performance.now();
    expect((await company.run(['backup', '--full'], order)).status).to.equal(0);
    const wholeMs = performance.now() - startMs;
    const met = new Set<string>();
    for (let i = 0; i < moments; i += 1) {
      const before = await wholeMembers(folder);
      const { child, ended } = company.start(['backup', '--full'], order);
      const afterMs = Math.round(wholeMs * (0.3 + 0.7 * random()));
      await sleep(afterMs);
      child.kill('SIGKILL');
      await ended;
      const left = await everythingIn(join(folder, 'vault'));
      const after = await wholeMembers(folder);
      expect(after.slice(0, before.length), `killed after ${afterMs} ms`).to.deep.equal(before);
      expect(after.length - before.length).to.be.within(0, 1);
      const isPartial = left.some((name) => name.includes('.partial-'));
      met.add(isPartial ? 'in the dump' : after.length > before.length ? 'after the seal' : 'before the dump');
      const next = await company.run(['backup', '--full'], order);
      expect(next.status, next.stderr).to.equal(0);
      if (isPartial) expect(next.stderr).to.match(/^one: lock: taken over: .*, whose process is gone$/m);
      expect(await wholeMembers(folder)).to.have.length(after.length + 1);
      expect((await everythingIn(join(folder, 'vault'))).filter((name) => name.includes('.partial-'))).to.deep.equal(
        [],
      );
    }
    if (moments >= 20) expect([...met]).to.include('in the dump');
  });

  for (const encrypted of [true, false]) {
    it(`of a sync${encrypted ? ' that encrypts' : ''}: no half copy is visible, and the next run finishes`, async () => {
      const random = seeded(seed + (encrypted ? 2 : 3));
      await using company = await copiedCompany({ encrypted }, 'one');
      const { folder, localFolder, escrow } = company;
      const inClear = directoryVault('offsite', localFolder);
      const copies = encrypted ? encryptedVault(inClear, { recipients: [], identities: escrow.identities }) : inClear;
      const order = { env: { FIREDRILL_TEST: 'large-backup' } };
      const backUp = async () => {
        const backup = await company.run(['backup', '--full'], order);
        expect(backup.status, backup.stderr).to.equal(0);
      };
      await backUp();
      const startMs = performance.now();
      expect((await company.run(['sync'])).status).to.equal(0);
      const wholeMs = performance.now() - startMs;
      const met = new Set<string>();
      for (let i = 0; i < moments; i += 1) {
        const before = await wholeMembers(folder, copies, 1);
        await backUp();
        const { child, ended } = company.start(['sync']);
        const afterMs = Math.round(wholeMs * (0.3 + 0.7 * random()));
        await sleep(afterMs);
        child.kill('SIGKILL');
        await ended;
        const isPartial = (await everythingIn(localFolder)).some((name) => name.includes('.partial-'));
        const after = await wholeMembers(folder, copies, 2);
        expect(after.slice(0, before.length), `killed after ${afterMs} ms`).to.deep.equal(before);
        expect(after.length - before.length).to.be.within(0, 1);
        met.add(isPartial ? 'in the copying' : after.length > before.length ? 'after the rename' : 'before it began');
        const next = await company.run(['sync']);
        expect(next.status, next.stderr).to.equal(0);
        if (isPartial) expect(next.stderr).to.match(/^one: lock: taken over: .*, whose process is gone$/m);
        expect(await wholeMembers(folder, copies, 2)).to.deep.equal(await wholeMembers(folder, undefined, 1));
        expect((await everythingIn(localFolder)).filter((name) => name.includes('.partial-'))).to.deep.equal([]);
      }
      expect(await wholeMembers(folder, copies)).to.deep.equal(await wholeMembers(folder));
      if (moments >= 20) expect([...met]).to.include('in the copying');
    });
  }

  it('of an expiry: each chain is whole or shorter from its end, and the next run finishes', async () => {
    const random = seeded(seed + 1);
    await using company = await fileCompany('one');
    const { folder } = company;
    const young = await backUpAgo(folder, 'one', 3_600_000, 'full');
    await leaveDrill(folder, [young]);
    for (let i = 0; i < moments; i += 1) {
      const chains = [await chainAgo(folder, 'one', 30 * dayMs, 3), await chainAgo(folder, 'one', 60 * dayMs, 3)];
      const all = chains.flat().length;
      const { child, ended } = company.start(['expire']);
      const afterLines = Math.floor(random() * (all + 1));
      const afterMs = random() * 8;
      await seen(child.stderr, /: remove /g, afterLines);
      await sleep(afterMs);
      child.kill('SIGKILL');
      await ended;
      const moment = `killed after ${afterLines} of ${all} removals and ${afterMs.toFixed(1)} ms`;
      const left = await wholeMembers(folder);
      expect(left, moment).to.include(describeMember(young));
      for (const chain of chains) assertShorterFromEnd(chain, left, moment);
      const next = await company.run(['expire']);
      expect(next.status, next.stderr).to.equal(0);
      const { set, service, id } = young;
      const files = ['content.txt', 'manifest.json'].map((name) => `${set}/${service}/${id}/${name}`);
      expect(await everythingIn(join(folder, 'vault')), moment).to.deep.equal([
        ...[markFile, set, `${set}/${service}`, `${set}/${service}/${id}`],
        ...files,
      ]);
    }
  });
});

function assertShorterFromEnd(chain: readonly BackedUp[], left: readonly string[], moment: string) {
  const there = chain.map((each) => left.includes(describeMember(each)));
  const length = there.filter(Boolean).length;
  expect(there, moment).to.deep.equal(chain.map((_, i) => i < length));
}

/** Waits until a stream has said it so many times, or has ended. */
async function seen(stream: Readable, pattern: RegExp, times: number): Promise<void> {
  if (times === 0) return;
  let all = '';
  await new Promise<void>((resolve) => {
    stream.on('data', (chunk: string) => {
      all += chunk;
      if ((all.match(pattern) ?? []).length >= times) resolve();
    });
    stream.on('end', resolve);
  });
}
