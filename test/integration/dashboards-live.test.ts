import { pbkdf2Sync } from 'node:crypto';
import { expect } from 'chai';
import { grafanaEngine } from '../../src/engines/grafana/grafana.ts';
import { grafanaSettings } from '../../src/engines/grafana/settings.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { backUp } from '../../src/flow/backup.ts';
import { drill } from '../../src/flow/drill.ts';
import type { DrillService } from '../../src/flow/drill-order.ts';
import { localHost } from '../../src/hosts/local.ts';
import type { Journal } from '../../src/model/journal.ts';
import { Secret } from '../../src/model/secret.ts';
import { testActivity } from '../support/activity.ts';
import { drillFixture, drillService } from '../support/drill-fixture.ts';
import { changeDatabase } from '../support/grafana-source.ts';
import { sampleFolder, standIn } from '../support/grafana-stand-in.ts';
import { images } from '../support/images.ts';
import { addressOf, type InfluxdbSource, startInfluxdb } from '../support/influxdb-source.ts';
import { testKeys } from '../support/member.ts';

/** As Grafana 7 makes them: the secret's hash is in the database. */
const token = Buffer.from(JSON.stringify({ n: 'firedrill', k: 'key', id: 1 })).toString('base64');
const tokenHash = pbkdf2Sync('key', 'firedrill', 10_000, 50, 'sha256').toString('hex');

const addToken = `INSERT INTO api_key (org_id, name, key, role, created, updated) VALUES (1, 'firedrill', '${tokenHash}', 'Viewer', '', '')`;

const service = (name: string, change: Partial<DrillService>): DrillService => ({
  ...{ ...drillService(name), quietMs: null, objectives: { rpoMs: 86_400_000, retentionDays: 28 } },
  ...change,
});

/** A Grafana whose data source is a real InfluxDB, and an order to drill both. */
async function bothOf(influxdb: InfluxdbSource) {
  const held = new AsyncDisposableStack();
  const place = held.use(await sampleFolder('7.5.5'));
  const url = `http://${await addressOf(influxdb.host)}:8086`;
  changeDatabase(place.database, addToken, `UPDATE data_source SET url = '${url}' WHERE type = 'influxdb'`);
  const grafana = held.use(await standIn(place.folder));
  const given = held.use(await drillFixture());
  const apiToken = new Secret({ env: 'TOKEN' }, token);
  const settings = grafanaSettings.parse({ database: place.database, files: [], port: grafana.port });
  const sources = {
    telegraf: influxdb.source(),
    grafana: { service: 'grafana', host: localHost(), settings: { ...settings, apiToken } },
  };
  const services = [
    service('telegraf', {
      ...{ engine: influxdbEngine, settings: sources.telegraf.settings, host: influxdb.host.label },
      imageFor: () => images().influxdb,
    }),
    service('grafana', { engine: grafanaEngine, settings, imageFor: () => images().grafana }),
  ];
  const order = { vault: given.vault, timeZone: 'UTC', signingKey: testKeys.privateKey };
  return {
    database: place.database,
    backUpInfluxdb: () => backUp({ ...order, engine: influxdbEngine, source: sources.telegraf }, testActivity()),
    /** `promised`: Grafana is asked which panels have data. */
    backUpGrafana: (promised = true) => {
      const source = promised ? sources.grafana : { ...sources.grafana, settings };
      return backUp({ ...order, engine: grafanaEngine, source }, testActivity());
    },
    drilled: (names = ['telegraf', 'grafana']) =>
      drill({ ...given.order, services: services.filter((each) => names.includes(each.service)) }, testActivity()),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

const liveOf = ({ checks }: Journal) => checks.find(({ check }) => check === 'dashboards-live');

describe('dashboards that were restored beside their database', function () {
  this.timeout(120_000);

  const own = ['1/nginx/39', '1/telegraf-system/9', '1/telegraf-system/10'];
  let influxdb: InfluxdbSource;
  before(async () => {
    influxdb = await startInfluxdb();
    await influxdb.query('CREATE DATABASE telegraf');
    const at = `${Date.now() - 60_000}000000`;
    await influxdb.write('telegraf', 'autogen', [
      `cpu,host=a usage_idle=9 ${at}`,
      `mem,host=a used_percent=3 ${at}`,
      `nginx,host=a active=1i ${at}`,
    ]);
  });
  after(() => influxdb[Symbol.asyncDispose]());

  it('show the data that the source showed when it was backed up, each panel by its own query', async () => {
    await using both = await bothOf(influxdb);
    await both.backUpInfluxdb();
    const { manifest } = await both.backUpGrafana();
    expect((manifest.facts as { panelsWithData: string[] }).panelsWithData).to.have.members(own);
    const journal = await both.drilled();
    expect(journal.verdict, JSON.stringify(journal.checks)).to.include({ verdict: 'pass' });
    expect(liveOf(journal)?.comparisons).to.deep.equal([
      { what: 'panels with data, of 24 that ask a restored database', expected: '3', found: '3' },
    ]);
    expect(journal.services[1]?.panelsWithData).to.have.members(own);
    expect(journal.notes.join('\n'))
      .to.match(/21 panels were not looked at: prometheus is not asked/)
      .and.match(/3 panels were not looked at: no one restored service holds the database syslog/);
    const alone = await both.drilled(['grafana']);
    expect(alone.verdict).to.include({ verdict: 'pass' });
    expect(liveOf(alone)).to.equal(undefined);
  });

  it('fail for a panel that lost its data', async () => {
    await using both = await bothOf(influxdb);
    await both.backUpGrafana();
    await influxdb.query('DROP MEASUREMENT nginx', 'telegraf');
    await both.backUpInfluxdb();
    const journal = await both.drilled();
    expect(journal.verdict.verdict).to.equal('fail');
    const live = liveOf(journal);
    expect(live?.findings.map(({ sentence }) => sentence)).to.deep.equal([
      'grafana: panel Active connections of dashboard nginx of organisation 1 had data when it was backed up, and has none now',
    ]);
    expect(journal.checks.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check)).to.deep.equal([
      'dashboards-live',
    ]);
  });
});
