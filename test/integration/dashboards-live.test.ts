import { expect } from 'chai';
import { grafanaEngine } from '../../src/engines/grafana/grafana.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { backUp } from '../../src/flow/backup.ts';
import { drill } from '../../src/flow/drill.ts';
import type { DrillService } from '../../src/flow/drill-order.ts';
import { localHost } from '../../src/hosts/local.ts';
import type { Journal } from '../../src/model/journal.ts';
import { testActivity } from '../support/activity.ts';
import { dashboardsOver, panelMeasurements } from '../support/dashboards-live.ts';
import { drillFixture, drillService } from '../support/drill-fixture.ts';
import { images } from '../support/images.ts';
import { type InfluxdbSource, startInfluxdb } from '../support/influxdb-source.ts';
import { testKeys } from '../support/member.ts';

const service = (name: string, change: Partial<DrillService>): DrillService => ({
  ...{ ...drillService(name), quietMs: null, objectives: { rpoMs: 86_400_000, retentionDays: 28 } },
  ...change,
});

/** A Grafana whose data source is a real InfluxDB, and an order to drill both. */
async function bothOf(influxdb: InfluxdbSource) {
  await using stack = new AsyncDisposableStack();
  const live = stack.use(await dashboardsOver(influxdb));
  const given = stack.use(await drillFixture());
  const { settings, apiToken } = live;
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
  const held = stack.move();
  return {
    backUpInfluxdb: () => backUp({ ...order, engine: influxdbEngine, source: sources.telegraf }, testActivity()),
    backUpGrafana: () => backUp({ ...order, engine: grafanaEngine, source: sources.grafana }, testActivity()),
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
    await influxdb.write('telegraf', 'autogen', panelMeasurements());
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
});
