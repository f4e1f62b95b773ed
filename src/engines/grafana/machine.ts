import { pbkdf2Sync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../hosts/host.ts';
import { runToEnd } from '../../hosts/output.ts';
import { FiredrillError, isFiredrillError, messageOf } from '../../kit/errors.ts';
import type { MachineLogin, MachinePlace, Machines } from '../machine.ts';
import { grafanaSilence } from './restore/recipe.ts';
import { chooseSecretKey } from './secrets/secret-key.ts';
import { type GrafanaSettings, grafanaSettings } from './settings.ts';
import { isStandIn } from './version.ts';

const dataFolder = '/var/lib/grafana';
const database = `${dataFolder}/grafana.db`;
const configFile = '/etc/grafana/grafana.ini';
const startMs = 120_000;
const copyMs = 300_000;

const portOf = ({ index }: MachinePlace) => 3000 + 10 * index;

// Up to 11 there is grafana-server, from 9.2 on `grafana server`.
const launch = `cd /usr/share/grafana
if [ -x bin/grafana ]; then exec bin/grafana server --homepath=/usr/share/grafana --config=${configFile}; fi
exec bin/grafana-server --homepath=/usr/share/grafana --config=${configFile}`;

/** A whole is put beneath a server that was stopped; so its administrator is let in before the first start. */
export const grafanaMachines: Machines<GrafanaSettings> = {
  restoredWhile: 'stopped',
  recipe: async (place, newest, { secretKey }) => {
    const { artifactOf } = await import('./restore/rebuild.ts');
    const { readFiles } = await import('./source/copy-files.ts');
    const { ini } = await readFiles(newest.content(artifactOf(newest, 'files')));
    const { value } = chooseSecretKey(secretKey, ini);
    return {
      dataFolder,
      files: { [configFile]: `[server]\nhttp_port = ${portOf(place)}\n\n[security]\nsecret_key = """${value}"""\n` },
      env: {
        // There is nobody outside whom it could reach: its attempts would only fill its log.
        ...grafanaSilence,
        GF_SERVER_HTTP_ADDR: '127.0.0.1',
        GF_DATABASE_TYPE: 'sqlite3',
        GF_DATABASE_PATH: database,
        GF_PATHS_DATA: dataFolder,
        GF_PATHS_LOGS: '/tmp',
        GF_PATHS_PLUGINS: `${dataFolder}/plugins`,
        GF_LOG_MODE: 'console',
      },
      initialise: `mkdir -p ${dataFolder}/plugins`,
      start: launch,
    };
  },
  settings: (place, _user, file) => ({
    ...{ database, files: ['/etc/grafana'], port: portOf(place), scheme: 'http' },
    apiToken: { file },
  }),
  password: (secret) => tokenOf(secret),
  admit: async (host, place, login, start, { signal }) => {
    await letIn(host, login, signal);
    await start();
    await untilAnswers(host, portOf(place), signal);
  },
  look: async ({ host, settings }, { signal }) => {
    const { versionFromApi } = await import('./source/source-version.ts');
    const engineVersion = await versionFromApi(host, settings, signal);
    return { engineVersion, standIn: isStandIn(engineVersion) };
  },
};

const keyName = 'firedrill-gameday';

/** An API key as Grafana's own: base64 of its name, its secret and its organisation. */
function tokenOf(secret: string): string {
  return Buffer.from(JSON.stringify({ n: keyName, k: secret, id: 1 })).toString('base64');
}

/**
 * Puts the key of an admin into the database that was restored, and forgets what was provisioned: without its files Grafana
 * would delete the dashboards that came from it.
 */
async function letIn(host: Host, { password }: MachineLogin, signal: AbortSignal): Promise<void> {
  const { k: secret } = JSON.parse(Buffer.from(password, 'base64').toString()) as { k: string };
  const hash = pbkdf2Sync(secret, keyName, 10_000, 50, 'sha256').toString('hex');
  const { DatabaseSync } = await import('node:sqlite');
  const { scratchSpace } = await import('./source/scratch-space.ts');
  const { spoolOutput } = await import('./source/spool.ts');
  await using scratch = await scratchSpace();
  const copy = scratch.file('grafana.db');
  await spoolOutput(host, { script: 'exec cat "$1"', args: [database], deadlineMs: copyMs, signal }, copy);
  try {
    using db = new DatabaseSync(copy);
    db.prepare('DELETE FROM api_key WHERE org_id = 1 AND name = ?').run(keyName);
    db.prepare(
      `INSERT INTO api_key (org_id, name, key, role, created, updated)
       VALUES (1, ?, ?, 'Admin', datetime('now'), datetime('now'))`,
    ).run(keyName, hash);
    db.exec('DELETE FROM dashboard_provisioning');
  } catch (cause) {
    throw new FiredrillError('SANDBOX_FAILED', `nobody could be let into ${database}: ${messageOf(cause)}`, { cause });
  }
  const put = { tool: 'sh', args: ['-c', 'cat > "$1.new" && mv "$1.new" "$1"', 'sh', database], signal };
  await runToEnd(host, { ...put, stdin: createReadStream(copy), deadlineMs: copyMs });
}

async function untilAnswers(host: Host, port: number, signal: AbortSignal): Promise<void> {
  const { versionFromApi } = await import('./source/source-version.ts');
  const settings = grafanaSettings.parse({ port });
  let last: unknown;
  for (const end = performance.now() + startMs; performance.now() < end; await sleep(200, undefined, { signal })) {
    try {
      await versionFromApi(host, settings, signal);
      return;
    } catch (error) {
      if (!isFiredrillError(error, 'SOURCE_UNREACHABLE')) throw error;
      last = error;
    }
  }
  const sentence = `the Grafana server in ${host.label} did not answer within 2 minutes`;
  throw new FiredrillError('SANDBOX_FAILED', sentence, { cause: last });
}
