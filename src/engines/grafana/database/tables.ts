import { createHash, type Hash } from 'node:crypto';
import type { SQLOutputValue } from 'node:sqlite';
import { type GrafanaDatabase, quoted } from './grafana-database.ts';

export interface TableFacts {
  rows: number;
  /** Of all rows in the order of their keys; types count. */
  sha256: string;
}

/** Rows and digest of every table. One row is in memory at a time. */
export function readTables(db: GrafanaDatabase): Record<string, TableFacts> {
  const sql =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
  return Object.fromEntries(db.all(sql).map(({ name }) => [String(name), readTable(db, String(name))]));
}

function readTable(db: GrafanaDatabase, table: string): TableFacts {
  const columns = db.all('SELECT name, pk FROM pragma_table_info(?) ORDER BY cid', table);
  const keys = columns.filter(({ pk }) => Number(pk) > 0).sort((a, b) => Number(a.pk) - Number(b.pk));
  const order = (keys.length > 0 ? keys : columns).map(({ name }) => quoted(String(name))).join();
  const hash = createHash('sha256').update(columns.map(({ name }) => String(name)).join('\0'));
  let rows = 0;
  for (const row of db.each(`SELECT ${db.columns(table)} FROM ${quoted(table)} ORDER BY ${order}`, { bigInts: true })) {
    rows += 1;
    for (const value of Object.values(row)) addValue(hash, value);
  }
  return { rows, sha256: hash.digest('hex') };
}

/** A letter for the type, the length, the bytes: no two different rows look the same. */
function addValue(hash: Hash, value: SQLOutputValue) {
  const bytes = value instanceof Uint8Array ? value : Buffer.from(value === null ? '' : String(value));
  const type = value === null ? 'n' : value instanceof Uint8Array ? 'b' : (typeof value)[0];
  hash.update(`${type}${bytes.length}:`).update(bytes);
}
