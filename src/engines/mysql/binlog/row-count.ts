import { BodyReader } from './body-reader.ts';
import type { ColumnType, TableMap } from './table-map.ts';

/**
 * How many rows a Delete_rows event (version 2) holds. Values are passed over, not decoded: each type's length is known
 * (MySQL source: calc_field_size in libs/mysql/binlog/event). `body` may be cut: then the rows that are whole are counted,
 * and one for what is left.
 */
export function countDeletedRows(body: Buffer, map: TableMap): number {
  const reader = new BodyReader(body, 8);
  // The length counts its own two bytes.
  reader.skip(reader.uint(2) - 2);
  const width = reader.length();
  const present = reader.take(Math.ceil(width / 8));
  const columns = map.columns.filter((_, i) => bitAt(present, i));
  let rows = 0;
  for (; reader.left > 0; rows += 1) {
    try {
      skipRow(reader, columns);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return rows + 1;
    }
  }
  return rows;
}

function skipRow(reader: BodyReader, columns: readonly ColumnType[]) {
  const nulls = reader.take(Math.ceil(columns.length / 8));
  columns.forEach((column, i) => {
    if (!bitAt(nulls, i)) reader.skip(valueBytes(reader, column));
  });
}

const bitAt = (bits: Buffer, i: number) => (((bits[i >> 3] ?? 0) >> (i & 7)) & 1) === 1;

const fixedBytes: Readonly<Record<number, number>> = {
  1: 1, // TINY
  2: 2, // SHORT
  3: 4, // LONG
  4: 4, // FLOAT
  5: 8, // DOUBLE
  6: 0, // NULL
  8: 8, // LONGLONG
  9: 3, // INT24
  10: 3, // DATE
  13: 1, // YEAR
};
/** Whole seconds; each two digits of the fraction cost a byte more. */
const secondsBytes: Readonly<Record<number, number>> = { 17: 4, 18: 5, 19: 3 };
const decimalBytes = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const;

function valueBytes(reader: BodyReader, { type, meta }: ColumnType): number {
  const fixed = fixedBytes[type];
  if (fixed !== undefined) return fixed;
  const seconds = secondsBytes[type];
  if (seconds !== undefined) return seconds + Math.ceil(meta[0] / 2);
  if (type === 246) return decimalLength(meta[0], meta[1]);
  if (type === 16) return meta[1] + (meta[0] > 0 ? 1 : 0);
  if (type === 15) return reader.uint(meta[0] + meta[1] * 256 > 255 ? 2 : 1);
  if (type === 254 || type === 247 || type === 248) return stringLength(reader, meta);
  // BLOB, JSON, GEOMETRY, VECTOR: the length's own width is their metadata.
  return reader.uint(Math.min(Math.max(meta[0], 1), 4) as 1 | 2 | 3 | 4);
}

/** Nine digits in four bytes, what is left over in fewer. */
function decimalLength(precision: number, scale: number): number {
  const part = (digits: number) => Math.floor(digits / 9) * 4 + (decimalBytes[digits % 9] ?? 4);
  return part(precision - scale) + part(scale);
}

/** CHAR, ENUM and SET share a type; two bits of the length are hidden, inverted, in the first byte of the metadata. */
function stringLength(reader: BodyReader, [first, second]: readonly [number, number]): number {
  if (first === 247 || first === 248) return second;
  const maxBytes = second + (((first & 0x30) ^ 0x30) << 4);
  return reader.uint(maxBytes > 255 ? 2 : 1);
}
