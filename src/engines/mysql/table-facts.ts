import { FiredrillError } from '../../kit/errors.ts';
import type { Session } from './client.ts';
import { type DescribedColumn, digestExpression, formOf } from './columns.ts';
import type { TableFacts } from './documents.ts';
import { qualify, sayTable } from './names.ts';
import type { ReadableTable } from './table-reader.ts';

type Named = Pick<ReadableTable, 'database' | 'name'>;

/** Exact, in the session's snapshot. */
export async function countRows(session: Session, { database, name }: Named): Promise<number> {
  return Number(await session.value(`SELECT COUNT(*) FROM ${qualify(database, name)}`));
}

export type Fingerprint = Pick<TableFacts, 'checksum' | 'digest'>;

/** What tells a table's content from any other. */
export async function fingerprint(session: Session, table: ReadableTable, withDigest: boolean): Promise<Fingerprint> {
  const sum = table.hasTrueChecksum ? await checksum(session, table) : null;
  const digest = withDigest || sum === null ? await rowDigest(session, table, table.described) : null;
  return { checksum: sum, digest };
}

/** CHECKSUM TABLE: 32 bits over all values, whatever the order of the rows; null when it cannot be told. */
async function checksum(session: Session, { database, name }: Named): Promise<string | null> {
  const [row] = await session.rows(`CHECKSUM TABLE ${qualify(database, name)}`);
  return row?.Checksum ?? null;
}

/**
 * A digest that is hard to forge, whatever the order of the rows: the sum of each row's SHA-256. A sum, because an XOR
 * is blind for rows that come twice; in four parts of 60 bits, because a DECIMAL holds the sum of 10^46 such.
 */
async function rowDigest(session: Session, table: Named, described: readonly DescribedColumn[]): Promise<string> {
  const fields = described.map((column) => digestExpression(column, formOf(column, table.database, table.name)));
  const part = (i: number) => `SUM(CAST(CONV(SUBSTR(hash, ${1 + 15 * i}, 15), 16, 10) AS DECIMAL(65)))`;
  const sums = [0, 1, 2, 3].map((i) => `COALESCE(${part(i)}, 0)`).join(", '-', ");
  const row = fields.length === 0 ? "''" : `CONCAT_WS('\\t', ${fields.join(', ')})`;
  const digest = await session.value(
    `SELECT CONCAT(${sums}) FROM (SELECT SHA2(${row}, 256) AS hash FROM ${qualify(table.database, table.name)}) AS hashes`,
  );
  if (typeof digest === 'string') return digest;
  throw new FiredrillError('BACKUP_INCOMPLETE', `there is no digest of ${sayTable(table.database, table.name)}`);
}
