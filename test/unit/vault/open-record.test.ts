import { copyFile, mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { KnownManifests } from '../../../src/model/known-manifests.ts';
import { openRecord } from '../../../src/vault/open-record.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { trusted } from '../../support/member.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { resealAt } from '../../support/vault-member.ts';

/** One member whose manifest is known, and what is said of it now. */
async function knownMember() {
  const fixture = await drillFixture();
  const { set, service, id } = await fixture.backUpAt('one', '2026-11-22T01:30:00.000Z', 'the text', 'full');
  const known = new KnownManifests();
  const folder = join(fixture.folder, set, service, id);
  const open = async (keys = trusted) => {
    const listed = (await fixture.vault.list()).members.find((each) => each.id === id);
    if (!listed) throw new Error('the member is not listed');
    return openRecord(fixture.vault, listed, keys, known);
  };
  const first = await open();
  return {
    ...{ first, known, open, folder, vaultFolder: fixture.folder, vault: fixture.vault },
    manifest: join(folder, 'manifest.json'),
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}

/** Puts other bytes in the place of a file, which looks the same from outside. */
async function replaceUnseen(file: string, change: (text: string) => string): Promise<void> {
  const before = await stat(file);
  const text = await readFile(file, 'utf8');
  const changed = change(text);
  expect(changed).to.not.equal(text);
  expect(changed).to.have.length(text.length);
  await writeFile(file, changed);
  await utimes(file, before.atime, before.mtime);
  const after = await stat(file);
  expect([after.size, after.mtimeMs, after.ino]).to.deep.equal([before.size, before.mtime.getTime(), before.ino]);
}

describe('openRecord', () => {
  it('opens a manifest once, and knows it by its bytes afterwards', async () => {
    await using given = await knownMember();
    expect(given.first.member?.manifest.id).to.equal('full-20261122T013000Z');
    expect(given.first.record).to.include({ kind: 'full', startedAt: '2026-11-22T01:30:00.000Z', parentId: null });
    expect(await given.open()).to.deep.equal({ record: given.first.record });
  });

  it('believes no manifest that was changed, though size, times and place are the same', async () => {
    await using given = await knownMember();
    await replaceUnseen(given.manifest, (text) => text.replace('"dataAt": "2026', '"dataAt": "2016'));
    const failure = await rejectionOf(given.open());
    expect(failure.code).to.equal('MANIFEST_INVALID');
    expect(failure.message).to.match(/is not genuine: its signature by key \w+ does not fit its content/);
  });

  it('sees another genuine manifest for what it says', async () => {
    await using given = await knownMember();
    await resealAt(given.folder, (body) => {
      body.dataAt = '2026-11-22T09:00:00.000Z';
    });
    const { record, member } = await given.open();
    expect(record.dataAt).to.equal('2026-11-22T09:00:00.000Z');
    expect(member?.manifest.dataAt).to.equal(record.dataAt);
  });

  it('believes a known manifest in its own place only', async () => {
    await using given = await knownMember();
    const other = join(dirname(given.folder), 'full-20261122T023000Z');
    await mkdir(other);
    await copyFile(given.manifest, join(other, 'manifest.json'));
    const listed = (await given.vault.list()).members.at(-1);
    if (!listed) throw new Error('the copy is not listed');
    const failure = await rejectionOf(openRecord(given.vault, listed, trusted, given.known));
    expect(failure.message).to.match(/it says member full-20261122T013000Z, but lies at full-20261122T023000Z/);
    expect(await rejectionOf(openRecord(given.vault, listed, trusted, given.known))).to.include({ code: failure.code });
  });

  it('keeps nothing of what is not genuine', async () => {
    await using given = await knownMember();
    const known = new KnownManifests();
    const [listed] = (await given.vault.list()).members;
    if (!listed) throw new Error('the member is not listed');
    await rejectionOf(openRecord(given.vault, listed, [], known));
    expect(known.changed).to.equal(false);
  });
});
