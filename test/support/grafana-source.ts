import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Source } from '../../src/engines/engine.ts';
import { type GrafanaSettings, grafanaSettings } from '../../src/engines/grafana/settings.ts';
import { dockerHost } from '../../src/hosts/docker.ts';
import { dockerCall, dockerClient } from '../../src/hosts/docker-client.ts';
import { writeTar } from '../../src/kit/tar.ts';
import { images } from './images.ts';
import { until } from './until.ts';

export type Sample = '6.2.4' | '7.3.6' | '7.5.5' | '7.5.5-later' | '7.5.5-provisioned' | '7.5.5-firing';

export const sampleFile = (sample: Sample) =>
  join(import.meta.dirname, '../../fixtures/grafana', `grafana-${sample}.db`);

/** The `secret_key` of all samples: Grafana's default. */
export const sampleKey = 'SW2YcwTIb9zpOOhoPsMm';

export interface GrafanaContainer extends AsyncDisposable {
  id: string;
  address: string;
  source: Source<GrafanaSettings>;
  /** Asks its HTTP API as admin. */
  ask(path: string, body?: unknown, headers?: Record<string, string>): Promise<{ status: number; body: unknown }>;
  logs(): Promise<string>;
}

export interface ContainerOptions {
  /** A database file on this machine; a fresh one is made when it is absent. */
  database?: string;
  env?: Record<string, string>;
}

/** A live Grafana (the image of this machine) with a database of ours. `await using` removes it. */
export async function grafanaContainer({ database, env = {} }: ContainerOptions = {}): Promise<GrafanaContainer> {
  const docker = dockerClient();
  const container = await dockerCall('create a Grafana', () =>
    docker.createContainer({
      name: `firedrill-test-grafana-${randomBytes(4).toString('hex')}`,
      Image: images().grafana,
      Labels: { 'firedrill.test': 'grafana' },
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      HostConfig: { Init: true },
    }),
  );
  const remove = async () => void (await container.remove({ force: true, v: true }));
  try {
    if (database) await container.putArchive(await asArchive(database), { path: '/var/lib/grafana' });
    await container.start();
    const { NetworkSettings } = await container.inspect();
    const address = Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? '';
    const logs = async () => (await container.logs({ stdout: true, stderr: true })).toString('latin1');
    const ask: GrafanaContainer['ask'] = async (path, body, headers = {}) => {
      const authorization = `Basic ${Buffer.from('admin:admin').toString('base64')}`;
      const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      const answer = await fetch(`http://${address}:3000${path}`, { headers: { authorization, ...headers }, ...post });
      return { status: answer.status, body: await answer.json() };
    };
    await until('a healthy Grafana', async () => {
      if (!(await container.inspect()).State.Running) throw new Error(`Grafana ended: ${await logs()}`);
      return (await ask('/api/health').catch(() => undefined))?.status === 200 || undefined;
    });
    const host = dockerHost({ container: container.id, label: 'docker:grafana' });
    const source = { service: 'grafana', host, settings: grafanaSettings.parse({}) };
    return { id: container.id, address, source, ask, logs, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function asArchive(database: string) {
  const { size } = await stat(database);
  // The official image's server runs as a user of group 0.
  return writeTar([{ name: 'grafana.db', mode: 0o666, size, content: createReadStream(database) }]);
}

/** Changes a database file by SQL. */
export function changeDatabase(path: string, ...statements: string[]): void {
  using db = new DatabaseSync(path);
  for (const sql of statements) db.exec(sql);
}
