import { chmod, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { runList } from '../../../src/cli/list.ts';
import { composedOf } from '../../support/composed.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { fileEngine } from '../../support/file-engine.ts';
import { trusted } from '../../support/member.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { resealAt } from '../../support/vault-member.ts';

describe('runList', () => {
  it('calls no chain whole of which a member lost its manifest, and no other for that', async () => {
    await using given = await drillFixture();
    const members = [];
    for (const day of [22, 23, 24, 25, 26]) {
      const kind = day === 25 ? 'full' : 'incremental';
      members.push(await given.backUpAt('one', `2026-11-${day}T01:30:00.000Z`, 'a text', kind));
    }
    const composed = composedOf(given.vault, fileEngine, ['one']);
    const problems = async () => (await runList(composed, [])).chains.map((each) => each.problems);
    expect(await problems()).to.deep.equal([[], []]);
    const [, , third] = members;
    await rm(join(given.folder, third?.set ?? '', 'one', third?.id ?? '', 'manifest.json'));
    expect(await problems()).to.deep.equal([[`${third?.id} has no manifest, and cannot be used`], []]);
  });

  describe('with what it knew before', () => {
    it('says the same, and opens only what it does not know', async () => {
      await using given = await chainOfThree();
      const first = await given.list();
      expect(first.members.map(({ state }) => state)).to.deep.equal(['sealed', 'sealed', 'sealed']);
      expect(given.verified()).to.equal(3);
      expect(await given.list()).to.deep.equal(first);
      expect(given.verified()).to.equal(3);
      await given.backUpAt('one', '2026-11-25T01:30:00.000Z', 'a text');
      const { members, chains } = await given.list();
      expect(members).to.have.length(4);
      expect(chains[0]).to.deep.include({ whole: true });
    });

    it('sees a manifest that was damaged since, and a chain that broke', async () => {
      await using given = await chainOfThree();
      await given.list();
      await resealAt(given.members[1] ?? '', (body) => {
        body.parent = { id: 'full-20261121T013000Z', manifestSha256: 'a'.repeat(64) };
      });
      const fork = await given.list();
      expect(fork.chains[0]?.whole).to.equal(false);
      expect(fork.chains[0]?.problems.join()).to.match(/incr-20261123T013000Z/);
      await writeFile(join(given.members[1] ?? '', 'manifest.json'), '{}');
      expect((await given.list()).members.map(({ state }) => state)).to.deep.equal(['sealed', 'not genuine', 'sealed']);
    });

    it('takes no word from a memory that is damaged, or that others may write', async () => {
      await using given = await chainOfThree();
      const first = await given.list();
      const text = await readFile(given.memory, 'utf8');
      await writeFile(given.memory, text.replace(/2026-11-24/g, '2016-11-24'));
      expect(await given.list()).to.deep.equal(first);
      expect(await readFile(given.memory, 'utf8'), 'made anew')
        .to.have.length(text.length)
        .and.not.contain('2016-11-24');
      await chmod(given.memory, 0o666);
      expect(await given.list()).to.deep.equal(first);
      expect((await stat(given.memory)).mode & 0o777, 'made anew').to.equal(0o640);
      await rm(given.memory);
      await symlink('/dev/zero', given.memory);
      expect(await given.list()).to.deep.equal(first);
    });

    it('forgets what another key has signed when that is trusted no more', async () => {
      await using given = await chainOfThree();
      await given.list();
      const { members } = await runList({ ...given.composed, trusted: [] }, []);
      expect(members.map(({ state }) => state)).to.deep.equal(['not genuine', 'not genuine', 'not genuine']);
    });

    it('lists as well where it may not keep anything', async () => {
      await using given = await chainOfThree();
      const first = await given.list();
      expect(await runList({ ...given.composed, stateFolder: '/dev/null/nowhere' }, [])).to.deep.equal(first);
    });

    it('is told apart by vault, and not disturbed by another run', async () => {
      await using given = await chainOfThree();
      const first = await given.list();
      const other = { ...given.composed, vault: { ...given.vault, label: 'other' } };
      const runs = await Promise.all([given.list(), given.list(), runList(other, []), runList(other, [])]);
      for (const run of runs) expect(run).to.deep.equal(first);
      expect((await readdir(given.stateFolder)).sort()).to.deep.equal([
        'manifests-onsite.json',
        'manifests-other.json',
      ]);
    });
  });
});

/** A chain of three members, listed with a memory. */
async function chainOfThree() {
  const fixture = await drillFixture();
  const scratch = await scratchFolder();
  const members: string[] = [];
  for (const [i, day] of ['22', '23', '24'].entries()) {
    const kind = i === 0 ? 'full' : 'incremental';
    const { set, service, id } = await fixture.backUpAt('one', `2026-11-${day}T01:30:00.000Z`, 'a text', kind);
    members.push(join(fixture.folder, set, service, id));
  }
  const stateFolder = join(scratch.path, 'state');
  let verified = 0;
  // An id is looked for only where a signature is verified.
  const counted = trusted.map(({ keyId, key }) => ({
    key,
    get keyId() {
      verified += 1;
      return keyId;
    },
  }));
  const composed = { ...composedOf(fixture.vault, fileEngine, ['one'], { stateFolder }), trusted: counted };
  return {
    ...{ members, composed, stateFolder, vault: fixture.vault, backUpAt: fixture.backUpAt },
    memory: join(stateFolder, 'manifests-onsite.json'),
    list: () => runList(composed, []),
    /** Signatures so far. */
    verified: () => verified,
    [Symbol.asyncDispose]: async () => {
      await fixture[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}
