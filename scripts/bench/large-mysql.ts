import { mysqlAccount } from './config.ts';
import type { Bench } from './peers/bench.ts';
import { type MysqlPlace, startMysql } from './peers/mysql-place.ts';

/** A MySQL source in a container of its own; it has no rows before it grows. */
export async function largeMysql(bench: Bench): Promise<MysqlPlace> {
  const fast = ['--innodb-doublewrite=OFF', '--skip-log-bin', '--innodb-flush-log-at-trx-commit=0'];
  const options = [...fast, '--innodb-buffer-pool-size=2G', '--innodb-redo-log-capacity=1G'];
  const source = await startMysql(bench, { options });
  await source.untilAnswers();
  await source.sql(`CREATE DATABASE large; ${mysqlAccount}`);
  return source;
}

/** In one statement; of many more the server keeps a temporary table that does not fit. */
const maxRows = 250_000;

/** By `gib` GiB: rows of about 1 KiB, half of which does not compress, in four tables. */
export async function grow(source: MysqlPlace, gib: number): Promise<void> {
  const rows = Math.round((gib * 1024 * 1024) / 4);
  for (const table of ['a', 'b', 'c', 'd']) {
    await source.sql(`CREATE TABLE IF NOT EXISTS large.${table} (id int AUTO_INCREMENT PRIMARY KEY,
      at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, random varbinary(500), text varchar(600), KEY (at))`);
    for (let made = 0; made < rows; made += maxRows) {
      await source.sql(`SET SESSION cte_max_recursion_depth = ${maxRows};
        INSERT INTO large.${table} (random, text)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${Math.min(maxRows, rows - made)})
        SELECT RANDOM_BYTES(450), REPEAT(CONCAT('row ', i, ' of a table with text; '), 18) FROM n`);
    }
  }
}
