import { mysqlServer } from '../../test/support/mysql-server.ts';
import type { Grown } from './growing.ts';
import { writeConfigOf } from './large-mysql.ts';
import { measuredRun } from './measured-run.ts';

const transactions = 500;

/** A MySQL server, and of it in the vault a full and `members - 1` increments, each with 500 transactions of one row. */
export async function manyLogs(folder: string, image: string, members: number): Promise<Grown> {
  await using held = new AsyncDisposableStack();
  const server = held.use(await mysqlServer('growth-logs', ['--gtid-mode=ON', '--enforce-gtid-consistency=ON']));
  await server.sql(`CREATE DATABASE large; USE large;
    CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, word varchar(100));
    CREATE USER firedrill@'%' IDENTIFIED BY 'bench'; GRANT ALL ON *.* TO firedrill@'%'`);
  const service = `    engine: mysql
    reach: { docker: ${server.container.id} }
    settings: { databases: [large], user: firedrill, password: { file: password.txt } }`;
  const config = await writeConfigOf(folder, service, `mysql: '${image}'`);
  const write = `INSERT INTO large.orders (word) VALUES (REPEAT('word ', 10));\n`.repeat(transactions);
  // The last one is measured, with what comes after it.
  for (let made = 0; made < members - 1; made += 1) {
    await server.sql(write);
    const kind = made === 0 ? ['--full'] : [];
    const { exitStatus, stdout } = await measuredRun(['--config', config, '--quiet', 'backup', ...kind]);
    if (exitStatus !== 0) throw new Error(`a backup ended with ${exitStatus}: ${stdout.slice(-400)}`);
  }
  await server.sql(write);
  const stack = held.move();
  return { config, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
