import type { AnyEngine, Source } from '../../src/engines/engine.ts';
import { grafanaEngine } from '../../src/engines/grafana/grafana.ts';
import { grafanaSettings } from '../../src/engines/grafana/settings.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import { type BackedUp, backUp } from '../../src/flow/backup.ts';
import type { DrillOrder, DrillService } from '../../src/flow/drill-order.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { localHost } from '../../src/hosts/local.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { MemberKind } from '../../src/model/manifest.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { testActivity } from '../support/activity.ts';
import { type StandIn, sampleFolder, standIn } from '../support/grafana-stand-in.ts';
import { images } from '../support/images.ts';
import { type InfluxdbSource, startInfluxdb } from '../support/influxdb-source.ts';
import { testKeys, trusted } from '../support/member.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { testLimits } from '../support/pod.ts';
import { scratchFolder } from '../support/scratch.ts';
import * as agama from './sources/agama.ts';
import * as dashboards from './sources/dashboards.ts';
import * as metrics from './sources/metrics.ts';

export type ServiceName = 'agama' | 'telegraf' | 'latency' | 'grafana';
export type TwinName = Exclude<ServiceName, 'latency'>;

export const engines: Record<ServiceName, AnyEngine> = {
  agama: mysqlEngine,
  telegraf: influxdbEngine,
  latency: influxdbEngine,
  grafana: grafanaEngine,
};

/**
 * A small company whose four services are real (Grafana by a stand-in, as everywhere in the tests), and the good backups of
 * one week of each: a full, and increments with changes before each. Made once; what is spoiled are copies of its vault.
 */
export interface Stage extends AsyncDisposable {
  mysql: MysqlServer;
  influxdb: InfluxdbSource;
  grafana: StandIn;
  /** The folder of the good vault. */
  folder: string;
  /** When all backups had been made. */
  readyAt: Date;
  sources: Record<ServiceName, Source<unknown>>;
  /** Makes a backup of a live service into another vault, as `flow/backup` does; each begins in a second of its own. */
  backUp(service: ServiceName, to: BackupTo): Promise<BackedUp>;
  /** Runs some work while nobody else changes or backs up what lies in that service's server. */
  exclusively<T>(service: ServiceName, work: () => Promise<T>): Promise<T>;
  /** The folder of a vault of another server that went the same way; made when it is asked for. */
  twin(service: TwinName): Promise<string>;
  /** What a drill of these services is told; the vault is the good one. */
  orderFor(services: readonly ServiceName[]): DrillOrder;
}

export interface BackupTo {
  vault: Vault;
  kind: MemberKind;
  source?: Source<unknown>;
  /** As if it were then. */
  at?: Date;
  timeZone?: string;
}

