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
 * one was seen to delete all dashboards.
 */
export function plantedObjects(db: GrafanaDatabase): string[] {
  const sql = `SELECT type, name FROM sqlite_schema
    WHERE type IN ('trigger', 'view') OR sql LIKE 'create virtual%' ORDER BY name LIMIT 20`;
  return db.all(sql).map(({ type, name }) => plainLine(`${type} ${name}`, 100));
}

export function missingTables(db: GrafanaDatabase): string[] {
  return neededTables.filter((table) => !db.hasTable(table));
}
