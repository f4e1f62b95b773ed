import { pick, type Random, seeded } from '../../../src/kit/random.ts';

/** `few`: large tables with secondary keys and a foreign key; `many`: 10,000 small ones; `wide`: 200 columns; `blobs`: files. */
export const shapes = ['few', 'many', 'wide', 'blobs'] as const;
export type Shape = (typeof shapes)[number];

export const database = 'bench';
const scratch = 'bench_seed';

/** Statements that make the data: those of one lane after one another, all lanes side by side. */
export interface DataPlan {
  before: string[];
  lanes: string[][];
  after: string[];
}

interface Table {
  name: string;
  columns: readonly string[];
  /** Made when the rows are there, where these are many. */
  keys: readonly string[];
  /** SQL of each column's value, from `n`, the number of the row, and `h`, 128 hex digits by chance. */
  values: readonly string[];
  rows: number;
  rowsPerStatement: number;
}

const rowsAtOnce = 100_000;
const phrases = 4096;

/**
 * The same data for the same seed, made by the server itself. What is by chance comes from SHA-2 and AES, so that it compresses as
 * little as keys, tokens and pictures do; texts are of a vocabulary, as people's are.
 *
 * @param bytes of rows, roughly; keys come on top
 * @param tables of the shape `many`
 */
export function mysqlDataPlan(shape: Shape, bytes: number, seed: number, tables = 10_000): DataPlan {
  const all = tablesOf(shape, bytes, tables);
  const lanes: [string[], string[]] = [[session], [session]];
  for (const [i, table] of all.entries()) lanes[i % 2]?.push(...statementsOf(table, seed));
  return {
    before: [
      `DROP DATABASE IF EXISTS ${database}; DROP DATABASE IF EXISTS ${scratch}`,
      `CREATE DATABASE ${database} CHARACTER SET utf8mb4; CREATE DATABASE ${scratch} CHARACTER SET utf8mb4`,
      ...seedTables(seeded(seed)),
    ],
    lanes,
    // Not before all rows are there: the lanes do not wait for one another.
    after: [...(shape === 'few' ? [foreignKey] : []), `DROP DATABASE ${scratch}`],
  };
}

const session = `SET SESSION block_encryption_mode = 'aes-256-ofb', foreign_key_checks = 0; USE ${database}`;
const foreignKey = `SET SESSION foreign_key_checks = 0; ALTER TABLE ${database}.order_lines
  ADD CONSTRAINT lines_of_order FOREIGN KEY (order_id) REFERENCES ${database}.orders (id)`;

/** Numbers to count with, and sentences to write with. */
function seedTables(random: Random): string[] {
  const sentences = Array.from({ length: phrases }, (_, i) => `(${i}, '${sentence(random)}')`);
  return [
    `SET SESSION cte_max_recursion_depth = ${rowsAtOnce + 1}; CREATE TABLE ${scratch}.seq (i INT PRIMARY KEY)
      AS WITH RECURSIVE s (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < ${rowsAtOnce - 1}) SELECT i FROM s`,
    `CREATE TABLE ${scratch}.phrases (i INT PRIMARY KEY, t VARCHAR(120) NOT NULL);
      INSERT INTO ${scratch}.phrases VALUES ${sentences.join(', ')}`,
  ];
}

const words =
  'the order of a customer was sent late because nobody at our desk had seen that one label more is needed when goods leave for north and south please call again after noon or write to me thank you very much we have paid invoice twice box arrived open colour differs return today size smaller blue green grey large Größe façade naïve 東京'.split(
    ' ',
  );

function sentence(random: Random): string {
  const length = 4 + Math.floor(random() * 9);
  return Array.from({ length }, () => pick(random, words)).join(' ');
}

/** A whole number of `digits` hex digits, from the digit `at` on. */
const number = (at: number, digits: number) => `CAST(CONV(SUBSTR(h, ${at}, ${digits}), 16, 10) AS UNSIGNED)`;
const phrase = (at: number) => `(SELECT t FROM ${scratch}.phrases AS p WHERE p.i = ${number(at, 3)})`;
const instant = (at: number) => `TIMESTAMP('2024-01-01') + INTERVAL ${number(at, 7)} % 63072000 SECOND`;
const cents = (at: number) => `${number(at, 5)} / 100`;
const oneOf = (at: number, ...texts: string[]) =>
  `ELT(1 + ${number(at, 2)} % ${texts.length}, ${texts.map((text) => `'${text}'`).join(', ')})`;

