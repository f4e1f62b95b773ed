import type { DescribedColumn } from './columns.ts';
import { quoteName } from './names.ts';

/** Ranges of a primary key, by which a table is cut into parts. Pure. */

/** A column of a key whose values can be written so that they compare exactly as the column itself does. */
export interface KeyColumn {
  name: string;
  kind: 'number' | 'instant' | 'bytes';
  /** The character set of the bytes; null for bytes that are no text. */
  charset: string | null;
}

/** A row's key as SQL literals, in the order of the key. */
export type KeyPoint = readonly string[];

/** From `from` on (that row included) up to the row before `to`; undefined where there is no bound. */
export interface KeyRange {
  from: KeyPoint | undefined;
  to: KeyPoint | undefined;
}

const numberTypes = new Set('tinyint smallint mediumint int bigint decimal'.split(' '));
const instantTypes = new Set(['date', 'datetime', 'timestamp']);
const textTypes = new Set(['char', 'varchar']);
const bytesTypes = new Set(['binary', 'varbinary']);
/** As columns' values travel: of other sets two codes may be one character. */
const charsets = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'ascii', 'latin1']);

/**
 * undefined for a type whose values are not known to come back from a literal as they were: FLOAT, whose digits are cut,
 * ENUM and SET, which have two orders, YEAR and TIME.
 */
export function keyColumn({ name, type, charset }: DescribedColumn): KeyColumn | undefined {
  if (numberTypes.has(type)) return { name, kind: 'number', charset: null };
  if (instantTypes.has(type)) return { name, kind: 'instant', charset: null };
  if (bytesTypes.has(type)) return { name, kind: 'bytes', charset: null };
  if (textTypes.has(type) && charset !== null && charsets.has(charset)) return { name, kind: 'bytes', charset };
  return undefined;
}

/** The expression whose value `keyLiteral` takes. */
export function keyExpression({ name, kind }: KeyColumn): string {
  return kind === 'bytes' ? `HEX(${quoteName(name)})` : quoteName(name);
}

/** undefined for a value that a comparison might read as another: a day that is in no calendar. */
export function keyLiteral({ kind, charset }: KeyColumn, value: string): string | undefined {
  if (kind === 'number') return /^-?\d+(\.\d+)?$/.test(value) ? value : undefined;
  if (kind === 'instant') return isInCalendar(value) ? `'${value}'` : undefined;
  if (!/^([0-9A-F]{2})*$/.test(value)) return undefined;
  // Of a literal and a column the column's collation decides: upper and lower case are the same where the key says so.
  return charset === null ? `x'${value}'` : `_${charset} x'${value}'`;
}

/** `2026-11-29`, with or without a time of day; not `0000-00-00`, nor `2026-02-31`, which a table may hold. */
function isInCalendar(value: string): boolean {
  const [, day, time = '00:00:00'] = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?:\.\d{1,6})?)?$/.exec(value) ?? [];
  if (day === undefined) return false;
  const at = new Date(`${day}T${time}Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(`${day}T${time}`);
}

/** The rows of a range; undefined when those are all. Columns of a primary key are never NULL. */
export function rangeCondition(columns: readonly KeyColumn[], { from, to }: KeyRange): string | undefined {
  const bounds = [
    ...(from === undefined ? [] : [compare(columns, from, '>', '>=')]),
    ...(to === undefined ? [] : [compare(columns, to, '<', '<')]),
  ];
  return bounds.length === 0 ? undefined : bounds.map((bound) => `(${bound})`).join(' AND ');
}

/** Written out: of `(a, b) > (1, 2)` the server makes no range, and reads the whole table. */
function compare(columns: readonly KeyColumn[], point: KeyPoint, strict: '<' | '>', last: '<' | '>='): string {
  const [column, ...rest] = columns;
  const [literal, ...others] = point;
  if (column === undefined || literal === undefined)
    throw new RangeError('a point has one value for each column of its key');
  const name = quoteName(column.name);
  if (rest.length === 0) return `${name} ${last} ${literal}`;
  return `${name} ${strict} ${literal} OR (${name} = ${literal} AND (${compare(rest, others, strict, last)}))`;
}
