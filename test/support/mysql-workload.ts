import type { Session } from '../../src/engines/mysql/client.ts';
import { qualify } from '../../src/engines/mysql/names.ts';

export const workloadSchema = [
  'CREATE DATABASE shop',
  'USE shop',
  'CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, value varchar(200), state tinyint NOT NULL DEFAULT 0, price decimal(12,4), KEY (state))',
  `CREATE TABLE line (id int AUTO_INCREMENT PRIMARY KEY, item int NOT NULL, note text, at timestamp(6) DEFAULT CURRENT_TIMESTAMP(6),
     FOREIGN KEY (item) REFERENCES item (id) ON DELETE CASCADE)`,
  'CREATE TABLE picture (id int AUTO_INCREMENT PRIMARY KEY, bytes longblob)',
  'CREATE TABLE no_key (a int, b varchar(20))',
  'CREATE TABLE wide (id int AUTO_INCREMENT PRIMARY KEY, first int)',
  'CREATE TABLE log_of_item (item int, what varchar(20))',
  "CREATE TRIGGER noted AFTER UPDATE ON item FOR EACH ROW INSERT INTO log_of_item VALUES (NEW.id, 'updated')",
  `CREATE PROCEDURE refill(n int) BEGIN
     WHILE n > 0 DO INSERT INTO wide (first) VALUES (n); SET n = n - 1; END WHILE;
   END`,
  "INSERT INTO item (value, price) VALUES ('one', 1), ('two', 2.5), ('three', -3)",
];

/** What an application does, one action after the other, at random. Each is a list of statements for one session. */
export class Workload {
  readonly #random: () => number;
  #serial = 0;
  readonly #extra: string[] = [];
  readonly #columns: string[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  next(): string[] {
    this.#serial += 1;
    const actions = [...this.#changes(), ...this.#changes(), ...this.#definitions()];
    const statements = actions[this.below(actions.length)]?.() ?? [];
    if (this.below(6) > 0) return statements;
    return [
      'SET SESSION binlog_transaction_compression = ON',
      ...statements,
      'SET SESSION binlog_transaction_compression = OFF',
    ];
  }

  #changes(): (() => string[])[] {
    const n = this.#serial;
    const id = `(SELECT id FROM (SELECT MIN(id) + ${this.below(40)} AS id FROM item) AS few)`;
    return [
      () => [`INSERT INTO item (value, price) VALUES ('v${n} 😀 \\\\ ''', ${n / 7}), (NULL, NULL)`],
      () => [this.#bulk(100 + this.below(400))],
      () => [
        `UPDATE item SET state = (state + 1) % 100, value = CONCAT(COALESCE(value, ''), '.') WHERE id % ${2 + this.below(7)} = 0`,
      ],
      () => [`DELETE FROM item WHERE id % ${5 + this.below(20)} = ${this.below(5)}`],
      () => [`INSERT INTO no_key VALUES (${this.below(5)}, 'twin'), (${this.below(5)}, 'twin'), (NULL, NULL)`],
      () => [`DELETE FROM no_key WHERE a = ${this.below(5)} LIMIT 1`],
      () => [
        `INSERT INTO picture (bytes) VALUES (REPEAT(RANDOM_BYTES(1000), ${1 + this.below(100)})), (x'00FF0A5C27')`,
      ],
      () => ['UPDATE picture SET bytes = CONCAT(bytes, RANDOM_BYTES(9)) ORDER BY id LIMIT 2'],
      () => [`CALL refill(${1 + this.below(4)})`],
      () => [
        'BEGIN',
        `INSERT INTO item (value) VALUES ('parent ${n}')`,
        "INSERT INTO line (item, note) VALUES (LAST_INSERT_ID(), 'child')",
        `UPDATE item SET price = ${n} WHERE id = LAST_INSERT_ID()`,
        "INSERT INTO no_key VALUES (7, 'in one')",
        'COMMIT',
      ],
      () => [
        'BEGIN',
        "INSERT INTO item (value) VALUES ('kept')",
        'SAVEPOINT here',
        'DELETE FROM line',
        'ROLLBACK TO here',
        'COMMIT',
      ],
      () => ['BEGIN', 'DELETE FROM line', "INSERT INTO item (value) VALUES ('never')", 'ROLLBACK'],
      () => [`INSERT INTO line (item, note) SELECT id, UUID() FROM item WHERE id >= ${id} LIMIT 5`],
      () => [
        'CREATE TEMPORARY TABLE passing AS SELECT id, value FROM item LIMIT 3',
        'INSERT INTO wide (first) SELECT id FROM passing',
        'DROP TEMPORARY TABLE passing',
      ],
      () => [
        `XA START 'x${n}'`,
        "INSERT INTO item (value) VALUES ('by xa')",
        `XA END 'x${n}'`,
        `XA PREPARE 'x${n}'`,
        `XA COMMIT 'x${n}'`,
      ],
    ];
  }

