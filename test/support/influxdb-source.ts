import type { Source } from '../../src/engines/engine.ts';
import { InfluxClient, type Series } from '../../src/engines/influxdb/client.ts';
import type { InfluxdbSettings } from '../../src/engines/influxdb/settings.ts';
import { dockerHost } from '../../src/hosts/docker.ts';
import type { Host } from '../../src/hosts/host.ts';
import { Secret } from '../../src/model/secret.ts';
import { sleepingContainer } from './container.ts';
import { images } from './images.ts';
import { until } from './until.ts';

export const admin = { user: 'admin', password: new Secret({ env: 'TEST' }, 'it\'s a "secret"') };

/** A real InfluxDB in a container, as a source. */
export interface InfluxdbSource extends AsyncDisposable {
  host: Host;
  container: string;
  client: InfluxClient;
  source(settings?: Partial<InfluxdbSettings>): Source<InfluxdbSettings>;
  query(statement: string, database?: string): Promise<Series[]>;
  /** Line protocol with timestamps in ns. */
  write(database: string, policy: string, lines: readonly string[]): Promise<void>;
}

/** @param env more settings of influxd, as `INFLUXDB_HTTP_AUTH_ENABLED` */
export async function startInfluxdb(env: Record<string, string> = {}): Promise<InfluxdbSource> {
  const container = await sleepingContainer('influxdb', {
    Image: images().influxdb,
    Entrypoint: ['influxd'],
    Cmd: ['run', '-config', '/dev/null'],
    Env: Object.entries({ HOME: '/root', INFLUXDB_MONITOR_STORE_ENABLED: 'false', ...env }).map(
      ([k, v]) => `${k}=${v}`,
    ),
    HostConfig: {},
  });
  const host = dockerHost({ container: container.name });
  const through = { connect: () => host.connect({ port: 8086 }) };
  const client = new InfluxClient({ through, ...admin, signal: new AbortController().signal });
  await until('InfluxDB answers', () => client.ping().catch(() => undefined));
  return {
    host,
    container: container.id,
    client,
    source: (settings) => ({
      service: 'telegraf',
      host,
      settings: { database: 'telegraf', port: 8086, backupPort: 8088, ...settings },
    }),
    query: (statement, database) => client.query(statement, database),
    write: async (database, policy, lines) => {
      const socket = `http://${await addressOf(host)}:8086`;
      const target = new URLSearchParams({ db: database, rp: policy, precision: 'ns' });
      const { user, password } = admin;
      const authorization = `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`;
      const answer = await fetch(`${socket}/write?${target}`, {
        method: 'POST',
        headers: { authorization },
        body: lines.join('\n'),
      });
      if (answer.status !== 204) throw new Error(`InfluxDB did not write: ${await answer.text()}`);
    },
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await container[Symbol.asyncDispose]();
    },
  };
}

const addresses = new WeakMap<Host, string>();

export async function addressOf(host: Host): Promise<string> {
  const known = addresses.get(host);
  if (known) return known;
  const socket = await host.connect({ port: 8086 });
  const { remoteAddress = '' } = socket as { remoteAddress?: string };
  socket.destroy();
  addresses.set(host, remoteAddress);
  return remoteAddress;
}
