import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { expect } from 'chai';
import type { AnyEngine } from '../../src/engines/engine.ts';
import { grafanaEngine } from '../../src/engines/grafana/grafana.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { backUp } from '../../src/flow/backup.ts';
import type { DrillService } from '../../src/flow/drill-order.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { testActivity } from '../support/activity.ts';
import { drillFixture, drillService } from '../support/drill-fixture.ts';
import { sampleFolder, standIn } from '../support/grafana-stand-in.ts';
import { grafanaVault, tablesOf } from '../support/grafana-vault.ts';
import { images } from '../support/images.ts';
import { nsPerDay, overwriteAndDelete, seedEverything } from '../support/influxdb-data.ts';
import { startInfluxdb } from '../support/influxdb-source.ts';
import { testKeys } from '../support/member.ts';
import { restored as restore } from '../support/real-restore.ts';
import { rejectionOf } from '../support/rejection.ts';

describe('restore into a real InfluxDB', function () {
  this.timeout(300_000);

  it('gives back a database with deletions, policies, queries and grants, and replaces it after a safety copy', async () => {
    await using source = await startInfluxdb();
    await using other = await startInfluxdb();
    await using fixture = await drillFixture();
    const now = (BigInt(Date.now()) - 60_000n) * 1_000_000n;
    await seedEverything(source, now);
    await overwriteAndDelete(source, now);
    await other.query('CREATE DATABASE kept');
    const engine = influxdbEngine as AnyEngine;
    const { settings } = source.source();
    const order = { engine, source: source.source(), vault: fixture.vault, signingKey: testKeys.privateKey };
    await backUp({ ...order, timeZone: 'UTC' }, { ...testActivity(), clock: systemClock });
    const imageFor = () => images().influxdb;
    const of = { engine, settings, quietMs: null, imageFor, host: source.host.label };
    const service: DrillService = { ...drillService('telegraf'), ...of };
    const counted = (from: typeof source) =>
      from.query('SELECT COUNT(*) FROM "eight weeks".cpu WHERE time > 0 GROUP BY host', 'telegraf');
    const { journal } = await restore(fixture, service, other.source());
    expect(journal.restore).to.include({ outcome: 'restored', safetyCopy: null });
    expect(await counted(other)).to.deep.equal(await counted(source));
    expect(await other.query('SHOW CONTINUOUS QUERIES')).to.deep.include(
      (await source.query('SHOW CONTINUOUS QUERIES')).find(({ name }) => name === 'telegraf'),
    );
    expect(await other.query('SHOW GRANTS FOR reader')).to.deep.equal(await source.query('SHOW GRANTS FOR reader'));
    expect(journal.notes.join('\n')).to.match(/user "reader" was made with a password that nobody knows/);

    await other.write('telegraf', 'forever', [`since v=1 ${now - nsPerDay}`]);
    expect(await rejectionOf(restore(fixture, service, other.source()))).to.include({ code: 'TARGET_NOT_EMPTY' });
    const again = await restore(fixture, service, other.source(), { replace: true });
    expect(again.plan.replaces.join()).to.match(/^database telegraf: 6 measurements, \d+ shards$/);
    expect(await readdir(again.journal.restore?.safetyCopy?.where ?? '')).to.not.deep.equal([]);
    expect(await other.query('SHOW MEASUREMENTS ON telegraf')).to.deep.equal(
      await source.query('SHOW MEASUREMENTS ON telegraf'),
    );
    expect(JSON.stringify(await other.query('SHOW DATABASES'))).to.contain('kept');
    expect(await other.query('SHOW GRANTS FOR reader')).to.deep.equal(await source.query('SHOW GRANTS FOR reader'));
  });
});

describe('restore of a Grafana in its place', function () {
  this.timeout(120_000);

  it('refuses while it runs, keeps the old database, and leaves one that starts', async () => {
    await using lives = await sampleFolder('7.5.5');
    await using elsewhere = await sampleFolder();
    const running = await standIn(lives.folder);
    await using vault = await grafanaVault(running);
    await vault.backup('2026-11-22T01:30:00.000Z', 'full');
    const { settings } = vault.source;
    const of = { engine: grafanaEngine as AnyEngine, settings, quietMs: null, imageFor: () => images().grafana };
    const service: DrillService = { ...drillService('grafana'), ...of };
    const inPlace = () => restore(vault, service, vault.source, { replace: true });
    expect(await rejectionOf(inPlace())).to.include({ code: 'SOURCE_UNSUITABLE' });
    await running.stop();
    const good = tablesOf(lives.database);
    await writeFile(lives.database, 'no database any more');
    const { plan, journal } = await inPlace();
    expect(plan.replaces).to.deep.equal([`${lives.database}: 20 B`]);
    expect(tablesOf(lives.database)).to.deep.equal(good);
    const kept = journal.restore?.safetyCopy?.where ?? '';
    expect(await readFile(kept, 'utf8')).to.equal('no database any more');
    expect((await readdir(dirname(kept))).filter((name) => name.startsWith('grafana.db')).sort()).to.deep.equal([
      'grafana.db',
      basename(kept),
    ]);
    const again = await standIn(lives.folder);
    expect((await again.ask('/api/search?type=dash-db')).status).to.equal(200);
    await again.stop();
    const target = { ...vault.source, settings: { ...settings, database: elsewhere.database } };
    expect((await restore(vault, service, target)).journal.restore).to.include({ safetyCopy: null });
    expect(tablesOf(elsewhere.database)).to.deep.equal(good);
  });
});
