import { mysqlServer } from '../../test/support/mysql-server.ts';
import { mysqlAccount, mysqlService, writeConfig } from './config.ts';
import type { Grown } from './growing.ts';
import { measuredRun } from './measured-run.ts';

const transactions = 500;

/** A MySQL server, and of it in the vault a full and `members - 1` increments, each with 500 transactions of one row. */
export async function manyLogs(folder: string, image: string, members: number, signal: AbortSignal): Promise<Grown> {
  await using held = new AsyncDisposableStack();
  const server = held.use(await mysqlServer('growth-logs', ['--gtid-mode=ON', '--enforce-gtid-consistency=ON']));
  await server.sql(`CREATE DATABASE large; USE large;
    CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, word varchar(100));
    ${mysqlAccount}`);
  const config = await writeConfig(folder, mysqlService(server.container.id), `mysql: '${image}'`);
  const write = `INSERT INTO large.orders (word) VALUES (REPEAT('word ', 10));\n`.repeat(transactions);
  // The last one is measured, with what comes after it.
  for (let made = 0; made < members - 1; made += 1) {
    await server.sql(write);
    const kind = made === 0 ? ['--full'] : [];
    const { exitStatus, stdout } = await measuredRun(['--config', config, '--quiet', 'backup', ...kind], signal);
    if (exitStatus !== 0) throw new Error(`a backup ended with ${exitStatus}: ${stdout.slice(-400)}`);
  }
  await server.sql(write);
  const stack = held.move();
  return { config, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
