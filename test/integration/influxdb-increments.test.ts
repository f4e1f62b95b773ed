import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AnyEngine } from '../../src/engines/engine.ts';
import type { Facts } from '../../src/engines/influxdb/facts.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { backUp } from '../../src/flow/backup.ts';
import { drill } from '../../src/flow/drill.ts';
import type { DrillOrder } from '../../src/flow/drill-order.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { Journal } from '../../src/model/journal.ts';
import type { Manifest, MemberKind } from '../../src/model/manifest.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { testActivity } from '../support/activity.ts';
import { images } from '../support/images.ts';
import { type InfluxdbSource, startInfluxdb } from '../support/influxdb-source.ts';
import { testKeys, trusted } from '../support/member.ts';
import { testLimits } from '../support/pod.ts';
import { scratchFolder } from '../support/scratch.ts';

const day = 86_400_000_000_000n;
const factsOf = (manifest: Manifest) => manifest.facts as unknown as Facts;
const storedOf = (manifest: Manifest) => (manifest.position as { stored: number[] }).stored;

describe('InfluxDB increments', function () {
  this.timeout(180_000);
  let server: InfluxdbSource;
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let order: DrillOrder;
  const members: Manifest[] = [];
  const now = BigInt(Date.now() - 60_000) * 1_000_000n;

  const backup = async (kind: MemberKind = 'incremental') => {
    const source = server.source();
    const vault = directoryVault('onsite', scratch.path);
    const engine = influxdbEngine as AnyEngine;
    const heartbeatId = 'ab'.repeat(16);
    const parts = { engine, source, vault, signingKey: testKeys.privateKey, timeZone: 'UTC', kind, heartbeatId };
    return backUp(parts, { ...testActivity(), clock: systemClock });
  };
  const write = (at: bigint, fields: string, measurement = 'cpu,host=a') =>
    server.write('telegraf', 'days', [`${measurement} ${fields} ${at}`]);
  const drilled = (change: Partial<DrillOrder> = {}): Promise<Journal> =>
    drill({ ...order, ...change }, { ...testActivity(), clock: systemClock });
  const troubles = (journal: Journal) =>
    journal.checks
      .filter((each) => each.outcome !== 'pass')
      .flatMap((each) => each.findings.map((finding) => `${each.check}: ${finding.sentence}`));

  before(async () => {
    server = await startInfluxdb();
    scratch = await scratchFolder();
    await server.query('CREATE DATABASE telegraf');
    await server.query('CREATE RETENTION POLICY days ON telegraf DURATION 60d REPLICATION 1 SHARD DURATION 1d DEFAULT');
    for (let n = 0n; n < 4n; n += 1n) await write(now - n * day, `usage=${n}.5,n=${n}i`);
    await server.write(
      'telegraf',
      'days',
      Array.from({ length: 500 }, (_, i) => `mem,host=h${i % 7} used=${i}i ${now - BigInt(i) * 1_000_000_000n}`),
    );
    members.push((await backup('full')).manifest);
    // A late point, an overwritten one, a deleted one, new series, a new measurement, and all that surrounds them.
    await write(now - 2n * day - 1_000n, 'usage=77');
    await write(now - day, 'usage=99.5');
    await server.query('CREATE RETENTION POLICY ever ON telegraf DURATION INF REPLICATION 1');
    await server.query(
      'CREATE CONTINUOUS QUERY cq ON telegraf BEGIN SELECT mean(usage) INTO telegraf.ever.cpu_d FROM telegraf.days.cpu GROUP BY time(1d) END',
    );
    await server.query("CREATE USER reader WITH PASSWORD 'x'");
    await server.query('GRANT READ ON telegraf TO reader');
    members.push((await backup()).manifest);
    await server.query(`DELETE FROM cpu WHERE time <= ${now - 3n * day}`, 'telegraf');
    await write(now, 'up=true', 'disk,path=/');
    members.push((await backup()).manifest);
    await server.query('DROP MEASUREMENT mem', 'telegraf');
    await server.query('ALTER RETENTION POLICY ever ON telegraf DEFAULT');
    members.push((await backup()).manifest);
    order = {
      ...{
        name: 'test',
        vault: directoryVault('onsite', scratch.path),
        trusted,
        rtoMs: 1_800_000,
        docker: dockerClient(),
      },
      ...{ pull: 'never', isolation: { addresses: [], names: [] }, loopbackNames: [], also: [], walkBack: 6 },
      services: [
        {
          ...{ service: 'telegraf', engine: influxdbEngine as AnyEngine, settings: server.source().settings },
          objectives: { rpoMs: 86_400_000, retentionDays: 56 },
          ...{ quietMs: null, host: server.host.label, limits: testLimits, imageFor: () => images().influxdb },
        },
      ],
    };
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await scratch?.[Symbol.asyncDispose]();
  });

  it('hold the shards that changed, and no others', () => {
    const all = members.map((manifest) => factsOf(manifest).shards.length);
    const stored = members.map((manifest) => storedOf(manifest).length);
    expect(members.map((manifest) => manifest.kind)).to.deep.equal([
      'full',
      'incremental',
      'incremental',
      'incremental',
    ]);
    expect(stored[0]).to.equal(all[0]);
    for (const i of [1, 2, 3]) expect(stored[i], `member ${i}`).to.be.within(1, (all[i] ?? 0) - 1);
  });

  it('are good offline, each by itself', async () => {
    const listing = await order.vault.list();
    const { VerifiedMember } = await import('../../src/vault/verified-member.ts');
    for (const listed of listing.members) {
      const member = await VerifiedMember.open(order.vault, listed, trusted);
      const results = await influxdbEngine.verify(member, testActivity());
      expect(
        results.map((each) => `${each.check} ${each.outcome}`),
        JSON.stringify(results),
      ).to.deep.equal(['completeness pass', 'format pass', 'rows pass']);
    }
  });

  it('are restored exactly, at each member', async () => {
    for (const { startedAt, id } of members) {
      const journal = await drilled({ asOf: new Date(startedAt) });
      expect(troubles(journal), id).to.deep.equal([]);
      expect(journal.services[0]?.heartbeat?.id).to.equal('ab'.repeat(16));
    }
  });

  it('miss a member in the middle when it is gone, and restore what comes before', async () => {
    const [, second, third] = members;
    await rm(join(scratch.path, second?.set ?? '', 'telegraf', second?.id ?? ''), { recursive: true });
    const journal = await drilled();
    expect(journal.exitStatus).to.equal(3);
    expect(troubles(journal)).to.include(
      `chain: telegraf: ${third?.id} builds on ${second?.id}, which is not in the vault`,
    );
    expect(journal.lastGood[0]?.good?.member).to.equal(members[0]?.id);
  });

  it('give way to a full on another server', async () => {
    await using other = await startInfluxdb();
    await other.query('CREATE DATABASE telegraf');
    await other.write('telegraf', 'autogen', [`cpu usage=1 ${now}`]);
    const before = server;
    server = other;
    try {
      await rm(scratch.path, { recursive: true });
      scratch = await scratchFolder();
      server = before;
      await backup('full');
      server = other;
      const { promoted, manifest } = await backup();
      expect(manifest.kind).to.equal('full');
      expect(promoted).to.match(/^the server runs on another machine now/);
    } finally {
      server = before;
    }
  });
});
