import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import { GrafanaClient } from '../../../src/engines/grafana/client.ts';
import { RestoredGrafana } from '../../../src/engines/grafana/restore.ts';
import { grafanaSettings } from '../../../src/engines/grafana/settings.ts';
import { localHost } from '../../../src/hosts/local.ts';
import type { MemberRef } from '../../../src/model/backup-set.ts';
import { Secret } from '../../../src/model/secret.ts';
import { dashboardsOver, panelMeasurements } from '../../support/dashboards-live.ts';
import { changeDatabase } from '../../support/grafana-source.ts';
import { sampleFolder, standIn } from '../../support/grafana-stand-in.ts';
import { addressOf } from '../../support/influxdb-source.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';
import { openNetwork } from '../lies/docker.ts';
import { afterRestore, changeServer } from '../lies/engine.ts';
import { type Sink, startSink } from '../lies/sink.ts';
import { seenIn } from '../run-saboteur.ts';
import type { FindingOf, Saboteur, Scene } from '../saboteur.ts';

const service = 'grafana';

const databaseOf = ({ copy }: Scene, member: MemberRef) => copy.entry(member, ({ name }) => name === 'grafana.db');

/** One more full, which the drill takes then; its database is changed. */
async function spoilNewFull(scene: Scene, resealed: boolean, change: (content: Buffer) => Buffer | Promise<Buffer>) {
  const full = await scene.backUp('full');
  const entry = await databaseOf(scene, full);
  const content = await change(await scene.copy.content(full, entry));
  if (resealed) return scene.copy.putContent(full, entry, content);
  await scene.copy.spoil(full, entry.name, () => zstdCompressSync(content));
}

async function changedBySql(content: Buffer, sql: string): Promise<Buffer> {
  await using scratch = await scratchFolder();
  const file = join(scratch.path, 'grafana.db');
  await writeFile(file, content);
  changeDatabase(file, sql);
  return readFile(file);
}

interface Change {
  id: Saboteur['id'];
  injects: string;
  change(content: Buffer, scene: Scene): Buffer | Promise<Buffer>;
  /** What says so when hashes cannot. */
  found: Pick<FindingOf, 'check' | 'sentence'>;
}

const pageBytes = 4096;

const changes: readonly Change[] = [
  {
    id: 'S45',
    injects: 'a page of the database is zeros, as after a torn copy of a live file',
    change: (content) => Buffer.from(content).fill(0, 8 * pageBytes, 9 * pageBytes),
    found: { check: 'format', sentence: /^grafana: .*(malformed|integrity|B-tree|btree|page)/i },
  },
  {
    id: 'S45',
    injects: 'the database is a copy without its write-ahead log: whole, and without the last edits',
    change: async (_, scene) => {
      const first = await scene.copy.member(service, 0);
      return scene.copy.content(first, await databaseOf(scene, first));
    },
    found: {
      check: 'inventory',
      sentence: /^grafana: the restored database lacks 1 of the dashboards of Main Org\.: night-1$/,
    },
  },
  {
    id: 'S47',
    injects: 'a dashboard points to a data source that is not there',
    change: (content) =>
      changedBySql(
        content,
        `UPDATE dashboard SET data = replace(CAST(data AS TEXT), '"datasource":"InfluxDB telegraf"', '"datasource":"InfluxDB gone"') WHERE uid = 'nginx'`,
      ),
    found: {
      check: 'semantics',
      sentence: /^grafana: .*nginx of organisation 1 uses the data source InfluxDB gone/,
    },
  },
];

const changed = changes.flatMap(({ id, injects, change, found }): Saboteur[] => {
  const about = { id, level: 'F', services: [service], live: true, injects } as const;
  const strike = (resealed: boolean) => (scene: Scene) =>
    spoilNewFull(scene, resealed, (content) => change(content, scene));
  return [
    {
      ...about,
      inject: strike(false),
      expect: { verdict: 'fail', check: 'manifest', service, sentence: /grafana\.db of .* is not what was sealed: / },
    },
    { ...about, resealed: true, inject: strike(true), expect: { verdict: 'fail', service, ...found } },
  ];
});

