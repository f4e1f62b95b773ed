import { FiredrillError, messageOf } from '../../src/kit/errors.ts';
import type { DemoContext } from './demo-context.ts';
import { assertGoingOn, type DemoContainer, startContainer, untilReady } from './demo-docker.ts';
import { latencyLines } from './latency-points.ts';
import { batches } from './point-source.ts';
import { telegrafLines } from './telegraf-points.ts';

export const influxdbName = 'firedrill-demo-influxdb';

/** Requests under way at once: the server parses one while it stores another. */
const inFlight = 3;
const requestMs = 120_000;

/** Starts InfluxDB with logins asked for, and waits until it answers. */
export async function startInfluxdb(context: DemoContext): Promise<DemoContainer> {
  const container = await startContainer(context.docker, {
    name: influxdbName,
    image: context.images.influxdb,
    entrypoint: ['influxd', 'run', '-config', '/etc/influxdb/influxdb.conf'],
    command: [],
    env: {
      INFLUXDB_HTTP_AUTH_ENABLED: 'true',
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_MONITOR_STORE_ENABLED: 'false',
    },
    dataFolder: '/var/lib/influxdb',
  });
  await untilReady(context.docker, container, context.signal, async () => {
    const answer = await fetch(`http://${container.address}:8086/ping`, { signal: AbortSignal.timeout(2_000) });
    if (!answer.ok) throw new FiredrillError('SOURCE_UNREACHABLE', `ping was answered with ${answer.status}`);
  });
  return container;
}

/** Makes both databases with policies, users and a continuous query, and writes their points. Returns their number. */
export async function seedInfluxdb(context: DemoContext, { address }: DemoContainer): Promise<number> {
  const client = new DemoInfluxdb(address, context);
  await client.query(`CREATE USER admin WITH PASSWORD '${context.secrets.influxAdmin}' WITH ALL PRIVILEGES`);
  for (const statement of structure(context.secrets.influxAdmin)) await client.query(statement);
  const order = { untilMs: context.until.getTime(), scale: context.scale };
  const telegraf = await client.write('telegraf', telegrafLines(order));
  const latency = await client.write('latency', latencyLines(order));
  await client.query(`SELECT ${hourly} GROUP BY time(1h), host`);
  return telegraf + latency;
}

/** A day of points up to `at`, some that come late, and some that are taken away. */
export async function changeInfluxdb(context: DemoContext, { address }: DemoContainer, at: Date): Promise<void> {
  const client = new DemoInfluxdb(address, context);
  const order = { untilMs: at.getTime() - 30_000, scale: context.scale / 8 };
  await client.write('telegraf', telegrafLines(order, 1));
  await client.write('latency', latencyLines(order, 1));
  const late = at.getTime() - 10 * 86_400_000;
  await client.write('telegraf', [`cpu,cpu=cpu-total,host=late.agama.example usage_idle=99 ${late}`]);
  const until = new Date(at.getTime() - 20 * 86_400_000).toISOString();
  await client.query('DELETE FROM syslog WHERE time < $until'.replace('$until', `'${until}'`), 'telegraf');
}

const hourly = 'mean(usage_idle) AS usage_idle INTO telegraf.half_year.cpu_hourly FROM telegraf.autogen.cpu';

function structure(password: string): string[] {
  return [
    'CREATE DATABASE telegraf',
    'CREATE RETENTION POLICY half_year ON telegraf DURATION 26w REPLICATION 1 SHARD DURATION 4w',
    `CREATE CONTINUOUS QUERY cpu_hourly ON telegraf BEGIN SELECT ${hourly} GROUP BY time(1h), host END`,
    'CREATE DATABASE latency WITH DURATION 28d REPLICATION 1 NAME four_weeks',
    `CREATE USER grafana_ro WITH PASSWORD '${password}-ro'`,
    'GRANT READ ON telegraf TO grafana_ro',
    'GRANT READ ON latency TO grafana_ro',
  ];
}

class DemoInfluxdb {
  readonly #base: string;
  readonly #headers: Record<string, string>;
  readonly #signal: AbortSignal;

  constructor(address: string, { secrets, signal }: DemoContext) {
    this.#base = `http://${address}:8086`;
    this.#headers = { authorization: `Basic ${Buffer.from(`admin:${secrets.influxAdmin}`).toString('base64')}` };
    this.#signal = signal;
  }

  /** In the body: statements may hold passwords. */
  async query(statement: string, database = ''): Promise<void> {
    const text = await this.#post('/query', new URLSearchParams({ q: statement, db: database }));
    // Errors of a statement arrive with status 200.
    if (/"error":/.test(text)) throw refused(text);
  }

  async write(database: string, lines: Iterable<string>): Promise<number> {
    const underWay = new Set<Promise<unknown>>();
    let written = 0;
    for (const batch of batches(lines)) {
      assertGoingOn(this.#signal);
      const writing = this.#post(`/write?db=${database}&precision=ms`, batch.lines).finally(() =>
        underWay.delete(writing),
      );
      // Whoever fails first is thrown below; the others' failures need no second word.
      writing.catch(() => {});
      underWay.add(writing);
      if (underWay.size >= inFlight) await Promise.race(underWay);
      written += batch.points;
    }
    await Promise.all(underWay);
    return written;
  }

  async #post(path: string, body: string | URLSearchParams): Promise<string> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(requestMs)]);
    try {
      const answer = await fetch(this.#base + path, { method: 'POST', headers: this.#headers, body, signal });
      const text = await answer.text();
      if (!answer.ok) throw refused(text);
      return text;
    } catch (cause) {
      assertGoingOn(this.#signal);
      if (cause instanceof FiredrillError) throw cause;
      throw new FiredrillError('SOURCE_UNREACHABLE', `InfluxDB does not answer: ${messageOf(cause)}`, { cause });
    }
  }
}

function refused(text: string) {
  return new FiredrillError('SOURCE_DENIED', `InfluxDB refused a request: ${text.trim().slice(0, 300)}`);
}
