import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { demoApplication } from '../../scripts/demo/demo-config.ts';
import { telegrafLines } from '../../scripts/demo/telegraf-points.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { firedrill } from './firedrill.ts';
import { grafanaContainer, sampleFile } from './grafana-source.ts';
import { applicationImage, images } from './images.ts';
import { admin, startInfluxdb } from './influxdb-source.ts';
import { mysqlServer } from './mysql-server.ts';

const scale = 0.005;
const fixtures = join(import.meta.dirname, '../../fixtures/demo/agama');

/**
 * The demo's company, small, as it is left when its sources are gone: a configuration and a vault with one real backup of each
 * service, in a folder. All game days of a test begin from it.
 */
export async function gameDayCompany(folder: string): Promise<{ configFile: string }> {
  const run = (...args: string[]) => firedrill(args, { cwd: folder, main: 'real' });
  await using agama = await mysqlServer('gameday', [
    '--gtid-mode=ON',
    '--enforce-gtid-consistency=ON',
    '--log-bin=binlog',
  ]);
  await using influxdb = await startInfluxdb();
  await using grafana = await grafanaContainer({ database: sampleFile('7.5.5') });
  await Promise.all([seedAgama(agama.sql), seedTelegraf(influxdb)]);
  await run('init', '--keys');
  await mkdir(join(folder, 'secrets'));
  await writeFile(join(folder, 'secrets/agama.txt'), 'to-back-up', { mode: 0o600 });
  await writeFile(join(folder, 'secrets/agama-app.txt'), 'of-the-app', { mode: 0o600 });
  await writeFile(join(folder, 'secrets/influxdb.txt'), admin.password.reveal(), { mode: 0o600 });
  await directoryVault('onsite', join(folder, 'vault')).mark();
  const configFile = join(folder, 'firedrill.yaml');
  await writeFile(configFile, configOf(agama.container.name, influxdb.container, grafana.id));
  const { status, stderr, stdout } = await run('backup', '--full');
  if (status !== 0) throw new Error(`the company could not be backed up: ${stderr}${stdout}`);
  return { configFile };
}

/** The statements of the demo, in one session: they share variables. */
async function seedAgama(sql: (statements: string) => Promise<string>) {
  const until = new Date().toISOString().slice(0, 19).replace('T', ' ');
  const head = `SET NAMES utf8mb4;\nSET @until = '${until}', @scale = ${scale}, @app_password = 'of-the-app', @backup_password = 'unused';\n`;
  const files = ['schema.sql', 'rows.sql', 'objects.sql', 'accounts.sql', 'week/sunday.sql'];
  const texts = await Promise.all(files.map((name) => readFile(join(fixtures, name), 'utf8')));
  await sql(head + texts.join('\n'));
}

async function seedTelegraf({ query, write }: Awaited<ReturnType<typeof startInfluxdb>>) {
  await query(
    `CREATE USER admin WITH PASSWORD '${admin.password.reveal().replaceAll("'", "\\'")}' WITH ALL PRIVILEGES`,
  );
  await query('CREATE DATABASE telegraf');
  // The client writes nanoseconds.
  const lines = [...telegrafLines({ untilMs: Date.now(), scale })].map((line) => `${line}000000`);
  for (let i = 0; i < lines.length; i += 5_000) await write('telegraf', 'autogen', lines.slice(i, i + 5_000));
}

const configOf = (agama: string, influxdb: string, grafana: string) => `version: 1
keys: { private: keys/signing.key, public: [keys/signing.pub] }
vaults:
  onsite: { kind: directory, folder: vault }
services:
  agama:
    engine: mysql
    reach: { docker: ${agama} }
    rpo: 1h
    retention: 56d
    heartbeat: false
    settings: { databases: [agama], user: backup, password: { file: secrets/agama.txt }, digestTables: [item] }
  telegraf:
    engine: influxdb
    reach: { docker: ${influxdb} }
    rpo: 1d
    retention: 56d
    heartbeat: false
    settings: { database: telegraf, user: admin, password: { file: secrets/influxdb.txt } }
  grafana:
    engine: grafana
    reach: { docker: ${grafana} }
    rpo: 1d
    retention: 28d
    quiet: any
    settings: { database: /var/lib/grafana/grafana.db }
drill:
  images: ${JSON.stringify(images())}
  pull: never
  planted: false
  limits: { memory: 1GiB, cpus: 2 }
${demoApplication({ application: applicationImage() }, true)}`;
