import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../hosts/host.ts';
import { runToEnd } from '../../hosts/output.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import type { MachineLogin, MachinePlace, Machines } from '../machine.ts';
import { quoteText } from './names.ts';
import { birthArguments } from './recipe.ts';
import type { MysqlSettings } from './settings.ts';
import { engineVersionOf } from './version.ts';

const dataFolder = '/var/lib/mysql';
const socket = `${dataFolder}/mysqld.sock`;
const mib = 1024 ** 2;
const startMs = 180_000;
const statementsMs = 600_000;

const portOf = ({ index, role }: MachinePlace) => 3306 + 10 * index + (role === 'replica' ? 1 : 0);

/** As a server of a company runs: binary log, GTIDs, its own accounts. What only saves it from a power cut is off. */
export const mysqlMachines: Machines<MysqlSettings> = {
  restoredWhile: 'running',
  recipe: async (place, newest, _settings, limits) => {
    const { readSchema } = await import('./documents.ts');
    const { birth } = await readSchema(newest);
    const options = ['--no-defaults', '--user=root', `--datadir=${dataFolder}/data`, '--secure-file-priv=NULL'];
    const own = [...options, '--innodb-doublewrite=OFF', ...birthArguments(birth)];
    const server = [
      ...own,
      `--socket=${socket}`,
      `--port=${portOf(place)}`,
      '--bind-address=127.0.0.1',
      '--mysqlx=OFF',
      '--skip-name-resolve',
      '--default-time-zone=+00:00',
      `--server-id=${portOf(place)}`,
      '--log-bin=binlog',
      '--relay-log=relay',
      '--gtid-mode=ON',
      '--enforce-gtid-consistency=ON',
      `--report-host=${place.service}-${place.role}`,
      `--innodb-buffer-pool-size=${Math.max(128 * mib, Math.floor(limits.memoryBytes / 4 / mib) * mib)}`,
      '--innodb-redo-log-capacity=256M',
      '--innodb-flush-log-at-trx-commit=2',
    ];
    return {
      dataFolder,
      files: { '/root/.my.cnf': `[client]\nuser=root\nsocket=${socket}\n` },
      env: {},
      initialise: `mysqld ${own.join(' ')} --initialize-insecure`,
      start: `exec mysqld ${server.join(' ')}`,
    };
  },
  settings: (place, user, file) => ({ user, password: { file }, port: portOf(place), socketPath: null }),
  admit: async (host, _place, login, start, { signal }) => {
    await start();
    await untilAnswers(host, signal);
    await statements(host, administrator(login), signal);
  },
  follow: async (host, { index }, login, { signal }) => {
    const source = portOf({ service: '', index, role: 'first' });
    await statements(host, following(source, login), signal);
  },
  look: async (source, activity) => {
    const { openSource } = await import('./source.ts');
    await using session = await openSource(source, activity);
    const said = (await session.value('SELECT VERSION()')) ?? '';
    return { engineVersion: engineVersionOf(said, source.service), standIn: false };
  },
  run: ({ host }, text, { signal }) => statements(host, text, signal),
};

/** As root, who needs no password on the machine itself. They stand in no process list. */
async function statements(host: Host, text: string, signal: AbortSignal): Promise<void> {
  const args = ['--no-defaults', `--socket=${socket}`, '--user=root', '--default-character-set=utf8mb4', '--batch'];
  const stdin = Readable.from([Buffer.from(text)]);
  await runToEnd(host, { tool: 'mysql', args, stdin, signal, deadlineMs: statementsMs });
}

async function untilAnswers(host: Host, signal: AbortSignal) {
  let last: unknown;
  for (const end = performance.now() + startMs; performance.now() < end; await sleep(200, undefined, { signal })) {
    try {
      return await statements(host, 'SELECT 1', signal);
    } catch (error) {
      if (!isFiredrillError(error, 'TOOL_FAILED')) throw error;
      last = error;
    }
  }
  const sentence = `the MySQL server in ${host.label} did not answer within 3 minutes`;
  throw new FiredrillError('SANDBOX_FAILED', sentence, { cause: last });
}

/** Not in the binary log: each machine is given its own. */
function administrator({ user, password }: MachineLogin): string {
  const account = `${quoteText(user)}@'%'`;
  return `SET SESSION sql_log_bin = 0;
CREATE USER ${account} IDENTIFIED BY ${quoteText(password)} COMMENT 'administrator of the game day';
GRANT ALL ON *.* TO ${account} WITH GRANT OPTION;
GRANT PROXY ON ''@'' TO ${account} WITH GRANT OPTION;
`;
}

function following(port: number, { user, password }: MachineLogin): string {
  return `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${port}, SOURCE_USER = ${quoteText(user)},
  SOURCE_PASSWORD = ${quoteText(password)}, SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 5;
START REPLICA;
SET PERSIST super_read_only = ON;
`;
}
