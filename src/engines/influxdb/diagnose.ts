import { outputOf } from '../../hosts/output.ts';
import type { Activity } from '../../kit/activity.ts';
import { type ErrorCode, FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { Diagnosis, Source } from '../engine.ts';
import type { InfluxClient } from './client.ts';
import { listDatabases } from './inventory.ts';
import type { InfluxdbSettings } from './settings.ts';
import { isSupported, sourceClient } from './source-client.ts';

const toolMs = 30_000;

/** Looks at all that a backup will need, and says what to do about what is missing. */
export async function diagnoseSource(source: Source<InfluxdbSettings>, activity: Activity): Promise<Diagnosis[]> {
  const { settings, host } = source;
  const client = sourceClient(source, AbortSignal.any([activity.signal, AbortSignal.timeout(toolMs)]));
  return [
    await look('the server answers', () => client.ping(), {
      SOURCE_UNREACHABLE: `start InfluxDB, or mend \`port\` (${settings.port})`,
    }),
    await look('the version is supported', () => version(client), {
      SOURCE_UNSUITABLE: 'firedrill backs up InfluxDB 1.x',
    }),
    await look('the login is an admin', () => admin(client), {
      SOURCE_DENIED: 'name a user with ALL PRIVILEGES and its password',
    }),
    await look(`database ${settings.database} is there`, () => database(client, settings.database), {
      SOURCE_UNSUITABLE: 'mend `database` in the settings',
    }),
    await look('influxd is installed on its host', () => tool(source, activity), {
      TOOL_MISSING: `install influxd on ${host.label}: it makes the dump`,
    }),
    await look('the backup service answers', () => backupService(source, activity), {
      SOURCE_UNREACHABLE: `set bind-address = "127.0.0.1:${settings.backupPort}" in influxdb.conf, or mend \`backupPort\``,
    }),
  ];
}

async function look(
  what: string,
  ask: () => Promise<string>,
  advice: Partial<Record<ErrorCode, string>>,
): Promise<Diagnosis> {
  try {
    const found = await ask();
    return { ok: true, what: found === '' ? what : `${what}: ${plainLine(found, 100)}` };
  } catch (error) {
    if (!(error instanceof FiredrillError)) throw error;
    return { ok: false, what: `${what}: no, ${error.message}`, advice: advice[error.code] ?? error.hint };
  }
}

async function version(client: InfluxClient): Promise<string> {
  const found = await client.ping();
  if (isSupported(found)) return found;
  throw new FiredrillError('SOURCE_UNSUITABLE', `it is ${found}`);
}

/** Without authentication on the server everybody is one. */
async function admin(client: InfluxClient): Promise<string> {
  await client.query('SHOW USERS');
  return '';
}

async function database(client: InfluxClient, name: string): Promise<string> {
  const databases = await listDatabases(client);
  if (databases.includes(name)) return '';
  throw new FiredrillError(
    'SOURCE_UNSUITABLE',
    `there are only ${databases.map((each) => plainLine(each)).join(', ')}`,
  );
}

async function tool({ host }: Source<InfluxdbSettings>, { signal }: Activity): Promise<string> {
  return (await outputOf(host, { tool: 'influxd', args: ['version'], signal, deadlineMs: toolMs })).trim();
}

/**
 * On its host, since it should listen on loopback only. bash and nc are not everywhere, so `influxd backup` itself asks,
 * for a database that is not there: a server that answers refuses at once, for any other cause there are retries.
 */
async function backupService({ host, settings }: Source<InfluxdbSettings>, { signal }: Activity): Promise<string> {
  const script = `folder=$(mktemp -d) || exit; trap 'rm -rf "$folder"' EXIT
influxd backup -portable -host "$1" -db "$2" "$folder" 2>&1 | grep -m 1 -E "failed"`;
  const args = ['-c', script, 'sh', `127.0.0.1:${settings.backupPort}`, 'firedrill probe'];
  try {
    const said = await outputOf(host, { tool: 'sh', args, signal, deadlineMs: toolMs });
    if (!/retrying|dial/.test(said)) return '';
    throw new FiredrillError('SOURCE_UNREACHABLE', plainLine(said.trim()));
  } catch (error) {
    if (!isFiredrillError(error, 'TOOL_FAILED', 'DEADLINE')) throw error;
    throw new FiredrillError('SOURCE_UNREACHABLE', error.message, { cause: error });
  }
}
