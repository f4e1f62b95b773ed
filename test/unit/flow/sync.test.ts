import { appendFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type SyncOrder, syncVaults } from '../../../src/flow/sync.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { directoryVault } from '../../../src/vault/directory.ts';
import { VerifiedMember } from '../../../src/vault/verified-member.ts';
import { testActivity } from '../../support/activity.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { trusted } from '../../support/member.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const hours = [0, 1, 2, 3, 4, 5].map((hour) => `2026-11-22T0${hour}:30:00.000Z`);

/** A chain of six members of one service in one vault, and an empty vault beside it. */
async function twoVaults() {
  const fixture = await drillFixture();
  const scratch = await scratchFolder();
  for (const [i, at] of hours.entries()) await fixture.backUpAt('one', at, `the text${' goes on'.repeat(i)}`);
  const to = directoryVault('offsite', scratch.path);
  const services = [{ service: 'one', retentionDays: 56 }];
  const flags = { sameMachineAllowed: true, despiteLoss: false };
  const order: SyncOrder = { from: fixture.vault, to, trusted, services, ...flags };
  const clock = { ...systemClock, now: () => new Date('2026-11-22T06:00:00Z') };
  const { members } = await fixture.vault.list();
  return {
    ...{ order, members, onsite: fixture.folder, offsite: scratch.path },
    /** The folder of the member of that hour. */
    folderOf: (vault: string, hour: number) => {
      const { set, service, id } = members[hour] ?? { set: '', service: '', id: '' };
      return join(vault, set, service, id);
    },
    sync: (change: Partial<SyncOrder> = {}, signal?: AbortSignal) =>
      syncVaults({ ...order, ...change }, { ...testActivity(signal), clock }),
    [Symbol.asyncDispose]: async () => {
      await fixture[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

describe('sync', function () {
  this.timeout(20_000);

  it('copies what is missing, the oldest first, byte for byte, and then nothing more', async () => {
    await using given = await twoVaults();
    const { members, order } = given;
    const first = await given.sync();
    expect(first.copied.map(({ id }) => id)).to.deep.equal(members.map(({ id }) => id));
    expect(first).to.deep.include({ vault: 'offsite', refused: [], there: 0, lost: [], stopped: null });
    const { members: copies } = await order.to.list();
    expect(copies).to.deep.equal(members);
    for (const copy of copies) {
      const member = await VerifiedMember.open(order.to, copy, trusted);
      expect([...(await member.verifyAll()).values()]).to.deep.equal(['whole']);
    }
    expect(await given.sync()).to.deep.include({ copied: [], there: 6 });
  });

  it('does not copy a member that is damaged or not genuine, says which, and copies the others', async () => {
    await using given = await twoVaults();
    await appendFile(join(given.folderOf(given.onsite, 1), 'content.txt'), 'x');
    await writeFile(join(given.folderOf(given.onsite, 2), 'manifest.json'), '{}');
    await rm(join(given.folderOf(given.onsite, 3), 'content.txt'));
    const { copied, refused, stopped } = await given.sync();
    expect(copied).to.have.length(3);
    expect(refused.map(({ member, error }) => [member.id, error.code])).to.deep.equal([
      [given.members[1]?.id, 'ARTIFACT_DAMAGED'],
      [given.members[2]?.id, 'MANIFEST_INVALID'],
      [given.members[3]?.id, 'ARTIFACT_DAMAGED'],
    ]);
    expect(stopped).to.equal(null);
    expect((await given.order.to.list()).partial).to.deep.equal([]);
  });

  it('deletes nothing, and tells what the copy alone still holds', async () => {
    await using given = await twoVaults();
    await given.sync();
    await rm(given.folderOf(given.onsite, 5), { recursive: true });
    const { lost, copied } = await given.sync();
    expect(copied).to.deep.equal([]);
    expect(lost.map(({ members, of }) => [members.map(({ id }) => id), of])).to.deep.equal([
      [[given.members[5]?.id], 6],
    ]);
    expect((await given.order.to.list()).members).to.have.length(6);
  });

  it('stops when much has disappeared, until it is told that this was meant', async () => {
    await using given = await twoVaults();
    await given.sync();
    await rm(join(given.onsite, given.members[0]?.set ?? ''), { recursive: true });
    const error = await rejectionOf(given.sync());
    expect(error).to.include({ code: 'VAULT_SHRUNK', exit: 1 });
    expect(error.detail).to.deep.equal(['one: 6 of 6 backups that vault offsite holds are gone from vault onsite']);
    expect(error.hint).to.contain('firedrill sync --despite-loss');
    expect((await given.order.to.list()).members).to.have.length(6);
    expect(await given.sync({ despiteLoss: true })).to.deep.include({ copied: [], stopped: null });
    expect((await given.order.to.list()).members).to.have.length(6);
  });

  it('refuses a vault on the same disk unless it is allowed, and the same folder always', async () => {
    await using given = await twoVaults();
    const same = await rejectionOf(given.sync({ sameMachineAllowed: false }));
    expect(same).to.include({ code: 'CONFIG_INVALID', exit: 2 });
    expect(same.message).to.match(/^vault offsite is no second copy beside vault onsite: it is on the same disk: /);
    expect(same.hint).to.contain('vaults.offsite.sameMachineAllowed: true');
    const itself = await rejectionOf(given.sync({ to: directoryVault('offsite', given.onsite) }));
    expect(itself.message).to.contain('it is the same folder');
    expect(await readdir(given.offsite)).to.deep.equal([]);
  });

  it('leaves no half member when it is interrupted, and goes on the next time', async () => {
    await using given = await twoVaults();
    const stop = new AbortController();
    const from = {
      ...given.order.from,
      read: (...[ref, file]: Parameters<typeof given.order.from.read>) => {
        if (ref.id === given.members[2]?.id && file === 'content.txt') stop.abort();
        return given.order.from.read(ref, file);
      },
    };
    const { copied, stopped } = await given.sync({ from }, stop.signal);
    expect([copied.length, stopped?.code]).to.deep.equal([2, 'INTERRUPTED']);
    const { members, partial } = await given.order.to.list();
    expect([members.length, partial]).to.deep.equal([2, []]);
    expect(await given.sync()).to.deep.include({ there: 2, stopped: null });
    expect((await given.order.to.list()).members).to.deep.equal(given.members);
  });
});
