import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { AnyEngine } from '../../src/engines/engine.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { backUp } from '../../src/flow/backup.ts';
import type { DrillService } from '../../src/flow/drill-order.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { testActivity } from '../support/activity.ts';
import { drillFixture, drillService } from '../support/drill-fixture.ts';
import { images } from '../support/images.ts';
import { nsPerDay, overwriteAndDelete, seedEverything } from '../support/influxdb-data.ts';
import { type InfluxdbSource, startInfluxdb } from '../support/influxdb-source.ts';
import { testKeys } from '../support/member.ts';
import { restored, tryRestore } from '../support/real-restore.ts';
import { rejectionOf } from '../support/rejection.ts';

const wanted = ['cpu', 'we ird,me"as', 'old'];

/** All that a query can tell of one measurement: series by tags, names and types of fields, every point of each policy. */
async function toldOf(server: InfluxdbSource, database: string, measurement: string) {
  const name = `"${measurement.replaceAll('"', '\\"')}"`;
  const asked = ['eight weeks', 'forever', 'brief'].flatMap((policy) => [
    `SELECT * FROM "${policy}".${name} WHERE time > '1970-01-02T00:00:00Z' GROUP BY *`,
    `SHOW FIELD KEYS FROM "${policy}".${name}`,
    `SHOW SERIES FROM "${policy}".${name}`,
  ]);
  return Promise.all(asked.map((statement) => server.query(statement, database)));
}

describe('restore of some measurements of a real InfluxDB', function () {
  this.timeout(300_000);

  let stack: AsyncDisposableStack;
  let source: InfluxdbSource;
  let live: InfluxdbSource;
  let fixture: Awaited<ReturnType<typeof drillFixture>>;
  let service: DrillService;
  before(async () => {
    stack = new AsyncDisposableStack();
    source = stack.use(await startInfluxdb({ INFLUXDB_RETENTION_ENABLED: 'false' }));
    live = stack.use(await startInfluxdb({ INFLUXDB_RETENTION_CHECK_INTERVAL: '1s' }));
    fixture = stack.use(await drillFixture());
    const now = (BigInt(Date.now()) - 60_000n) * 1_000_000n;
    await seedEverything(source, now);
    // Points that are older than their policy allows: a server that enforced it would remove them at once.
    await source.query('CREATE RETENTION POLICY brief ON telegraf DURATION INF REPLICATION 1 SHARD DURATION 1d');
    await source.write('telegraf', 'brief', [`old,host=a n=7i ${now - 40n * nsPerDay}`]);
    await source.query('ALTER RETENTION POLICY brief ON telegraf DURATION 1d');
    await overwriteAndDelete(source, now);
    await live.query('CREATE DATABASE telegraf');
    await live.write('telegraf', 'autogen', [`cpu,host=a n=1i ${now}`, `cpu,host=new n=2i ${now}`]);
    const engine = influxdbEngine as AnyEngine;
    const order = { engine, source: source.source(), vault: fixture.vault, signingKey: testKeys.privateKey };
    await backUp({ ...order, timeZone: 'UTC' }, { ...testActivity(), clock: systemClock });
    const of = { engine, settings: source.source().settings, quietMs: null, imageFor: () => images().influxdb };
    service = { ...drillService('telegraf'), ...of, host: source.host.label };
  });
  after(() => stack.disposeAsync());

  const databases = async () =>
    (await live.query('SHOW DATABASES')).flatMap(({ values }) => values.map(([name]) => String(name)));

  it('puts them beside the live data: every point, tags as tags, types as types, and nothing of it expires', async () => {
    const liveBefore = await live.query('SELECT * FROM cpu GROUP BY *', 'telegraf');
    const { plan, journal } = await restored(fixture, service, live.source(), { parts: wanted });
    expect(plan).to.deep.include({ parts: wanted, replaces: [], lostMs: null });
    expect(journal.restore).to.deep.include({ outcome: 'restored', parts: wanted, replaced: [], safetyCopy: null });
    expect(journal.restore?.checks.map(({ check, outcome }) => [check, outcome])).to.deep.equal([
      ['inventory', 'pass'],
      ['rows', 'pass'],
    ]);
    const [beside = '', ...more] = (await databases()).filter((name) => name.startsWith('telegraf_restored_'));
    expect(beside).to.match(/^telegraf_restored_\d{8}T\d{6}Z$/);
    expect(more).to.deep.equal([]);
    expect(journal.verdict.sentence).to.contain(`into other: database ${beside}, to `);
    expect(journal.notes.join('\n')).to.contain(`only admins may read database "${beside}"`);
    await sleep(3_000);
    for (const measurement of wanted) {
      const [expected, found] = [
        await toldOf(source, 'telegraf', measurement),
        await toldOf(live, beside, measurement),
      ];
      expect(expected.flat().length, measurement).to.be.at.least(3);
      expect(found, measurement).to.deep.equal(expected);
    }
    const there = await live.query('SHOW MEASUREMENTS', beside);
    expect(there[0]?.values.flat()).to.have.members(wanted);
    const policies = (await live.query('SHOW RETENTION POLICIES', beside))[0]?.values.map(([name, lasts]) => [
      name,
      lasts,
    ]);
    expect(policies).to.have.deep.members(
      ['autogen', 'eight weeks', 'forever', 'unused', 'brief'].map((name) => [name, '0s']),
    );
    // Continuous queries could write into the live data.
    expect(JSON.stringify(await live.query('SHOW CONTINUOUS QUERIES'))).to.not.contain('cq 1');
    expect(await live.query('SELECT * FROM cpu GROUP BY *', 'telegraf')).to.deep.equal(liveBefore);
  });

  it('refuses a measurement that is not there, and says which was meant, before anything is done', async () => {
    const before = await databases();
    const error = await rejectionOf(tryRestore(fixture, service, live.source(), { parts: ['cpu', 'edgs'] }));
    expect(error).to.include({ code: 'USAGE', exit: 2 });
    expect(error.message).to.equal('there is no measurement edgs at that point of the backup; did you mean edges?');
    expect(error.hint).to.match(/^Measurements are: cpu, edges, mixed, /);
    // All its points were deleted before the backup.
    const gone = await rejectionOf(tryRestore(fixture, service, live.source(), { parts: ['gone'] }));
    expect(gone.message).to.match(/^there is no measurement gone at that point/);
    expect(await databases()).to.deep.equal(before);
  });

  it('says that what was put beside is not whole when the target breaks off, and that the live data is', async () => {
    const broken = live.source({ backupPort: 9 });
    const { journal, error } = await tryRestore(fixture, service, broken, { parts: ['old'] });
    expect(error).to.include({ code: 'TARGET_FAILED', exit: 1 });
    expect(error?.message).to.match(
      /^the restore into other broke off: the live data is as it was, and database telegraf_restored_\w+ is not whole: /,
    );
    expect(error?.hint).to.match(
      /run the same command again: it begins anew, beside\. If it is there, remove: database telegraf_/,
    );
    expect(journal.restore).to.include({ outcome: 'broke-off', safetyCopy: null });
  });
});
