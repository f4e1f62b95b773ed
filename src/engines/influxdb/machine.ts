import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../hosts/host.ts';
import { outputOf } from '../../hosts/output.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { Source } from '../engine.ts';
import type { MachinePlace, Machines } from '../machine.ts';
import { InfluxClient } from './client.ts';
import { identifier } from './influxql.ts';
import type { InfluxdbSettings } from './settings.ts';
import { sourceClient } from './source-client.ts';

const dataFolder = '/var/lib/influxdb';
const startMs = 120_000;
const statementsMs = 600_000;

const httpPort = ({ index }: MachinePlace) => 8086 + 10 * index;
const backupPort = ({ index }: MachinePlace) => 8088 + 10 * index;

/** As a server of a company runs: logins are asked for where the user's server does, old points expire, queries run on. */
export const influxdbMachines: Machines<InfluxdbSettings> = {
  restoredWhile: 'running',
  recipe: async (place, _newest, { user }) => ({
    dataFolder,
    files: {},
    env: {
      HOME: '/root',
      INFLUXDB_REPORTING_DISABLED: 'true',
      INFLUXDB_BIND_ADDRESS: `127.0.0.1:${backupPort(place)}`,
      INFLUXDB_META_DIR: `${dataFolder}/meta`,
      INFLUXDB_DATA_DIR: `${dataFolder}/data`,
      INFLUXDB_DATA_WAL_DIR: `${dataFolder}/wal`,
      INFLUXDB_MONITOR_STORE_ENABLED: 'false',
      INFLUXDB_HTTP_AUTH_ENABLED: String(user !== undefined),
      INFLUXDB_HTTP_LOG_ENABLED: 'false',
      INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${httpPort(place)}`,
    },
    // The server makes what it lacks.
    initialise: 'true',
    start: 'exec influxd run -config /dev/null',
  }),
  settings: (place, user, file) => ({
    ...{ user, password: { file }, port: httpPort(place), backupPort: backupPort(place) },
    dumpFolder: null,
  }),
  admit: async (host, place, { user, password }, start, { signal }) => {
    await start();
    const client = await untilAnswers(host, httpPort(place), signal);
    // The first admin may be made by anybody.
    await client.query(`CREATE USER ${identifier(user)} WITH PASSWORD '${password}' WITH ALL PRIVILEGES`);
  },
  look: async (source, { signal }) => ({ engineVersion: await sourceClient(source, signal).ping(), standIn: false }),
  run: async (source, text, { signal }) => {
    for (const statement of statementsIn(text)) await runOne(source, statement, signal);
  },
};

async function untilAnswers(host: Host, port: number, signal: AbortSignal): Promise<InfluxClient> {
  const client = new InfluxClient({ through: { connect: () => host.connect({ port }) }, signal });
  let last: unknown;
  for (const end = performance.now() + startMs; performance.now() < end; await sleep(200, undefined, { signal })) {
    try {
      await client.ping();
      return client;
    } catch (error) {
      if (!isFiredrillError(error, 'SOURCE_UNREACHABLE')) throw error;
      last = error;
    }
  }
  const sentence = `the InfluxDB server in ${host.label} did not answer within 2 minutes`;
  throw new FiredrillError('SANDBOX_FAILED', sentence, { cause: last });
}

/** The client takes one INSERT at a time, each on a line of its own; other statements may have several lines. */
function statementsIn(text: string): string[] {
  const statements: string[] = [];
  let rest: string[] = [];
  const flush = () => {
    if (rest.some((line) => line.trim() !== '')) statements.push(rest.join('\n'));
    rest = [];
  };
  for (const line of text.split('\n')) {
    if (!/^\s*INSERT\s/i.test(line)) rest.push(line);
    else {
      flush();
      statements.push(line.trim());
    }
  }
  flush();
  return statements;
}

async function runOne({ host, settings }: Source<InfluxdbSettings>, statement: string, signal: AbortSignal) {
  const { port, user, password, database } = settings;
  const where = ['-host', '127.0.0.1', '-port', String(port), '-database', database];
  const login = { INFLUX_USERNAME: user ?? '', INFLUX_PASSWORD: password?.reveal() ?? '' };
  // What was refused is said on its stdout.
  const script = 'said=$(influx "$@" 2>&1) || { printf "%s\\n" "$said" >&2; exit 1; }; printf "%s\\n" "$said"';
  const args = ['-c', script, 'sh', ...where, '-execute', statement];
  const said = await outputOf(host, { tool: 'sh', args, secretEnv: login, signal, deadlineMs: statementsMs });
  const refusal = /^ERR: .*$/m.exec(said)?.[0];
  if (refusal === undefined) return;
  throw new FiredrillError('TOOL_FAILED', `influx on ${host.label} said: ${plainLine(refusal, 300)}`);
}
