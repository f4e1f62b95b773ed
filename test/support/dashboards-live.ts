import { pbkdf2Sync } from 'node:crypto';
import type { GrafanaSettings } from '../../src/engines/grafana/settings.ts';
import { grafanaSettings } from '../../src/engines/grafana/settings.ts';
import { Secret } from '../../src/model/secret.ts';
import { changeDatabase } from './grafana-source.ts';
import { type StandIn, sampleFolder, standIn } from './grafana-stand-in.ts';
import { addressOf, type InfluxdbSource } from './influxdb-source.ts';

/** As Grafana 7 makes them: the secret's hash is in the database. */
const token = Buffer.from(JSON.stringify({ n: 'firedrill', k: 'key', id: 1 })).toString('base64');
const tokenHash = pbkdf2Sync('key', 'firedrill', 10_000, 50, 'sha256').toString('hex');

const addToken = `INSERT INTO api_key (org_id, name, key, role, created, updated) VALUES (1, 'firedrill', '${tokenHash}', 'Viewer', '', '')`;

export interface DashboardsLive extends AsyncDisposable {
  database: string;
  grafana: StandIn;
  /** Without a token it cannot be asked which panels have data. */
  settings: GrafanaSettings;
  apiToken: Secret;
}

/** A Grafana whose data source of type InfluxDB is a real one: three of its panels ask `panelMeasurements`. */
export async function dashboardsOver(influxdb: InfluxdbSource, database = 'telegraf'): Promise<DashboardsLive> {
  await using held = new AsyncDisposableStack();
  const place = held.use(await sampleFolder('7.5.5'));
  const url = `http://${await addressOf(influxdb.host)}:8086`;
  const source = `UPDATE data_source SET url = '${url}' WHERE type = 'influxdb'`;
  const named = `UPDATE data_source SET database = '${database}' WHERE database = 'telegraf'`;
  changeDatabase(place.database, addToken, source, named);
  const grafana = held.use(await standIn(place.folder));
  const settings = grafanaSettings.parse({ database: place.database, files: [], port: grafana.port });
  const kept = held.move();
  return {
    ...{ database: place.database, grafana, settings, apiToken: new Secret({ env: 'TOKEN' }, token) },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** What the panels ask for, a minute ago. */
export function panelMeasurements(): string[] {
  const at = `${Date.now() - 60_000}000000`;
  return [`cpu,host=a usage_idle=9 ${at}`, `mem,host=a used_percent=3 ${at}`, `nginx,host=a active=1i ${at}`];
}