export async function setStage(): Promise<Stage> {
  await using held = new AsyncDisposableStack();
  const scratch = held.use(await scratchFolder());
  const [mysql, influxdb, grafana] = await Promise.all([
    startAgama().then((live) => held.use(live)),
    startMetrics().then((live) => held.use(live)),
    startDashboards().then((live) => held.use(live)),
  ]);
  const lives = { agama: mysql.lives, ...influxdb.lives, grafana: grafana.lives };
  const sources = mapValues(lives, ({ source }) => source);
  const backUpOne = backerUp(sources);
  const vault = directoryVault('onsite', scratch.path);
  const week = (service: ServiceName) => liveThrough(lives[service], (kind) => backUpOne(service, { vault, kind }));
  // What lies in one server is dumped one after the other: a dump must not see the other's writes as its own load.
  await Promise.all([week('agama'), week('telegraf').then(() => week('latency')), week('grafana')]);
  const readyAt = new Date();
  const twins = new Map<TwinName, Promise<string>>();
  const stack = held.move();
  return {
    ...{ mysql: mysql.server, influxdb: influxdb.server, grafana: grafana.server, sources, readyAt },
    folder: scratch.path,
    backUp: backUpOne,
    exclusively: turnTaker(),
    twin: (service) => {
      const made = twins.get(service) ?? makeTwin(service, stack);
      twins.set(service, made);
      return made;
    },
    orderFor: (services) => orderOf(services, sources, vault),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A service, and what happens in it before each backup of its week. */
interface Live {
  source: Source<unknown>;
  nights: readonly (() => Promise<unknown>)[];
}

async function liveThrough({ nights }: Live, backUpNext: (kind: MemberKind) => Promise<BackedUp>) {
  for (const [night, change] of nights.entries()) {
    await change();
    const { promoted, service } = await backUpNext(night === 0 ? 'full' : 'incremental');
    if (promoted) throw new Error(`the backup of ${service} became a full: ${promoted}`);
  }
}

export async function startAgama() {
  const clone = '--plugin-load-add=mysql_clone.so';
  const logs = ['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--max-allowed-packet=1G', clone];
  const server = await mysqlServer('saboteurs', logs);
  const nights = agama.nights.map((sql) => () => server.sql(sql));
  const lives: Live = { source: server.source({ databases: ['agama'] }), nights };
  return { server, lives, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

export async function startMetrics() {
  // What a saboteur has made old must still be there when it is backed up.
  const server = await startInfluxdb({ INFLUXDB_RETENTION_ENABLED: 'false' });
  const latency = { ...server.source({ database: 'latency' }), service: 'latency' };
  const lives: Record<'telegraf' | 'latency', Live> = {
    telegraf: { source: server.source(), nights: metrics.telegrafNights.map((write) => () => write(server)) },
    latency: { source: latency, nights: metrics.latencyNights.map((write) => () => write(server)) },
  };
  return { server, lives, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** `before`: what was edited before the first night. */
export async function startDashboards(before: (grafana: StandIn) => Promise<void> = async () => {}) {
  await using held = new AsyncDisposableStack();
  const place = held.use(await sampleFolder('7.5.5'));
  const server = held.use(await standIn(place.folder));
  const host = held.use(localHost());
  const files = await dashboards.filesBeside(place.folder);
  const settings = grafanaSettings.parse({ database: server.database, files, port: server.port });
  const nights = [before, ...dashboards.nights].map((edit) => () => edit(server));
  const lives: Live = { source: { service: 'grafana', host, settings }, nights };
  const stack = held.move();
  return { server, lives, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A second server of the same kind that went the same way: the folder of its members, which have the same names but for the second. */
async function makeTwin(service: TwinName, held: AsyncDisposableStack): Promise<string> {
  const scratch = held.use(await scratchFolder());
  const vault = directoryVault('onsite', scratch.path);
  const start = async () => {
    if (service === 'agama') return startAgama().then(({ lives, ...server }) => ({ live: lives, server }));
    if (service === 'telegraf')
      return startMetrics().then(({ lives, ...server }) => ({ live: lives.telegraf, server }));
    return startDashboards(dashboards.editOfTwin).then(({ lives, ...server }) => ({ live: lives, server }));
  };
  const { live, server } = await start();
  held.use(server);
  const source = live.source;
  const backUpOne = backerUp({ [service]: source } as Stage['sources']);
  await liveThrough(live, (kind) => backUpOne(service, { vault, kind }));
  return scratch.path;
}

/** One after the other, for each server. */
function turnTaker(): Stage['exclusively'] {
  const last = new Map<string, Promise<unknown>>();
  return (service, work) => {
    const server = service === 'latency' ? 'telegraf' : service;
    const turn = (last.get(server) ?? Promise.resolve()).then(work, work);
    last.set(server, turn);
    return turn;
  };
}

function mapValues<K extends string, A, B>(all: Record<K, A>, change: (value: A) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(all).map(([key, value]) => [key, change(value)])) as Record<K, B>;
}

function backerUp(sources: Stage['sources']): Stage['backUp'] {
  return async (service, { vault, kind, source = sources[service], at, timeZone = calmTimeZone() }) => {
    const order = { engine: engines[service], source, vault, signingKey: testKeys.privateKey, timeZone, kind };
    const clock = at ? { ...systemClock, now: () => at } : systemClock;
    return backUp(order, { ...testActivity(), clock });
  };
}

const zones = ['UTC', 'Asia/Tokyo'] as const;
let zone: string | undefined;

/** One in which the week does not end within the next hours: a chain lies in one week. */
function calmTimeZone(): string {
  const untilSundayMs = 7 * 86_400_000 - ((Date.now() - 3 * 86_400_000) % (7 * 86_400_000));
  zone ??= untilSundayMs > 3 * 3_600_000 ? zones[0] : zones[1];
  return zone;
}

export function orderOf(services: readonly ServiceName[], sources: Stage['sources'], vault: Vault): DrillOrder {
  return {
    name: 'saboteur',
    vault,
    trusted,
    services: services.map((service) => drillServiceOf(service, sources[service])),
    rtoMs: 1_800_000,
    docker: dockerClient(),
    pull: 'never',
    isolation: { addresses: [], names: [] },
    loopbackNames: [],
    also: [],
    walkBack: 0,
  };
}

function drillServiceOf(service: ServiceName, { host, settings }: Source<unknown>): DrillService {
  const engine = engines[service];
  const hourMs = 3_600_000;
  return {
    service,
    engine,
    settings,
    objectives: { rpoMs: service === 'agama' ? hourMs : 24 * hourMs, retentionDays: 56 },
    quietMs: engine.quietMs === null ? null : hourMs,
    host: host.label,
    limits: testLimits,
    imageFor: () => images()[engine.name as 'mysql' | 'influxdb' | 'grafana'],
  };
}
