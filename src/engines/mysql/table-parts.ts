import { createHash } from 'node:crypto';
import type { Session } from './client.ts';
import {
  type KeyColumn,
  type KeyPoint,
  type KeyRange,
  keyColumn,
  keyExpression,
  keyLiteral,
  rangeCondition,
} from './key-ranges.ts';
import { qualify, quoteName, quoteText, quoteTexts } from './names.ts';
import type { ReadableTable } from './table-reader.ts';

/** Artifacts of one table have three digits. */
export const maxParts = 999;

/** As the server estimates them. */
export interface TableSize {
  rows: number;
  bytes: number;
}

/** By qualified name. InnoDB's statistics: of rows off by some tens of percent, which makes parts of other sizes, and no more. */
export async function readSizes(session: Session, databases: readonly string[]): Promise<Map<string, TableSize>> {
  const rows = await session.rows(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, TABLE_ROWS AS tableRows, DATA_LENGTH AS bytes
     FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (${quoteTexts(databases)}) AND TABLE_TYPE = 'BASE TABLE'`,
  );
  return new Map(
    rows.map(({ db, name, tableRows, bytes }) => [
      qualify(db ?? '', name ?? ''),
      { rows: Number(tableRows ?? 0), bytes: Number(bytes ?? 0) },
    ]),
  );
}

/** How many rows a part has; undefined for a table that stays whole. */
export function rowsPerPart({ rows, bytes }: TableSize, partBytes: number): number | undefined {
  const parts = Math.min(maxParts, Math.round(bytes / partBytes));
  return parts < 2 || rows < parts ? undefined : Math.ceil(rows / parts);
}

/** The rows of one artifact. */
export interface CutPart {
  /** On the table's columns; undefined for a table that stays whole. */
  condition: string | undefined;
  isLast: boolean;
}

/**
 * A table's parts, in the order of its primary key; it stays whole when it is small, or has no key that cuts it safely.
 * Ends of parts are keys of rows that are there, found by walking along the key: each row has its part whatever was
 * written since, and gaps, prefixes and tenants make no part larger.
 */
export async function* cutTable(
  session: Session,
  table: ReadableTable,
  size: TableSize | undefined,
  partBytes: number,
): AsyncGenerator<CutPart> {
  const step = size && table.hasPrimaryKey ? rowsPerPart(size, partBytes) : undefined;
  const columns = step === undefined ? undefined : await readKey(session, table);
  if (step === undefined || columns === undefined) return yield { condition: undefined, isLast: true };
  for await (const range of walk((from) => pointAfter(session, table, columns, from, step))) {
    yield { condition: rangeCondition(columns, range), isLast: range.to === undefined };
  }
}

/** Ranges that leave nothing out and overlap nowhere; `next` finds the point where a range that begins at `from` ends. */
export async function* walk(
  next: (from: KeyPoint | undefined) => Promise<KeyPoint | undefined>,
): AsyncGenerator<KeyRange> {
  let from: KeyPoint | undefined;
  for (let part = 1; part < maxParts; part += 1) {
    const to = await next(from);
    if (to === undefined) break;
    yield { from, to };
    from = to;
  }
  yield { from, to: undefined };
}

/** undefined unless each of its columns, whole, is one that can be compared with a literal. */
async function readKey(
  session: Session,
  { database, name, described }: ReadableTable,
): Promise<readonly KeyColumn[] | undefined> {
  const rows = await session.rows(
    `SELECT COLUMN_NAME AS name, SUB_PART AS prefix FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = ${quoteText(database)} AND TABLE_NAME = ${quoteText(name)} AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX`,
  );
  const columns = rows.map((row) => {
    const column = described.find((each) => each.name === row.name);
    return column && row.prefix === null ? keyColumn(column) : undefined;
  });
  const known = columns.filter((column) => column !== undefined);
  return known.length > 0 && known.length === columns.length ? known : undefined;
}

/** The key of the row that comes `step` rows after `from`; undefined when there is none, or none that can be written. */
async function pointAfter(
  session: Session,
  { database, name }: ReadableTable,
  columns: readonly KeyColumn[],
  from: KeyPoint | undefined,
  step: number,
): Promise<KeyPoint | undefined> {
  const where = rangeCondition(columns, { from, to: undefined });
  const fields = columns.map((column, i) => `${keyExpression(column)} AS k${i}`).join(', ');
  // With the table's name before it, a column is never taken for one of the fields.
  const order = columns.map((column) => `t.${quoteName(column.name)}`).join(', ');
  const [row] = await session.rows(
    `SELECT ${fields} FROM ${qualify(database, name)} AS t FORCE INDEX (PRIMARY)${where === undefined ? '' : ` WHERE ${where}`}
     ORDER BY ${order} LIMIT 1 OFFSET ${step}`,
  );
  const literals = columns.map((column, i) => keyLiteral(column, row?.[`k${i}`] ?? ''));
  const known = literals.filter((literal) => literal !== undefined);
  return row && known.length === columns.length ? known : undefined;
}

/** What a part's end mark bears in place of the dump's id: so that no part can stand in for another one. */
export function partMarkId(dumpId: string, artifact: string): string {
  return createHash('sha256').update(`${dumpId} ${artifact}`).digest('hex').slice(0, 32);
}
