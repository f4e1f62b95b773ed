import { expect } from 'chai';
import { collect } from '../../../src/kit/streams.ts';
import type { MemberRef } from '../../../src/model/backup-set.ts';
import { Forger, readBody } from '../../../src/saboteurs/forger.ts';
import { SpoiledVault } from '../../../src/saboteurs/spoiled-vault.ts';
import { VerifiedMember } from '../../../src/vault/verified-member.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { trusted } from '../../support/member.ts';
import { rejectionOf } from '../../support/rejection.ts';

/** A chain of three members of `one` and a full of `two`, and a copy to spoil. */
async function given() {
  const fixture = await drillFixture();
  const chain = [
    await fixture.backUpAt('one', '2026-11-22T01:00:00.000Z', 'a', 'full'),
    await fixture.backUpAt('one', '2026-11-23T01:00:00.000Z', 'ab'),
    await fixture.backUpAt('one', '2026-11-24T01:00:00.000Z', 'abc'),
  ] as const;
  const other = await fixture.backUpAt('two', '2026-11-22T01:00:00.000Z', 'x', 'full');
  const copy = await SpoiledVault.over(fixture.vault);
  return { ...fixture, chain, other, copy };
}

const read = async (vault: SpoiledVault, ref: MemberRef, file: string) =>
  (await collect(vault.read(ref, file), 1 << 20, file)).toString();

describe('SpoiledVault', () => {
  it('is as the original, until something is changed', async () => {
    await using made = await given();
    const { copy, vault, chain } = made;
    expect(await copy.list()).to.deep.equal(await vault.list());
    expect(await read(copy, chain[0], 'manifest.json')).to.contain('"firedrill-manifest"');
  });

  it('shows changes, and leaves the original as it is', async () => {
    await using made = await given();
    const { copy, vault, chain, other } = made;
    const before = await vault.list();
    copy.removeMember(chain[1]);
    copy.makePartial(chain[2]);
    copy.removeFile(chain[0], 'manifest.json');
    copy.putBytes(other, 'content.txt', Buffer.from('spoiled'));
    const { members, partial } = await copy.list();
    expect(members.map((each) => [each.id, each.files])).to.deep.equal([
      [chain[0].id, [{ name: 'content.txt', bytes: before.members[0]?.files[0]?.bytes }]],
      [other.id, [before.members[3]?.files[1], { name: 'content.txt', bytes: 7 }]],
    ]);
    expect(partial.map((each) => each.id)).to.deep.equal([chain[2].id]);
    expect(await read(copy, other, 'content.txt')).to.equal('spoiled');
    expect(await vault.list()).to.deep.equal(before);
  });

  it('puts one member in the place of another, in the order of the listing, also where files were changed', async () => {
    await using made = await given();
    const { copy, chain, other } = made;
    copy.putBytes(other, 'content.txt', Buffer.from('spoiled'));
    const from = copy.find(other);
    if (!from) throw new Error('it is there');
    copy.copyMember(from, chain[1]);
    copy.putBytes(other, 'content.txt', Buffer.from('changed later'));
    expect(await read(copy, chain[1], 'content.txt')).to.equal('spoiled');
    expect(copy.members.map((each) => each.id)).to.deep.equal([...chain.map((each) => each.id), other.id]);
  });
});

describe('Forger', () => {
  it('makes hashes and seals fit again, down the chain, for whoever trusts its key', async () => {
    await using made = await given();
    const { copy, chain } = made;
    const forger = new Forger();
    copy.putBytes(chain[0], 'content.txt', Buffer.from('spoiled'));
    await forger.reseal(copy, chain[0], (body) => {
      body.tools = { forged: 'yes' };
    });
    const opened = [];
    for (const ref of chain) {
      const listed = copy.find(ref);
      if (!listed) throw new Error('it is there');
      expect(await rejectionOf(VerifiedMember.open(copy, listed, trusted))).to.include({ code: 'MANIFEST_INVALID' });
      opened.push(await VerifiedMember.open(copy, listed, [...trusted, forger.trusted]));
    }
    const [full, first, second] = opened;
    expect(full?.manifest.artifacts[0]).to.include({ bytes: 7 });
    expect(full?.manifest.tools).to.deep.equal({ forged: 'yes' });
    expect(first?.manifest.parent?.manifestSha256).to.equal(full?.manifestSha256);
    expect(second?.manifest.parent?.manifestSha256).to.equal(first?.manifestSha256);
    expect(await full?.verifyAll()).to.deep.equal(new Map([['content.txt', 'whole']]));
  });

  it('leaves out artifacts that are not there any more', async () => {
    await using made = await given();
    const { copy, other } = made;
    copy.removeFile(other, 'content.txt');
    await new Forger().reseal(copy, other);
    expect((await readBody(copy, other)).artifacts).to.deep.equal([]);
  });
});
