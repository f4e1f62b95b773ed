import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StackWorld } from '../../src/cli/gameday/live-stack.ts';
import { attachStack } from '../../src/cli/gameday/stack.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { engines } from '../../src/engines/index.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { firedrill } from './firedrill.ts';
import { grafanaContainer, sampleFile } from './grafana-source.ts';
import { images } from './images.ts';
import { admin, type InfluxdbSource, startInfluxdb } from './influxdb-source.ts';
import { mysqlServer } from './mysql-server.ts';
import { scratchFolder } from './scratch.ts';

export const stackWorld: StackWorld = { engines, environment: readEnvironment(), dockerHost: undefined };

const shop = `CREATE DATABASE shop; USE shop;
CREATE TABLE item (id int PRIMARY KEY AUTO_INCREMENT, value varchar(80), at timestamp DEFAULT CURRENT_TIMESTAMP);
INSERT INTO item (value) VALUES ('bread'), ('milk'), ('salt');
CREATE TABLE orders (id int PRIMARY KEY, item int, FOREIGN KEY (item) REFERENCES item (id));
INSERT INTO orders VALUES (1, 2), (2, 3);
CREATE USER app@'%' IDENTIFIED BY 'of-the-app'; GRANT SELECT, INSERT ON shop.* TO app@'%';`;

/** A company with a vault: one real backup of each of four services, made by the real command line. Its sources are gone. */
export async function stackCompany() {
  const scratch = await scratchFolder();
  const folder = scratch.path;
  const run = (...args: string[]) => firedrill(args, { cwd: folder, main: 'real' });
  await using server = await mysqlServer('stack-company', ['--gtid-mode=ON', '--enforce-gtid-consistency=ON']);
  await using influxdb = await startInfluxdb({ INFLUXDB_HTTP_AUTH_ENABLED: 'true' });
  await using grafana = await grafanaContainer({ database: sampleFile('7.5.5') });
  await server.sql(shop);
  await seedInfluxdb(influxdb);
  await run('init', '--keys');
  await mkdir(join(folder, 'secrets'));
  const secrets = { agama: 'to-back-up', app: 'of-the-app', influxdb: admin.password.reveal() };
  for (const [name, secret] of Object.entries(secrets)) {
    await writeFile(join(folder, `secrets/${name}.txt`), secret, { mode: 0o600 });
  }
  await directoryVault('onsite', join(folder, 'vault')).mark();
  await writeFile(join(folder, 'firedrill.yaml'), configOf(server.container.name, influxdb.container, grafana.id));
  const backup = await run('backup', '--full');
  if (backup.status !== 0) throw new Error(backup.stderr + backup.stdout);
  return {
    folder,
    configFile: join(folder, 'firedrill.yaml'),
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

async function seedInfluxdb({ client, write }: InfluxdbSource) {
  const { user, password } = admin;
  await client.query(
    `CREATE USER ${user} WITH PASSWORD '${password.reveal().replaceAll("'", "\\'")}' WITH ALL PRIVILEGES`,
  );
  const now = BigInt(Date.now() - 3_600_000) * 1_000_000n;
  for (const database of ['telegraf', 'latency']) {
    await client.query(`CREATE DATABASE ${database}`);
    const lines = Array.from(
      { length: 50 },
      (_, i) => `cpu,host=h${i % 5} idle=${i} ${now - BigInt(i) * 60_000_000_000n}`,
    );
    await write(database, 'autogen', lines);
  }
}

function configOf(agama: string, influxdb: string, grafana: string): string {
  const measured = (name: string) => `  ${name}:
    engine: influxdb
    reach: { docker: ${influxdb} }
    rpo: 1d
    retention: 28d
    settings: { database: ${name}, user: admin, password: { file: secrets/influxdb.txt } }
`;
  return `version: 1
keys: { private: keys/signing.key, public: [keys/signing.pub] }
vaults:
  onsite: { kind: directory, folder: vault }
services:
  agama:
    engine: mysql
    reach: { docker: ${agama} }
    rpo: 1h
    retention: 7d
    settings:
      databases: [shop]
      user: backup
      password: { file: secrets/agama.txt }
      appAccounts: [{ user: app, password: { file: secrets/app.txt } }]
    checks:
      there are items: { sql: SELECT COUNT(*) FROM shop.item, min: 3 }
${measured('telegraf')}${measured('latency')}  grafana:
    engine: grafana
    reach: { docker: ${grafana} }
    rpo: 1d
    retention: 28d
    settings: {}
targets:
  other: { engine: mysql, reach: local, settings: { databases: [shop], user: nobody } }
drill:
  images: ${JSON.stringify(images())}
  pull: never
  loopbackNames: [db1.example.com]
  isolation: { addresses: ['192.0.2.10:3306'], names: [db2.example.com] }
  limits: { memory: 1GiB, cpus: 2 }
mail: { from: drill@example.com, to: [boss@example.com], responsible: nobody, smtp: { host: mail.example.com } }
`;
}

export interface RaiseOrder {
  configFile: string;
  id: string;
  folder: string;
  services: string[];
  replicas: string[];
  expires?: string;
}

/** Raises a stack in a process of its own, kills that process as soon as it is raised, and attaches to the stack here. */
export async function raisedElsewhere(order: RaiseOrder) {
  const { child, said } = startRaising(order);
  const [line] = await Promise.race([said, once(child, 'close').then(([status]) => [`it ended with ${status}`])]);
  child.kill('SIGKILL');
  if (line !== 'raised') throw new Error(`the stack was not raised: ${line}`);
  return attachStack(order.folder, stackWorld);
}

/** `said` resolves with the first line of its stdout. */
export function startRaising(order: RaiseOrder) {
  const args = [join(import.meta.dirname, 'raise-stack.ts'), JSON.stringify(order)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = once(child.stdout.setEncoding('utf8'), 'data').then(([text]) => [String(text).trim()]);
  return { child, said };
}

/** Names of the containers and volumes of one stack. */
export async function leftOf(id: string): Promise<string[]> {
  const docker = dockerClient();
  const filters = { label: [`firedrill.stack=${id}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const { Volumes } = await docker.listVolumes({ filters });
  return [...containers.map(({ Names }) => Names[0] ?? ''), ...(Volumes ?? []).map(({ Name }) => Name)];
}
