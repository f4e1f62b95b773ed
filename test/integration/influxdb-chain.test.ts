import { expect } from 'chai';
import type { AnyEngine } from '../../src/engines/engine.ts';
import { factsOf } from '../../src/engines/influxdb/facts.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { storedIn } from '../../src/engines/influxdb/position.ts';
import { type BackedUp, backUp } from '../../src/flow/backup.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { MemberKind } from '../../src/model/manifest.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { VerifiedMember } from '../../src/vault/verified-member.ts';
import { testActivity } from '../support/activity.ts';
import { images } from '../support/images.ts';
import { nsPerDay, overwriteAndDelete, seedEverything } from '../support/influxdb-data.ts';
import { type InfluxdbSource, startInfluxdb } from '../support/influxdb-source.ts';
import { testKeys, trusted } from '../support/member.ts';
import { withBay } from '../support/pod.ts';
import { scratchFolder } from '../support/scratch.ts';

describe('InfluxDB, a chain of whole shards', function () {
  this.timeout(120_000);
  let given: InfluxdbSource;
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  const made: BackedUp[] = [];
  const now = (BigInt(Date.now()) - 60_000n) * 1_000_000n;

  const backup = async (kind: MemberKind) => {
    const engine = influxdbEngine as AnyEngine;
    const vault = directoryVault('onsite', scratch.path);
    const order = { engine, source: given.source(), vault, signingKey: testKeys.privateKey, timeZone: 'UTC', kind };
    made.push(await backUp(order, { ...testActivity(), clock: systemClock }));
  };
  const chainTo = async (length: number) => {
    const vault = directoryVault('onsite', scratch.path);
    const { members } = await vault.list();
    const ids = made.slice(0, length).map(({ id }) => id);
    const listed = ids.map((id) => members.find((each) => each.id === id)).filter((each) => each !== undefined);
    return Promise.all(listed.map((each) => VerifiedMember.open(vault, each, trusted)));
  };

  before(async () => {
    given = await startInfluxdb();
    scratch = await scratchFolder();
    await seedEverything(given, now);
    await backup('full');
    await overwriteAndDelete(given, now);
    await given.write('telegraf', 'forever', [`new_one v=1 ${now}`, `edges v=7 ${now - 400n * nsPerDay}`]);
    await given.query('CREATE RETENTION POLICY short ON telegraf DURATION 2d REPLICATION 1 DEFAULT');
    await backup('incremental');
    await backup('incremental');
  });

  after(async () => {
    await given[Symbol.asyncDispose]();
    await scratch[Symbol.asyncDispose]();
  });

  it('stores the changed shards only, and knows all of them', () => {
    const [full, changed, idle] = made.map(({ manifest }) => manifest);
    if (!full || !changed || !idle) throw new Error('three members were to be made');
    expect([full.kind, changed.kind, idle.kind]).to.deep.equal(['full', 'incremental', 'incremental']);
    expect(storedIn(full)).to.have.length(factsOf(full).shards.length);
    expect(storedIn(changed).length).to.be.within(1, factsOf(changed).shards.length - 1);
    expect(storedIn(idle).length).to.be.at.most(storedIn(changed).length);
    expect(factsOf(changed).measurements.map(({ name }) => name)).to.include('new_one');
    expect(factsOf(changed).measurements.map(({ name }) => name)).not.to.include('gone');
    expect(influxdbEngine.increments?.discontinuity?.(full, changed)).to.equal(undefined);
  });

  for (const length of [1, 2, 3]) {
    it(`is restored exactly to member ${length}`, async () => {
      const chain = await chainTo(length);
      const results = await influxdbEngine.verify(chain.at(-1) as VerifiedMember, testActivity());
      await withBay({ service: 'telegraf', image: images().influxdb }, async (bay) => {
        const restored = await influxdbEngine.restore(chain, bay, testActivity());
        const checked = await influxdbEngine.check(chain, restored, given.source().settings, testActivity());
        results.push(...restored.results, ...checked.results);
      });
      const troubles = results.filter(({ outcome }) => outcome !== 'pass');
      expect(troubles.map(({ check, findings }) => [check, findings])).to.deep.equal([]);
    });
  }
});