function tablesOf(shape: Shape, bytes: number, tables: number): Table[] {
  if (shape === 'few') return fewTables(bytes);
  if (shape === 'wide') return ['a', 'b'].map((name) => wideTable(`wide_${name}`, bytes / 2));
  if (shape === 'blobs') return ['a', 'b'].map((name) => blobTable(`documents_${name}`, bytes / 2));
  return Array.from({ length: tables }, (_, i) => smallTable(`t_${`${i}`.padStart(5, '0')}`, bytes / tables));
}

/** @param rowBytes what a row takes in the server, measured */
const rowsFor = (bytes: number, rowBytes: number) => Math.max(1, Math.round(bytes / rowBytes));

function fewTables(bytes: number): Table[] {
  const customers = rowsFor(bytes * 0.1, 460);
  const orders = rowsFor(bytes * 0.25, 113);
  return [
    {
      name: 'events',
      columns: [
        'id BIGINT PRIMARY KEY',
        'at DATETIME(6) NOT NULL',
        'kind VARCHAR(20)',
        'session BINARY(16)',
        'payload TEXT',
      ],
      keys: ['KEY at (at)', 'KEY kind (kind, at)', 'KEY session (session)'],
      values: [
        ...['n', instant(1), oneOf(8, 'view', 'click', 'search', 'order', 'login'), 'UNHEX(SUBSTR(h, 10, 32))'],
        `CONCAT_WS(' ', ${phrase(42)}, SUBSTR(h, 45, 64), ${phrase(109)}, ${phrase(112)})`,
      ],
      rows: rowsFor(bytes * 0.4, 294),
      rowsPerStatement: rowsAtOnce,
    },
    {
      name: 'orders',
      columns: [
        ...['id INT PRIMARY KEY', 'customer_id INT NOT NULL', "state ENUM('new','paid','sent','closed') NOT NULL"],
        ...['placed_at DATETIME NOT NULL', 'total DECIMAL(12,2) NOT NULL', 'currency CHAR(3) NOT NULL'],
        ...['token CHAR(32) NOT NULL', 'comment VARCHAR(200) NULL'],
      ],
      keys: ['KEY customer (customer_id, placed_at)', 'KEY state (state, placed_at)', 'KEY placed (placed_at)'],
      values: [
        ...[
          'n',
          `1 + ${number(1, 8)} % ${customers}`,
          oneOf(9, 'new', 'paid', 'sent', 'closed'),
          instant(11),
          cents(18),
        ],
        ...[oneOf(23, 'EUR', 'USD', 'CHF'), 'SUBSTR(h, 25, 32)', `IF(${number(57, 1)} < 6, ${phrase(58)}, NULL)`],
      ],
      rows: orders,
      rowsPerStatement: rowsAtOnce,
    },
    {
      name: 'order_lines',
      columns: [
        ...['id INT PRIMARY KEY', 'order_id INT NOT NULL', 'sku CHAR(12) NOT NULL', 'quantity SMALLINT NOT NULL'],
        ...['price DECIMAL(10,2) NOT NULL', 'discount DECIMAL(5,2) NULL', 'note VARCHAR(120) NULL'],
      ],
      keys: ['KEY lines_of_order (order_id)', 'KEY sku (sku)'],
      values: [
        ...['n', `1 + ${number(1, 8)} % ${orders}`, 'SUBSTR(h, 9, 12)', `1 + ${number(21, 1)}`, cents(22)],
        ...[`IF(${number(27, 1)} < 3, ${number(28, 2)} / 4, NULL)`, `IF(${number(30, 1)} < 4, ${phrase(31)}, NULL)`],
      ],
      rows: rowsFor(bytes * 0.25, 67),
      rowsPerStatement: rowsAtOnce,
    },
    {
      name: 'customers',
      columns: [
        ...['id INT PRIMARY KEY', 'email VARCHAR(120) NOT NULL', 'name VARCHAR(80)', 'city VARCHAR(60)'],
        ...['created_at DATETIME NOT NULL', 'balance DECIMAL(12,2) NOT NULL', 'about VARCHAR(600)', 'preferences JSON'],
      ],
      keys: ['UNIQUE KEY email (email)', 'KEY city (city, created_at)'],
      values: [
        ...[
          'n',
          "CONCAT(SUBSTR(h, 1, 10), '.', n, '@example.org')",
          "CONCAT(SUBSTR(h, 11, 8), ' ', SUBSTR(h, 19, 10))",
        ],
        ...[oneOf(29, 'Basel', 'Zürich', 'Genf', 'Wien', 'Köln', 'Łódź', 'Malmö', 'Paris'), instant(31), cents(38)],
        `CONCAT_WS('. ', ${phrase(43)}, ${phrase(46)}, SUBSTR(h, 49, 24), ${phrase(73)})`,
        `JSON_OBJECT('theme', ${oneOf(76, 'dark', 'light')}, 'token', SUBSTR(h, 78, 40), 'items', ${number(118, 3)})`,
      ],
      rows: customers,
      rowsPerStatement: rowsAtOnce,
    },
  ];
}