/** All services are drilled with these settings in place of their own. */
function useSettings(scene: Scene, name: string, change: (settings: unknown) => unknown) {
  scene.order.services = scene.order.services.map((each) =>
    each.service === name ? { ...each, settings: change(each.settings) } : each,
  );
}

const otherKey: Saboteur = {
  ...{ id: 'S46', level: 'E', services: [service] },
  injects: 'the secret_key of the configuration is another one than the server had',
  inject: async (scene) => {
    const secretKey = new Secret({ env: 'KEY' }, 'another key');
    useSettings(scene, service, (settings) => ({ ...(settings as object), secretKey }));
  },
  expect: {
    verdict: 'fail',
    check: 'secrets',
    service,
    sentence:
      /^grafana: the secret_key of the configuration is not the one with which the secrets were stored: none of \d+ can be used$/,
  },
};

/** Backs up a Grafana whose alert fires as soon as it is evaluated, and tells a sink. */
async function backUpFiring(scene: Scene, { url }: Sink) {
  await using place = await sampleFolder('7.5.5-firing');
  const sql = `UPDATE alert_notification SET settings = json_set(settings, '$.url', '${url}') WHERE type = 'webhook'`;
  changeDatabase(place.database, sql);
  await using grafana = await standIn(place.folder);
  const settings = grafanaSettings.parse({ database: place.database, files: [], port: grafana.port });
  await scene.backUp('full', { source: { service, host: localHost(), settings } });
}

/** Evaluates alerts in the restored server, and waits until one is found to fire. */
function letFire(scene: Scene, andThen: () => Promise<unknown>) {
  changeServer(scene, service, { GF_ALERTING_EXECUTE_ALERTS: 'true' });
  afterRestore(scene, service, async (restored) => {
    if (!(restored instanceof RestoredGrafana)) throw new Error('this is no restored Grafana');
    const client = new GrafanaClient(() => restored.server.socketPath(), new AbortController().signal, restored.login);
    await until('the alert fires', () => isAlerting(client), 60_000);
    await andThen();
    return undefined;
  });
}

async function isAlerting(client: GrafanaClient): Promise<true | undefined> {
  const { body } = await client.get('/api/alerts', 1);
  return (body as { state: string }[]).some(({ state }) => state === 'alerting') || undefined;
}

const loud: readonly Saboteur[] = [
  {
    ...{ id: 'S49', level: 'E', services: [service] },
    injects: 'the restored copy evaluates its alerts and has a network: it tells the pager',
    inject: async ({ order }) => {
      order.docker = openNetwork(order.docker);
    },
    run: async (scene) => {
      await using sink = await startSink();
      await backUpFiring(scene, sink);
      letFire(scene, () => until('the pager was told', async () => sink.messages() > 0 || undefined));
      const seen = seenIn(await scene.drill());
      // Else nothing dangerous would have been let out.
      if (sink.messages() === 0) throw new Error('the pager was not told');
      return seen;
    },
    expect: {
      verdict: 'inconclusive',
      check: 'isolation',
      service: null,
      sentence: /^the pod is not sealed: network devices other than loopback should be absent, found: .*eth0/,
    },
  },
  {
    ...{ id: 'S49', level: 'E', services: [service] },
    injects: 'the restored copy evaluates its alerts, as in production',
    inject: async () => {},
    run: async (scene) => {
      await using sink = await startSink();
      await backUpFiring(scene, sink);
      let fired = false;
      letFire(scene, async () => {
        fired = true;
      });
      const { verdict } = await scene.drill();
      const report = `${verdict.sentence} The alert ${fired ? 'fired' : 'did not fire'}; the pager was told ${sink.messages()} times.`;
      return { verdict: fired && sink.messages() === 0 ? 'prevented' : 'harm', report };
    },
    expect: {
      verdict: 'prevented',
      by: 'the sealed pod',
      service,
      sentence: /^The service was restored .* The alert fired; the pager was told 0 times\.$/,
    },
  },
];

/** What a server holds that was never started on anything. */
async function freshDatabase(): Promise<Buffer> {
  await using place = await sampleFolder();
  await using server = await standIn(place.folder);
  await server.stop();
  return readFile(place.database);
}

