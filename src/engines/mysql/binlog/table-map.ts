import { BodyReader } from './body-reader.ts';

/** A column as rows of a table are written in a binary log: its type, and what its type needs to be told. */
export interface ColumnType {
  type: number;
  meta: readonly [number, number];
}

/** What a Table_map event says of the table whose rows follow. */
export interface TableMap {
  tableId: number;
  database: string;
  table: string;
  columns: readonly ColumnType[];
}

/** How many bytes of metadata a column type has (MySQL source: Table_map_event::save_field_metadata). */
const metaBytes: Readonly<Record<number, 1 | 2>> = {
  4: 1, // FLOAT
  5: 1, // DOUBLE
  15: 2, // VARCHAR
  16: 2, // BIT
  17: 1, // TIMESTAMP2
  18: 1, // DATETIME2
  19: 1, // TIME2
  242: 1, // VECTOR
  245: 1, // JSON
  246: 2, // NEWDECIMAL
  247: 2, // ENUM
  248: 2, // SET
  252: 1, // BLOB
  253: 2, // VAR_STRING
  254: 2, // STRING
  255: 1, // GEOMETRY
};

export function readTableMap(body: Buffer): TableMap {
  const reader = new BodyReader(body);
  const tableId = reader.uint(6);
  reader.skip(2);
  const database = reader.name();
  const table = reader.name();
  const types = [...reader.take(reader.length())];
  const meta = new BodyReader(reader.take(reader.length()));
  return { tableId, database, table, columns: types.map((type) => ({ type, meta: readMeta(meta, type) })) };
}

function readMeta(meta: BodyReader, type: number): [number, number] {
  const bytes = metaBytes[type] ?? 0;
  return [bytes > 0 ? meta.uint(1) : 0, bytes > 1 ? meta.uint(1) : 0];
}
