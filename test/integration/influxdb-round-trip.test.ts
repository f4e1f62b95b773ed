import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { RowsCheck } from '../../src/engines/influxdb/check-rows.ts';
import { askEach, countSeries, numbersOf } from '../../src/engines/influxdb/count-points.ts';
import { type Facts, factsOf } from '../../src/engines/influxdb/facts.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { allTime } from '../../src/engines/influxdb/influxql.ts';
import { restoredClient } from '../../src/engines/influxdb/restored-server.ts';
import { outputOf } from '../../src/hosts/output.ts';
import type { CheckResult } from '../../src/model/check.ts';
import { testActivity } from '../support/activity.ts';
import { images } from '../support/images.ts';
import { continuousQuery, nsPerDay, overwriteAndDelete, seedEverything } from '../support/influxdb-data.ts';
import { admin, type InfluxdbSource, startInfluxdb } from '../support/influxdb-source.ts';
import { dumpToMember, type SealedMember } from '../support/member.ts';
import { withBay } from '../support/pod.ts';

const problemsOf = (results: readonly CheckResult[]) =>
  results.filter((each) => each.outcome !== 'pass').map((each) => [each.check, each.outcome, each.findings]);

describe('InfluxDB, there and back', function () {
  this.timeout(120_000);
  let given: InfluxdbSource;
  let sealed: SealedMember;
  let facts: Facts;
  const now = (BigInt(Date.now()) - 60_000n) * 1_000_000n;

  before(async () => {
    given = await startInfluxdb();
    await seedEverything(given, now);
    // A dump makes the server write its cache to data files.
    await (await dumpToMember(influxdbEngine, given.source()))[Symbol.asyncDispose]();
    await overwriteAndDelete(given, now);
    sealed = await dumpToMember(influxdbEngine, given.source());
    facts = factsOf(sealed.member.manifest);
  });

  after(async () => {
    await sealed[Symbol.asyncDispose]();
    await given[Symbol.asyncDispose]();
  });

  const field = (policy: string, measurement: string, name: string, type: string) =>
    facts.measurements
      .find((each) => each.policy === policy && each.name === measurement)
      ?.fields.find((each) => each.name === name && each.types.includes(type));

  it('counts in the archive what the server itself counts', async () => {
    const rows = new RowsCheck('telegraf', facts, given.client);
    await rows.byDay();
    expect(problemsOf([await rows.again()])).to.deep.equal([]);
    await askEach(given.client, 'telegraf', facts.measurements, countSeries, (measurement, tables) => {
      expect(numbersOf(measurement, tables), measurement.name).to.deep.equal(measurement.fields.map((f) => f.series));
    });
  });

  it('counts overwritten points once, backfilled ones too, and deleted ones not', () => {
    expect(facts.shards.reduce((sum, shard) => sum + shard.tombstones, 0)).to.be.greaterThan(0);
    // Of 400 points 15 s apart every second one falls on one that was there; 50 minutes of points 10 s apart are deleted.
    const usage = field('eight weeks', 'cpu', 'usage "user"', 'float');
    expect(usage?.points).to.equal(2 * 4 * 1500 + 200 - 301);
    expect(usage?.series).to.equal(2);
    expect(facts.measurements.some((each) => each.name === 'gone')).to.equal(false);
  });

  it('keeps names, types and edges of time', () => {
    const edges = field('forever', 'edges', 'v', 'float');
    expect(edges).to.include({ points: 5, series: 1, first: '1969-12-20T10:13:20.000000000Z' });
    expect(edges?.last).to.equal('2262-04-11T23:47:16.854775806Z');
    const weird = facts.measurements.find((each) => each.name === 'we ird,me"as');
    expect(weird?.tagKeys).to.deep.equal(['ta g=k', 'zone']);
    expect(weird?.fields.map(({ name, types }) => [name, ...types])).to.deep.include(['fi e,ld', 'string']);
    expect(field('forever', 'mixed', 'v', 'float')).to.deep.include({ types: ['float', 'integer'], points: 2 });
    expect(field('forever', 'mixed', 'v', 'string')).to.include({ points: 1 });
    expect(field('forever', 'mixed', 'v', 'boolean')).to.include({ points: 1 });
  });

  it('is not fooled by points of the future', () => {
    expect(Date.parse(facts.newest?.at ?? '')).to.equal(Number(now / 1_000_000n));
  });

  it('records policies, continuous queries, users and shards, and no password hash', async () => {
    const policy = (name: string) => facts.policies.find((each) => each.name === name);
    expect(policy('eight weeks')).to.include({ duration: '1344h0m0s', shardDuration: '24h0m0s', isDefault: true });
    expect(policy('forever')).to.include({ duration: '0s', isDefault: false });
    expect(facts.policies).to.have.length(4);
    expect(facts.continuousQueries).to.deep.equal([{ name: 'cq 1', query: continuousQuery }]);
    expect(facts.users).to.deep.include({ name: 'reader', admin: false, grants: ['READ'] });
    expect(facts.shards.length).to.be.greaterThan(8);
    const text = await readFile(join(sealed.folder, 'manifest.json'), 'utf8');
    expect(text).not.to.match(/\$2a\$|only for reading/);
    expect(text).not.to.include(admin.password.reveal());
  });

  it('holds nothing of another database', async () => {
    expect(JSON.stringify(facts)).not.to.include('secret_of_another_database');
    expect(facts.policies.some((each) => each.name === 'other')).to.equal(false);
  });

  it('is good offline', async () => {
    const results = await influxdbEngine.verify(sealed.member, testActivity());
    expect(problemsOf(results)).to.deep.equal([]);
    expect(results.map((each) => each.check)).to.have.members([...influxdbEngine.verifies]);
  });

  it('is restored exactly', async () => {
    await withBay({ service: 'telegraf', image: images().influxdb }, async (bay) => {
      const activity = testActivity();
      const member = await sealed.reopen();
      const restored = await influxdbEngine.restore([member], bay, activity);
      const checked = await influxdbEngine.check([member], restored, given.source().settings, activity);
      const results = [...restored.results, ...checked.results];
      expect(problemsOf(results)).to.deep.equal([]);
      expect(new Set(results.map((each) => each.check))).to.have.all.keys(...influxdbEngine.drills);
      expect(restored.engineVersion).to.match(/^1\./);
      expect(checked.newest).to.deep.equal({
        at: new Date(Number(now / 1_000_000n)).toISOString(),
        basis: checked.newest?.basis,
      });
      expect(activity.natives).to.include.members(['start InfluxDB', 'influxd restore']);
      const client = restoredClient(restored.server, activity.signal);
      // Values of every type, and not only their counts.
      for (const statement of samples) {
        const [expected, found] = [await given.query(statement, 'telegraf'), await client.query(statement, 'telegraf')];
        expect(expected.length, statement).to.be.greaterThan(0);
        expect(found, statement).to.deep.equal(expected);
      }
      const tried = { tool: 'sh', args: ['-c', 'ls -d /root/.influxdb 2>/dev/null; id -u'] };
      expect((await outputOf(restored.server.host, tried)).trim()).not.to.match(/^0$|influxdb/);
    });
  });

  it('takes what is there while others write, and restores just that', async () => {
    const stop = new AbortController();
    const writing = (async () => {
      for (let i = 0n; !stop.signal.aborted; i += 1n) {
        const lines = Array.from({ length: 500 }, (_, k) => `busy,t=${k % 5} v=${k} ${now + i * 500n + BigInt(k)}`);
        await given.write('telegraf', 'eight weeks', lines);
        await sleep(5);
      }
    })();
    await sleep(200);
    await using busy = await dumpToMember(influxdbEngine, given.source());
    stop.abort();
    await writing;
    const points = factsOf(busy.member.manifest).measurements.find((each) => each.name === 'busy')?.fields[0]?.points;
    expect(points).to.be.greaterThan(500);
    await withBay({ service: 'telegraf', image: images().influxdb }, async (bay) => {
      const member = await busy.reopen();
      const restored = await influxdbEngine.restore([member], bay, testActivity());
      const checked = await influxdbEngine.check([member], restored, given.source().settings, testActivity());
      expect(problemsOf([...restored.results, ...checked.results])).to.deep.equal([]);
    });
  });

  const samples = [
    `SELECT * FROM "eight weeks".cpu WHERE time <= ${now} ORDER BY time DESC LIMIT 500`,
    `SELECT SUM(n), MIN("usage \\"user\\""), MAX("usage \\"user\\"") FROM "eight weeks".cpu WHERE time <= ${now} GROUP BY host`,
    `SELECT * FROM "eight weeks".cpu WHERE time > ${now - nsPerDay - nsPerDay / 24n} AND time < ${now - nsPerDay} GROUP BY *`,
    `SELECT * FROM forever./.*/ WHERE ${allTime} GROUP BY *`,
    'SHOW RETENTION POLICIES ON telegraf',
    'SHOW SERIES ON telegraf',
  ];
});
