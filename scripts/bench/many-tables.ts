import { mysqlServer } from '../../test/support/mysql-server.ts';
import { mysqlAccount, mysqlService, writeConfig } from './config.ts';
import type { Grown } from './growing.ts';

const inOneGo = 500;

/** A MySQL server with `count` small tables of three rows each. */
export async function manyTables(folder: string, image: string, count: number): Promise<Grown> {
  await using held = new AsyncDisposableStack();
  const options = ['--skip-log-bin', '--innodb-open-files=20000', '--table-open-cache=4000'];
  const server = held.use(await mysqlServer('growth-tables', options));
  await server.sql(`CREATE DATABASE large; ${mysqlAccount}`);
  for (let from = 0; from < count; from += inOneGo) {
    const numbers = Array.from({ length: Math.min(inOneGo, count - from) }, (_, i) => from + i);
    await server.sql(`USE large; ${numbers.map(tableOf).join('')}`);
  }
  const config = await writeConfig(folder, mysqlService(server.container.id), `mysql: '${image}'`);
  const stack = held.move();
  return { config, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const tableOf = (i: number) =>
  `CREATE TABLE t${i} (id int PRIMARY KEY, at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, word varchar(100), KEY (at));
   INSERT INTO t${i} (id, word) VALUES (1, 'one of ${i}'), (2, 'two of ${i}'), (3, 'three of ${i}');`;