interface Provisioned {
  org: number;
  dashboard: { uid: string; title: string };
}

async function dashboardsIn(content: Buffer): Promise<Provisioned[]> {
  await using scratch = await scratchFolder();
  const file = join(scratch.path, 'grafana.db');
  await writeFile(file, content);
  using db = new DatabaseSync(file);
  const rows = db.prepare('SELECT org_id, CAST(data AS TEXT) AS data FROM dashboard WHERE is_folder = 0').all();
  return rows.map(({ org_id, data }) => ({ org: Number(org_id), dashboard: JSON.parse(String(data)) }));
}

/** As provisioning from files does it: the server has them, whatever the backup held. */
async function provision({ server, login }: RestoredGrafana, dashboards: readonly Provisioned[]) {
  const authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const socketPath = await server.socketPath();
  for (const { org, dashboard } of dashboards.filter((each) => each.org === 1)) {
    const headers = { authorization, 'content-type': 'application/json', 'x-grafana-org-id': String(org) };
    const sent = request({ socketPath, path: '/api/dashboards/db', method: 'POST', headers });
    const answer = await new Promise<{ status: number; said: string }>((resolve, reject) => {
      sent.once('response', async (response) => {
        resolve({ status: response.statusCode ?? 0, said: await text(response) });
      });
      sent.once('error', reject).end(JSON.stringify({ dashboard: { ...dashboard, id: null }, overwrite: true }));
    });
    if (answer.status !== 200) throw new Error(`${dashboard.uid} was not provisioned: ${answer.said}`);
  }
}

const masked: Saboteur = {
  ...{ id: 'S50', level: 'E', services: [service], live: true },
  injects: 'the database is empty, and provisioning fills the restored server with every dashboard',
  inject: async (scene) => {
    let dashboards: Provisioned[] = [];
    await spoilNewFull(scene, true, async (content) => {
      dashboards = await dashboardsIn(content);
      return freshDatabase();
    });
    afterRestore(scene, service, async (restored) => {
      if (!(restored instanceof RestoredGrafana)) throw new Error('this is no restored Grafana');
      await provision(restored, dashboards);
      return undefined;
    });
  },
  expect: {
    verdict: 'fail',
    check: 'inventory',
    service,
    sentence: /^grafana: the restored database lacks 13 of the dashboards of Main Org\.: /,
  },
};

const production: readonly Saboteur[] = [
  {
    ...{ id: 'S51', level: 'E', services: [service] },
    injects: "production's InfluxDB can be reached from the pod",
    inject: async ({ order, stage }) => {
      order.docker = openNetwork(order.docker);
      order.isolation = { addresses: [`${await addressOf(stage.influxdb.host)}:8086`], names: [] };
    },
    expect: {
      verdict: 'inconclusive',
      check: 'isolation',
      service: null,
      sentence: /^the pod is not sealed: [\d.]+:8086 should be unreachable, found: connected$/,
    },
  },
  {
    ...{ id: 'S51', level: 'S', services: [service, 'telegraf'] },
    injects: "what a panel shows is in production's InfluxDB only, and not in the backup",
    inject: async (scene) => {
      const { influxdb } = scene.stage;
      await influxdb.query('CREATE DATABASE panels');
      await influxdb.write('panels', 'autogen', panelMeasurements());
      await using live = await dashboardsOver(influxdb, 'panels');
      const settings = { ...live.settings, apiToken: live.apiToken };
      await scene.backUp('full', { source: { service, host: localHost(), settings } });
      await influxdb.query('DROP MEASUREMENT nginx', 'panels');
      const source = influxdb.source({ database: 'panels' });
      await scene.backUp('full', { service: 'telegraf', source });
      await influxdb.write('panels', 'autogen', panelMeasurements());
      useSettings(scene, 'telegraf', () => source.settings);
    },
    expect: {
      verdict: 'fail',
      check: 'dashboards-live',
      service,
      sentence:
        /^grafana: panel Active connections of dashboard nginx of organisation 1 had data when it was backed up, and has none now$/,
    },
  },
];

/** Section E of the catalogue. */
export const grafanaFaults: readonly Saboteur[] = [...changed, otherKey, ...loud, masked, ...production];
