import { appendFile, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { compareVaults, type ParityOrder } from '../../../src/flow/parity.ts';
import { syncVaults } from '../../../src/flow/sync.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { directoryVault } from '../../../src/vault/directory.ts';
import { encryptedVault } from '../../../src/vault/encrypted.ts';
import { testActivity } from '../../support/activity.ts';
import { makeAgeKey } from '../../support/age-key.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { trusted } from '../../support/member.ts';
import { scratchFolder } from '../../support/scratch.ts';

const services = [{ service: 'one', retentionDays: 56 }];

/** A chain of three members of 22 November in one vault, and its copy: in clear, or made with a public key only. */
async function pair(recipients: readonly string[] = []) {
  const fixture = await drillFixture();
  const scratch = await scratchFolder();
  for (const hour of [1, 2, 3]) await fixture.backUpAt('one', `2026-11-22T0${hour}:30:00.000Z`, 'x'.repeat(hour * 10));
  const plain = directoryVault('offsite', scratch.path);
  const copy = recipients.length > 0 ? encryptedVault(plain, { recipients }) : plain;
  const clockAt = (at: string) => ({ ...testActivity(), clock: { ...systemClock, now: () => new Date(at) } });
  const sync = { from: fixture.vault, to: copy, trusted, services, sameMachineAllowed: true, despiteLoss: false };
  await syncVaults(sync, clockAt('2026-11-22T04:00:00Z'));
  const { members } = await fixture.vault.list();
  const flags = { all: true, allowedLagMs: 26 * 3_600_000 };
  const order: ParityOrder = { original: fixture.vault, copy, trusted, services, ...flags };
  return {
    ...{ fixture, members, onsite: fixture.folder, offsite: scratch.path },
    folderOf: (vault: string, hour: number) => {
      const { set, service, id } = members[hour - 1] ?? { set: '', service: '', id: '' };
      return join(vault, set, service, id);
    },
    compare: async (at = '2026-11-22T04:00:00Z', change: Partial<ParityOrder> = {}) => {
      const [found] = await compareVaults({ ...order, ...change }, clockAt(at));
      if (!found) throw new Error('no service was compared');
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      await fixture[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

describe('parity of two vaults', function () {
  this.timeout(20_000);

  it('is whole after a sync, byte for byte, also where nobody here can open the copy', async () => {
    const { recipient } = await makeAgeKey();
    for (const recipients of [[], [recipient]]) {
      await using given = await pair(recipients);
      const counts = { original: 3, copy: 3, waiting: 0, lagMs: 0, compared: 3 };
      expect(await given.compare()).to.deep.equal({ service: 'one', ...counts, differences: [] });
    }
  });

  it('tells the lag, and calls what waits too long a difference', async () => {
    await using given = await pair();
    await given.fixture.backUpAt('one', '2026-11-22T05:30:00.000Z', 'x'.repeat(40));
    const soon = await given.compare('2026-11-22T06:00:00Z');
    expect(soon).to.deep.include({ original: 4, copy: 3, waiting: 1, lagMs: 2 * 3_600_000, differences: [] });
    const late = await given.compare('2026-11-23T08:00:00Z');
    expect(late.waiting).to.equal(0);
    expect(late.differences).to.deep.equal(['backup-2026-11-22/one/incr-20261122T053000Z is not in vault offsite']);
  });

  it('finds a hole, and what only the copy holds inside the retention', async () => {
    await using given = await pair();
    await rm(given.folderOf(given.offsite, 2), { recursive: true });
    await rm(given.folderOf(given.onsite, 3), { recursive: true });
    const found = await given.compare('2026-11-25T00:00:00Z');
    expect(found.differences).to.deep.equal([
      'backup-2026-11-22/one/incr-20261122T023000Z is not in vault offsite',
      'backup-2026-11-22/one/incr-20261122T033000Z is in vault offsite only',
    ]);
    const muchLater = await given.compare('2027-11-25T00:00:00Z');
    expect(muchLater.differences).to.have.length(1);
  });

  it('finds a changed byte on either side, of any chain only when all are read', async () => {
    await using given = await pair();
    await appendFile(join(given.folderOf(given.offsite, 1), 'content.txt'), 'x');
    await given.fixture.backUpAt('one', '2026-11-22T04:30:00.000Z', 'new', 'full');
    const quick = await given.compare(undefined, { all: false });
    expect([quick.differences, quick.compared]).to.deep.equal([[], 0]);
    const { differences } = await given.compare();
    expect(differences).to.have.length(1);
    expect(differences[0]).to.match(
      /^vault offsite: artifact content\.txt of .*full-20261122T013000Z is not what was sealed/,
    );
  });

  it('finds a changed byte of a copy that nobody here can open', async () => {
    await using given = await pair([(await makeAgeKey()).recipient]);
    const file = join(given.folderOf(given.offsite, 2), '0001.age');
    const bytes = await readFile(file);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(file, bytes);
    const { differences } = await given.compare();
    expect(differences).to.have.length(1);
    expect(differences[0]).to.match(
      /^vault offsite: .*incr-20261122T023000Z\/0001\.age of vault offsite is not what was stored/,
    );
  });

  it('finds another genuine backup in the place of one', async () => {
    await using given = await pair();
    await using other = await pair();
    await rm(given.folderOf(given.offsite, 1), { recursive: true });
    await cp(other.folderOf(other.onsite, 1), given.folderOf(given.offsite, 1), { recursive: true });
    const manifest = join(given.folderOf(given.offsite, 1), 'manifest.json');
    await writeFile(manifest, `${await readFile(manifest, 'utf8')}\n`);
    expect((await given.compare()).differences).to.deep.equal([
      'backup-2026-11-22/one/full-20261122T013000Z is another backup in vault offsite: the manifests differ',
    ]);
  });
});
