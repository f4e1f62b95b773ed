import { FiredrillError } from '../../kit/errors.ts';
import type { Session } from './client.ts';
import type { Facts, TableFacts } from './documents.ts';
import { heartbeatTable } from './heartbeat.ts';
import { qualify, quoteName, quoteText, quoteTexts, sayTable } from './names.ts';

/** The newest event: the maximum of the columns that tell when something happened. */
export type Newest = NonNullable<Facts['newest']>;

type SizedTable = Pick<TableFacts, 'database' | 'name' | 'rows'>;

interface Candidate {
  database: string;
  table: string;
  column: string;
  type: string;
}

/** Without an index a maximum reads the whole table: only of tables of fewer rows. */
const smallRows = 200_000;

/**
 * Finds the newest event in the snapshot. What lies after the snapshot's own instant (a due date, a wrong clock) is not
 * looked at: it would make any backup look fresh.
 * @param wanted `database.table.column` or `table.column`; by default TIMESTAMP and DATETIME columns that are cheap
 */
export async function findNewest(
  session: Session,
  tables: readonly SizedTable[],
  dataAt: string,
  wanted: readonly string[] | undefined,
): Promise<Newest | null> {
  const candidates = await listCandidates(session, tables);
  const chosen = wanted ? wanted.map((name) => named(candidates, name)) : await cheap(session, candidates, tables);
  const clocks = await readClocks(session, dataAt);
  let newest: Newest | null = null;
  for (const candidate of chosen) {
    const { until, offsetSeconds } = candidate.type === 'timestamp' ? clocks.utc : clocks.local;
    const text = await maximum(session, { ...candidate, until });
    const at = text === undefined ? undefined : instantOf(text, offsetSeconds);
    if (text === undefined || at === undefined || (newest && newest.at >= at)) continue;
    const { type: _, ...place } = candidate;
    newest = { ...place, text, until, offsetSeconds, at };
  }
  return newest;
}

/** The same maximum as in the facts, of a restored server; undefined when there is none any more. */
export async function maximum(
  session: Session,
  { database, table, column, until }: Pick<Newest, 'database' | 'table' | 'column' | 'until'>,
): Promise<string | undefined> {
  const name = quoteName(column);
  const max = await session.value(
    `SELECT CAST(MAX(${name}) AS CHAR) FROM ${qualify(database, table)} WHERE ${name} <= ${quoteText(until)}`,
  );
  return max ?? undefined;
}

/** A column's text as an instant in UTC; undefined for zero dates. */
export function instantOf(text: string, offsetSeconds: number): string | undefined {
  const ms = Date.parse(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? undefined : new Date(ms - offsetSeconds * 1000).toISOString();
}

export function sayColumn({ database, table, column }: Pick<Newest, 'database' | 'table' | 'column'>): string {
  return `${sayTable(database, table)}.${column}`;
}

async function listCandidates(session: Session, tables: readonly SizedTable[]): Promise<Candidate[]> {
  const databases = [...new Set(tables.map((each) => each.database))];
  if (databases.length === 0) return [];
  const rows = await session.rows(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tableName, COLUMN_NAME AS columnName, LOWER(DATA_TYPE) AS type
     FROM information_schema.COLUMNS JOIN information_schema.TABLES USING (TABLE_SCHEMA, TABLE_NAME)
     WHERE TABLE_SCHEMA IN (${quoteTexts(databases)}) AND DATA_TYPE IN ('timestamp', 'datetime')
       AND TABLE_TYPE = 'BASE TABLE' AND TABLE_NAME <> ${quoteText(heartbeatTable)}
     ORDER BY 1, 2, ORDINAL_POSITION`,
  );
  return rows.map((row) => ({
    database: row.db ?? '',
    table: row.tableName ?? '',
    column: row.columnName ?? '',
    type: row.type ?? '',
  }));
}

function named(candidates: readonly Candidate[], name: string): Candidate {
  const found = candidates.filter(
    ({ database, table, column }) => name === `${database}.${table}.${column}` || name === `${table}.${column}`,
  );
  const [only] = found;
  if (only && found.length === 1) return only;
  const sentence =
    found.length === 0
      ? `the source has no TIMESTAMP or DATETIME column ${name}, which "newest" names`
      : `${name} in "newest" may mean columns of ${found.length} databases`;
  throw new FiredrillError('SOURCE_UNSUITABLE', sentence);
}

async function cheap(session: Session, candidates: readonly Candidate[], tables: readonly SizedTable[]) {
  const databases = [...new Set(tables.map((each) => each.database))];
  if (databases.length === 0) return [];
  const indexed = await session.rows(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tableName, COLUMN_NAME AS columnName FROM information_schema.STATISTICS
     WHERE SEQ_IN_INDEX = 1 AND COLUMN_NAME IS NOT NULL AND TABLE_SCHEMA IN (${quoteTexts(databases)})`,
  );
  const key = (...parts: (string | null | undefined)[]) => JSON.stringify(parts);
  const first = new Set(indexed.map((row) => key(row.db, row.tableName, row.columnName)));
  const small = new Set(tables.filter(({ rows }) => rows < smallRows).map((each) => key(each.database, each.name)));
  return candidates.filter(
    ({ database, table, column }) => first.has(key(database, table, column)) || small.has(key(database, table)),
  );
}

/** The snapshot's instant as TIMESTAMP columns (UTC here) and as DATETIME columns (the server's own zone) show it. */
async function readClocks(session: Session, dataAt: string) {
  await session.run('SET time_zone = @@GLOBAL.time_zone');
  const offset = await session.value('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), NOW(6))');
  await session.run("SET time_zone = '+00:00'");
  return { utc: clock(dataAt, 0), local: clock(dataAt, Number(offset)) };
}

function clock(dataAt: string, offsetSeconds: number) {
  const shown = new Date(Date.parse(dataAt) + offsetSeconds * 1000).toISOString();
  return { until: shown.replace('T', ' ').replace('Z', ''), offsetSeconds };
}
