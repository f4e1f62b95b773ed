import { setTimeout as sleep } from 'node:timers/promises';
import { docker } from '../docker.ts';
import type { Grown } from './growing.ts';
import { writeConfig } from './large-mysql.ts';

const label = 'firedrill.bench=yes';

/** A MySQL source of `count` small tables of a few rows each, in a container of its own. `await using` removes it. */
export async function manyTables(folder: string, image: string, count: number): Promise<Grown> {
  const name = `firedrill-bench-tables-${process.pid}`;
  const remove = async () => void (await docker(['rm', '--force', '--volumes', name]));
  await remove();
  const options = '--no-defaults --user=root --datadir=/data/db --secure-file-priv=NULL --innodb-doublewrite=OFF';
  const server = `mysqld ${options} --initialize-insecure && exec mysqld ${options} --socket=/tmp/s.sock --mysqlx=OFF
    --server-id=1 --skip-log-bin --innodb-flush-log-at-trx-commit=0 --innodb-open-files=20000 --table-open-cache=4000`;
  const run = ['run', '--detach', '--name', name, '--label', label, '--volume', '/data', '--entrypoint', 'sh', image];
  const started = await docker([...run, '-c', server.replaceAll('\n', ' ')], 120_000);
  if (!started.ok) throw new Error(`docker run: ${started.errors}`);
  const sql = async (statements: string) => {
    const args = ['exec', name, 'mysql', '--no-defaults', '--user=root', '--socket=/tmp/s.sock', '-Ne', statements];
    return docker(args, 1_800_000);
  };
  for (let left = 600; !(await sql('SELECT 1')).ok; left -= 1) {
    if (left === 0) throw new Error('the MySQL source did not answer');
    await sleep(200);
  }
  await mustSql(
    `CREATE DATABASE large; CREATE USER firedrill@'%' IDENTIFIED BY 'bench'; GRANT ALL ON *.* TO firedrill@'%'`,
  );
  for (let from = 0; from < count; from += 500) {
    const numbers = Array.from({ length: Math.min(500, count - from) }, (_, i) => from + i);
    await mustSql(`USE large; ${numbers.map(tableOf).join('')}`);
  }
  return { config: await writeConfig(folder, image, name), [Symbol.asyncDispose]: remove };

  async function mustSql(statements: string): Promise<void> {
    const { ok, errors } = await sql(statements);
    if (!ok) throw new Error(`the source refused: ${errors.slice(0, 200)}`);
  }
}

const tableOf = (i: number) =>
  `CREATE TABLE t${i} (id int PRIMARY KEY, at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, word varchar(100), KEY (at));
   INSERT INTO t${i} (id, word) VALUES (1, 'one of ${i}'), (2, 'two of ${i}'), (3, 'three of ${i}');`;
