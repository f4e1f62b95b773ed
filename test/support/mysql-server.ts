import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MysqlSettings, mysqlSettings } from '../../src/engines/mysql/settings.ts';
import type { MysqlSource } from '../../src/engines/mysql/source.ts';
import { dockerHost } from '../../src/hosts/docker.ts';
import { outputOf } from '../../src/hosts/output.ts';
import { Secret } from '../../src/model/secret.ts';
import { sleepingContainer, type TestContainer } from './container.ts';
import { images } from './images.ts';

export interface MysqlServer extends AsyncDisposable {
  container: TestContainer;
  /** Runs statements as root, through the client and the unix socket; returns its tab-separated output. */
  sql(statements: string): Promise<string>;
  /** The server as a source: the account `backup` has the needed grants and nothing more. */
  source(settings?: Partial<MysqlSettings>): MysqlSource;
}

/** A real MySQL server in a container; its data lies in memory. `socketFolder` is one of this machine, to share its socket. */
export async function mysqlServer(
  test: string,
  options: readonly string[] = [],
  socketFolder?: string,
): Promise<MysqlServer> {
  const socket = `${socketFolder ?? '/tmp'}/mysqld.sock`;
  const make = 'mysqld --no-defaults --initialize-insecure --user=root --datadir=/data/db --secure-file-priv=NULL';
  const common = '--no-defaults --user=root --datadir=/data/db --secure-file-priv=NULL --mysqlx=OFF --server-id=1';
  const fast = '--innodb-doublewrite=OFF --innodb-flush-log-at-trx-commit=0 --sync-binlog=0';
  const container = await sleepingContainer(test, {
    Image: images().mysql,
    Entrypoint: ['sh', '-c', `${make} && exec mysqld ${common} ${fast} --socket=${socket} ${options.join(' ')}`],
    Cmd: [],
    HostConfig: {
      Tmpfs: { '/tmp': 'rw,size=512m', '/data': 'rw,size=4g' },
      Binds: socketFolder === undefined ? [] : [`${socketFolder}:${socketFolder}`],
      Init: true,
    },
  });
  const host = dockerHost({ container: container.id, label: `docker:${test}` });
  const sql = (statements: string) =>
    outputOf(host, {
      tool: 'mysql',
      args: ['--no-defaults', `--socket=${socket}`, '--user=root', '--batch', '--skip-column-names', '--binary-mode'],
      stdin: Readable.from([statements]),
    });
  const server: MysqlServer = {
    container,
    sql,
    source: (settings = {}) => ({
      service: 'agama',
      host,
      settings: {
        ...mysqlSettings.parse({ databases: ['shop'], user: 'backup' }),
        password: backupPassword(),
        ...settings,
      },
    }),
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await container[Symbol.asyncDispose]();
    },
  };
  try {
    await untilAnswers(server);
    await sql(backupAccount);
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

export function backupPassword(value = 'to-back-up'): Secret {
  return new Secret({ env: 'TEST_MYSQL' }, value);
}

const backupAccount = `
  CREATE USER backup@'%' IDENTIFIED BY 'to-back-up';
  GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, RELOAD, REPLICATION CLIENT, REPLICATION SLAVE, BACKUP_ADMIN, SHOW_ROUTINE ON *.* TO backup@'%';
`;

async function untilAnswers(server: MysqlServer) {
  let last: unknown;
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(200)) {
    try {
      await server.sql('SELECT 1');
      return;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