  #bulk(rows: number): string {
    return `INSERT INTO item (value, state, price) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      SELECT CONCAT('bulk ', i), i % 100, RAND() * 1000 FROM n`;
  }

  /** Names of columns and tables are never used twice. */
  #definitions(): (() => string[])[] {
    const n = this.#serial;
    return [
      () => this.#addColumn(`c${n}`, n % 2 === 0 ? 'INPLACE' : 'INSTANT'),
      () => this.#dropColumn(),
      () => this.#makeTable(`extra_${n}`, '(id int PRIMARY KEY, value varchar(50))'),
      () => this.#makeTable(`copy_${n}`, 'AS SELECT id, value FROM item LIMIT 20'),
      () => this.#dropTable(),
      () => this.#renameTable(`moved_${n}`),
    ];
  }

  #addColumn(name: string, algorithm: string): string[] {
    this.#columns.push(name);
    return [`ALTER TABLE wide ADD COLUMN ${name} varchar(30) DEFAULT 'of old rows', ALGORITHM=${algorithm}`];
  }

  #dropColumn(): string[] {
    const name = this.#columns.shift();
    if (name !== undefined) return [`ALTER TABLE wide DROP COLUMN ${name}`];
    return ['ALTER TABLE wide ADD KEY briefly (first)', 'ALTER TABLE wide DROP KEY briefly'];
  }

  #makeTable(name: string, definition: string): string[] {
    this.#extra.push(name);
    return [
      `CREATE TABLE ${name} ${definition}`,
      `INSERT INTO ${name} (id, value) VALUES (1000001, 'a'), (1000002, 'b')`,
    ];
  }

  #dropTable(): string[] {
    const name = this.#extra.shift();
    return [name === undefined ? 'TRUNCATE TABLE no_key' : `DROP TABLE ${name}`];
  }

  #renameTable(to: string): string[] {
    const name = this.#extra.shift();
    if (name === undefined) return ['TRUNCATE TABLE wide'];
    this.#extra.push(to);
    return [`RENAME TABLE ${name} TO ${to}`];
  }
}

/** All tables of a database: definition, rows and checksum of each. */
export type DatabaseState = Record<string, { create: string; rows: string; checksum: string }>;

export async function stateOf(session: Session, database: string): Promise<DatabaseState> {
  const tables = await session.rows(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${database}' AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1`,
  );
  const state: DatabaseState = {};
  for (const { name } of tables) {
    const table = qualify(database, name ?? '');
    const [shown] = await session.rows(`SHOW CREATE TABLE ${table}`);
    const [checked] = await session.rows(`CHECKSUM TABLE ${table}`);
    const create = (shown?.['Create Table'] ?? '').replace(/ AUTO_INCREMENT=\d+/, '');
    const rows = (await session.value(`SELECT COUNT(*) FROM ${table}`)) ?? '';
    state[name ?? ''] = { create, rows, checksum: checked?.Checksum ?? '' };
  }
  return state;
}
