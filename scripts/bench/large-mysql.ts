import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSigningKey } from '../../src/kit/signing-key.ts';
import { docker } from '../docker.ts';

const name = 'firedrill-bench-mysql';
const label = 'firedrill.bench=yes';

/** A MySQL source in a container of its own; it has no rows before it grows. `await using` removes it. */
export async function largeMysql(image: string): Promise<{ grow(gib: number): Promise<void> } & AsyncDisposable> {
  await remove();
  const options = '--no-defaults --user=root --datadir=/data/db --secure-file-priv=NULL --innodb-doublewrite=OFF';
  const server = `mysqld ${options} --initialize-insecure && exec mysqld ${options} --socket=/tmp/s.sock --mysqlx=OFF
    --server-id=1 --skip-log-bin --innodb-buffer-pool-size=2G --innodb-redo-log-capacity=1G --innodb-flush-log-at-trx-commit=0`;
  const run = ['run', '--detach', '--name', name, '--label', label, '--volume', '/data', '--entrypoint', 'sh', image];
  await must([...run, '-c', server.replaceAll('\n', ' ')]);
  for (let left = 300; !(await sql('SELECT 1')).ok; left -= 1) {
    if (left === 0) throw new Error('the MySQL source did not answer');
    await sleep(200);
  }
  await mustSql(
    `CREATE DATABASE large; CREATE USER firedrill@'%' IDENTIFIED BY 'bench'; GRANT ALL ON *.* TO firedrill@'%'`,
  );
  return { grow, [Symbol.asyncDispose]: remove };
}

/** In one statement; of many more the server keeps a temporary table that does not fit. */
const maxRows = 250_000;

/** By `gib` GiB: rows of about 1 KiB, half of which does not compress, in four tables. */
async function grow(gib: number) {
  const rows = Math.round((gib * 1024 * 1024) / 4);
  for (const table of ['a', 'b', 'c', 'd']) {
    await mustSql(`CREATE TABLE IF NOT EXISTS large.${table} (id int AUTO_INCREMENT PRIMARY KEY,
      at datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, random varbinary(500), text varchar(600), KEY (at))`);
    for (let made = 0; made < rows; made += maxRows) {
      await mustSql(`SET SESSION cte_max_recursion_depth = ${maxRows};
        INSERT INTO large.${table} (random, text)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${Math.min(maxRows, rows - made)})
        SELECT RANDOM_BYTES(450), REPEAT(CONCAT('row ', i, ' of a table with text; '), 18) FROM n`);
    }
  }
}

const sql = (statements: string) =>
  docker(['exec', name, 'mysql', '--no-defaults', '--user=root', '--socket=/tmp/s.sock', '-Ne', statements], 1_800_000);

async function mustSql(statements: string): Promise<void> {
  const { ok, errors } = await sql(statements);
  if (!ok) throw new Error(`the source refused: ${errors.slice(0, 400)}`);
}

async function must(args: readonly string[]): Promise<void> {
  const { ok, errors } = await docker(args, 120_000);
  if (!ok) throw new Error(`docker ${args[0]}: ${errors}`);
}

async function remove(): Promise<void> {
  await docker(['rm', '--force', '--volumes', name]);
}

/** A configuration for that source, or one in another container, in `folder`; returns its path. */
export async function writeConfig(folder: string, image: string, container = name): Promise<string> {
  const service = `    engine: mysql
    reach: { docker: ${container} }
    settings: { databases: [large], user: firedrill, password: { file: password.txt } }`;
  return writeConfigOf(folder, service, `mysql: '${image}'`);
}

/** A configuration of one service, `large`, in `folder`, where its password lies as well; returns its path. */
export async function writeConfigOf(folder: string, service: string, image: string): Promise<string> {
  const { privatePem, publicPem } = createSigningKey();
  await writeFile(join(folder, 'signing.key'), privatePem, { mode: 0o600 });
  await writeFile(join(folder, 'signing.pub'), publicPem);
  await writeFile(join(folder, 'password.txt'), 'bench', { mode: 0o600 });
  const file = join(folder, 'firedrill.yaml');
  await writeFile(
    file,
    `version: 1
keys: { private: signing.key, public: [signing.pub] }
vaults: { onsite: { kind: directory, folder: vault } }
services:
  large:
${service}
    rpo: 1d
    retention: 28d
    quiet: any
drill:
  images: { ${image} }
  pull: never
`,
  );
  return file;
}
