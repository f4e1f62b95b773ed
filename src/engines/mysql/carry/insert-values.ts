import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import type { ColumnForm, TravelColumn } from '../columns.ts';

/** Rows for one INSERT. */
export interface ValuesBatch {
  /** What follows VALUES. */
  sql: string;
  rows: number;
}

/**
 * Rows as a table's reader sends them (see `columns.ts`), as the values of INSERTs of at most `targetChars` each; a longer row
 * has one for itself. LOAD DATA LOCAL would need `local_infile`, which servers have off.
 */
export async function* valuesBatches(
  rows: AsyncIterable<Buffer>,
  columns: readonly TravelColumn[],
  targetChars: number,
): AsyncGenerator<ValuesBatch> {
  const forms = columns.map(({ form }) => form);
  let waiting: string[] = [];
  let chars = 0;
  for await (const line of linesOf(rows)) {
    const values = valuesOf(line, forms);
    if (waiting.length > 0 && chars + values.length > targetChars) {
      yield { sql: waiting.join(','), rows: waiting.length };
      waiting = [];
      chars = 0;
    }
    waiting.push(values);
    chars += values.length;
  }
  if (waiting.length > 0) yield { sql: waiting.join(','), rows: waiting.length };
}

/** `(1, 'a', NULL)`. ARTIFACT_FORMAT when a field is not of its form: nothing of it becomes SQL by chance. */
export function valuesOf(line: string, forms: readonly ColumnForm[]): string {
  // A table without columns of its own travels as one empty field.
  if (forms.length === 0) return '()';
  const fields = line.split('\t');
  if (fields.length !== forms.length) throw strange(line);
  return `(${fields.map((field, i) => literalOf(field, forms[i] as ColumnForm)).join(',')})`;
}

function literalOf(field: string, form: ColumnForm): string {
  if (field === '\\N') return 'NULL';
  if (form === 'hex') {
    if (!/^[0-9A-F]*$/.test(field)) throw strange(field);
    return `X'${field}'`;
  }
  if (form === 'number' || form === 'enum') {
    if (!/^\d+$/.test(field)) throw strange(field);
    return field;
  }
  return `'${quoted(field)}'`;
}

/** The escapes of a field mean the same in a string literal; only the quote has none. */
function quoted(field: string): string {
  if (!/['\\]/.test(field)) return field;
  return field.replaceAll(/'|\\(.?)/gs, (pair: string, escaped: string | undefined) => {
    if (pair === "'") return "''";
    if (escaped === undefined || !/^[tn0\\]$/.test(escaped)) throw strange(field);
    return pair;
  });
}

/** Lines without their newlines; a line may come in many chunks. */
async function* linesOf(rows: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const chunk of rows) {
    const end = chunk.lastIndexOf(0x0a);
    if (end < 0) {
      begun.push(chunk);
      continue;
    }
    const text = Buffer.concat([...begun, chunk.subarray(0, end)]).toString('utf8');
    begun = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
    yield* text.split('\n');
  }
}

function strange(field: string) {
  return new FiredrillError('ARTIFACT_FORMAT', `a row does not travel as it should: ${plainLine(field, 60)}`);
}