function smallTable(name: string, bytes: number): Table {
  return {
    name,
    columns: [
      ...['id INT PRIMARY KEY', 'at DATETIME NOT NULL', 'name VARCHAR(60) NOT NULL', 'amount DECIMAL(10,2)'],
      'note VARCHAR(200)',
    ],
    keys: ['KEY at (at)', 'KEY name (name)'],
    values: ['n', instant(1), 'SUBSTR(h, 8, 24)', cents(32), `CONCAT(${phrase(37)}, ' ', SUBSTR(h, 40, 40))`],
    rows: rowsFor(bytes, 180),
    rowsPerStatement: rowsAtOnce,
  };
}

/** Kinds of columns, in turns; `k` tells one column's chance from another's. */
const wideKinds = [
  { type: 'INT', value: (k: number) => `CRC32(CONCAT(h, ${k})) >> 1` },
  { type: 'DECIMAL(12,3)', value: (k: number) => `CRC32(CONCAT(h, ${k})) / 1000` },
  { type: 'VARCHAR(40)', value: (k: number) => `SUBSTR(h, ${1 + ((k * 7) % 96)}, 8 + ${k % 24})` },
  {
    type: 'DATETIME NULL',
    value: (k: number) => `TIMESTAMP('2024-01-01') + INTERVAL CRC32(CONCAT(h, ${k})) % 63072000 SECOND`,
  },
  { type: 'DOUBLE', value: (k: number) => `CRC32(CONCAT(h, ${k})) / 65536` },
];

function wideTable(name: string, bytes: number): Table {
  const numbers = Array.from({ length: 199 }, (_, k) => ({ k, kind: wideKinds[k % wideKinds.length] }));
  return {
    name,
    columns: ['id INT PRIMARY KEY', ...numbers.map(({ k, kind }) => `c${k} ${kind?.type}`)],
    keys: ['KEY c0 (c0)', 'KEY c3 (c3)', 'KEY c7 (c7)'],
    values: ['n', ...numbers.map(({ k, kind }) => kind?.value(k) ?? 'NULL')],
    rows: rowsFor(bytes, 2480),
    rowsPerStatement: 20_000,
  };
}

const maxBlobBytes = 256 * 1024;

function blobTable(name: string, bytes: number): Table {
  const content = `AES_ENCRYPT(REPEAT(X'00', 1 + ${number(97, 8)} % ${maxBlobBytes}), UNHEX(SUBSTR(h, 1, 64)), UNHEX(SUBSTR(h, 65, 32)))`;
  return {
    name,
    columns: ['id INT PRIMARY KEY', 'name VARCHAR(80)', 'mime VARCHAR(40)', 'made_at DATETIME', 'content MEDIUMBLOB'],
    keys: ['KEY name (name)', 'KEY made (made_at)'],
    values: ['n', 'SUBSTR(h, 105, 20)', oneOf(125, 'image/jpeg', 'application/pdf'), instant(98), content],
    rows: rowsFor(bytes, maxBlobBytes / 2),
    rowsPerStatement: 500,
  };
}

function statementsOf({ name, columns, keys, values, rows, rowsPerStatement }: Table, seed: number): string[] {
  const isSmall = rows <= rowsPerStatement / 10;
  const statements = [`CREATE TABLE ${name} (${[...columns, ...(isSmall ? keys : [])].join(', ')})`];
  for (let from = 1; from <= rows; from += rowsPerStatement) {
    const upTo = Math.min(rowsPerStatement, rows - from + 1);
    // Not merged into the rest, where each mention of h would reckon it again.
    statements.push(`INSERT INTO ${name} SELECT /*+ NO_MERGE(r) */ ${values.join(', ')} FROM (
      SELECT i + ${from} AS n, SHA2(CONCAT('${seed}:${name}:', i + ${from}), 512) AS h
      FROM ${scratch}.seq WHERE i < ${upTo} ORDER BY i) AS r`);
  }
  return isSmall ? statements : [...statements, `ALTER TABLE ${name} ${keys.map((key) => `ADD ${key}`).join(', ')}`];
}
