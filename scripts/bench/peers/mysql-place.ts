import { setTimeout as sleep } from 'node:timers/promises';
import { serverRecipe } from '../../../src/engines/mysql/recipe.ts';
import { type Bench, limits } from './bench.ts';
import { database } from './mysql-data.ts';

const folder = '/data/db';
const socket = '/data/mysqld.sock';

/** How a server comes by its data folder: made empty, or waiting until one lies in `at`. */
export type Birth = 'initialised' | { at: string };

export interface MysqlPlaceOptions {
  birth?: Birth;
  /** Of mysqld, beside where things lie. */
  options?: readonly string[];
  /** A folder of this machine in which the socket is to lie, for clients here. */
  socketFolder?: string;
}

/** A server in a container of its own. */
export class MysqlPlace implements AsyncDisposable {
  readonly name: string;
  readonly #bench: Bench;
  readonly #socket: string;

  constructor(bench: Bench, name: string, socketPath: string) {
    this.#bench = bench;
    this.name = name;
    this.#socket = socketPath;
  }

  /** Runs statements as root through the client in the container; returns its tab-separated output. */
  sql(statements: string): Promise<string> {
    return this.client('mysql', ['--batch', '--skip-column-names', '--binary-mode'], statements);
  }

  /** A client's program in the container, as root. */
  client(tool: string, args: readonly string[], stdin = ''): Promise<string> {
    return this.#bench.shell('docker exec --interactive "$@"', [this.name, tool, ...this.login(), ...args], { stdin });
  }

  login(): string[] {
    return ['--no-defaults', '--user=root', `--socket=${this.#socket}`];
  }

  /** To its first answer. A container that has ended never gives one. */
  async untilAnswers(): Promise<void> {
    for (;;) {
      try {
        await this.sql('SELECT 1');
        return;
      } catch (error) {
        this.#bench.signal.throwIfAborted();
        const running = await this.#bench.shell('docker inspect --format "{{.State.Running}}" "$1"', [this.name]);
        if (running.trim() !== 'true') throw new Error(`${await this.logs()}`, { cause: error });
      }
      await sleep(100);
    }
  }

  async logs(): Promise<string> {
    return (await this.#bench.shell('docker logs --tail 5 "$1" 2>&1', [this.name])).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bench.remove(this.name);
  }
}

/** Started, and perhaps not answering yet. */
export async function startMysql(bench: Bench, given: MysqlPlaceOptions = {}): Promise<MysqlPlace> {
  const { birth = 'initialised', options = [], socketFolder } = given;
  const data = birth === 'initialised' ? folder : birth.at;
  const at = socketFolder === undefined ? socket : `${socketFolder}/mysqld.sock`;
  const base = `--no-defaults --user=root --datadir=${data} --secure-file-priv=NULL`;
  const before =
    birth === 'initialised'
      ? `mysqld ${base} --initialize-insecure`
      : `until [ -e ${birth.at}/.complete ]; do sleep 0.05; done`;
  const run = `exec mysqld ${base} --socket=${at} --mysqlx=OFF --server-id=1 ${options.join(' ')}`;
  const mounts = socketFolder === undefined ? [] : ['--volume', `${socketFolder}:${socketFolder}`];
  return new MysqlPlace(bench, await bench.start(bench.images.mysql, `${before} && ${run}`, mounts), at);
}

const tunedNames = ['--innodb-', '--skip-log-bin', '--skip-name-resolve', '--max-allowed-packet', '--event-scheduler'];

/** The settings of firedrill's throw-away servers, without what only its own way of restoring needs. */
export function tunedOptions(): string[] {
  const service = { ...limits, restoreMs: 0 };
  const { command } = serverRecipe(service, { lowerCaseTableNames: 0, pageSizeBytes: 16_384 });
  return command.filter((each) => tunedNames.some((name) => each.startsWith(name)));
}

/** What a restored server must hold: by table its checksum and its keys, one thing a line. */
export async function contentOf(place: MysqlPlace): Promise<string[]> {
  const tables = await lines(
    place,
    `SELECT table_name FROM information_schema.tables WHERE table_schema = '${database}'`,
  );
  const sums: string[] = [];
  for (let at = 0; at < tables.length; at += 500) {
    const names = tables.slice(at, at + 500).map((name) => `${database}.\`${name}\``);
    sums.push(...(await lines(place, `CHECKSUM TABLE ${names.join(', ')}`)));
  }
  const keys = `SELECT CONCAT_WS(' ', 'key', table_name, index_name, non_unique, seq_in_index, column_name)
    FROM information_schema.statistics WHERE table_schema = '${database}'`;
  return [...sums, ...(await lines(place, keys))].toSorted();
}

const lines = async (place: MysqlPlace, statement: string) =>
  (await place.sql(statement)).split('\n').filter((line) => line !== '');
