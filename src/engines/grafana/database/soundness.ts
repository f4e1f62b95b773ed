import { open } from 'node:fs/promises';
import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import type { GrafanaDatabase } from './grafana-database.ts';

const magic = 'SQLite format 3\0';
const neededTables = ['migration_log', 'org', 'user', 'org_user', 'dashboard', 'data_source'];

/**
 * Is this a whole SQLite file, by its own header (sqlite.org/fileformat.html, "The Database Header")? ARTIFACT_FORMAT when it
 * is none, ARTIFACT_INCOMPLETE when it ends before its last page: SQLite itself opens some of those without a word.
 */
export async function assertWholeFile(path: string): Promise<void> {
  await using file = await open(path);
  const { size } = await file.stat();
  const header = Buffer.alloc(100);
  await file.read(header, 0, 100, 0);
  if (header.toString('latin1', 0, 16) !== magic) {
    throw new FiredrillError('ARTIFACT_FORMAT', `grafana.db is no SQLite database (${size} bytes)`);
  }
  const stored = header.readUInt16BE(16);
  const pageBytes = stored === 1 ? 65_536 : stored;
  const pages = header.readUInt32BE(28);
  const sizeIsValid = header.readUInt32BE(24) === header.readUInt32BE(92) && pages > 0;
  if (sizeIsValid && size < pages * pageBytes) {
    const sentence = `grafana.db ends after ${size} of the ${pages * pageBytes} bytes that its header names`;
    throw new FiredrillError('ARTIFACT_INCOMPLETE', sentence);
  }
}

/** Does every page hold together? The error has the code `blame`, with SQLite's first lines. */
export function assertIntegrity(db: GrafanaDatabase, blame: 'ARTIFACT_FORMAT' | 'BACKUP_INCOMPLETE'): void {
  const lines = db.all('PRAGMA integrity_check(20)').map((row) => plainLine(String(row.integrity_check)));
  if (lines.length === 1 && lines[0] === 'ok') return;
  const sentence = `grafana.db fails SQLite's integrity check: ${lines[0] ?? 'it said nothing'}`;
  throw new FiredrillError(blame, sentence, { detail: lines });
}

/**
 * Grafana never makes triggers, views or virtual tables. A planted trigger runs as soon as the restored server writes a row:
 * one was seen to delete all dashboards. Nor does it make what computes while we read: an expression in an index or a column
 * is evaluated for each row, and can take a day for each.
 */
const planted = [
  "SELECT type || ' ' || name AS what FROM sqlite_schema WHERE type IN ('trigger', 'view') OR sql LIKE 'create virtual%'",
  `SELECT 'computed column ' || s.name || '.' || c.name AS what FROM sqlite_schema s, pragma_table_xinfo(s.name) c
   WHERE s.type = 'table' AND c.hidden <> 0`,
  `SELECT 'computed index ' || s.name AS what FROM sqlite_schema s, pragma_index_xinfo(s.name) c
   WHERE s.type = 'index' AND c.cid = -2`,
  `SELECT 'computed index ' || i.name AS what FROM sqlite_schema s, pragma_index_list(s.name) i
   WHERE s.type = 'table' AND i.partial <> 0`,
];

export function plantedObjects(db: GrafanaDatabase): string[] {
  const found = planted.flatMap((sql) => db.all(`${sql} LIMIT 20`)).map(({ what }) => plainLine(String(what), 100));
  return [...new Set(found)].sort().slice(0, 20);
}

/** Tables whose rows others point to: by anything else than a key, looking them up would multiply rows by rows. */
const parents = ['org', 'user', 'dashboard', 'team', 'playlist'];

export function assertKeys(db: GrafanaDatabase): void {
  const sql = "SELECT count(*) FROM pragma_table_info(?) WHERE name = 'id' AND type = 'INTEGER' AND pk = 1";
  const without = parents.find((table) => db.hasTable(table) && db.count(sql, table) === 0);
  if (without === undefined) return;
  throw new FiredrillError('ARTIFACT_FORMAT', `grafana.db is not Grafana's: table ${without} has no key of its own`);
}

export function missingTables(db: GrafanaDatabase): string[] {
  return neededTables.filter((table) => !db.hasTable(table));
}
