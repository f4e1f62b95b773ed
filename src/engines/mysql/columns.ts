import { FiredrillError } from '../../kit/errors.ts';
import { quoteName, sayTable } from './names.ts';

/**
 * How a column's values travel as text without loss, in the format of LOAD DATA: fields end with a tab, rows with a
 * newline, the backslash escapes, `\N` is NULL. Pure.
 */
export const columnForms = ['plain', 'text', 'hex', 'number', 'enum'] as const;
export type ColumnForm = (typeof columnForms)[number];

export interface TravelColumn {
  name: string;
  form: ColumnForm;
}

/** A column as information_schema describes it. */
export interface DescribedColumn {
  name: string;
  /** DATA_TYPE, lower case. */
  type: string;
  charset: string | null;
  nullable: boolean;
}

const plainTypes = new Set(
  'tinyint smallint mediumint int bigint decimal float double date time datetime timestamp year'.split(' '),
);
// As numbers, like ENUM: their texts could hold anything, and an ENUM's error value has none.
const numberTypes = new Set(['bit', 'set']);
const textTypes = new Set('char varchar tinytext text mediumtext longtext json'.split(' '));
const binaryTypes = new Set(
  (
    'binary varbinary tinyblob blob mediumblob longblob vector ' +
    'geometry point linestring polygon multipoint multilinestring multipolygon geomcollection geometrycollection'
  ).split(' '),
);
// Of other character sets two codes may mean one character: only their bytes are exact.
const exactCharsets = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'ascii', 'latin1']);

export function formOf({ type, charset }: DescribedColumn, database: string, table: string): ColumnForm {
  if (plainTypes.has(type)) return 'plain';
  if (type === 'enum') return 'enum';
  if (numberTypes.has(type)) return 'number';
  if (type === 'json') return 'text';
  if (textTypes.has(type)) return charset !== null && exactCharsets.has(charset) ? 'text' : 'hex';
  if (binaryTypes.has(type)) return 'hex';
  const sentence = `table ${sayTable(database, table)} has a column of type ${type}, which firedrill does not know`;
  throw new FiredrillError('SOURCE_UNSUITABLE', sentence);
}

/** The expression that makes a column's value one field. The session needs sql_mode '' and time_zone '+00:00'. */
export function fieldExpression(column: DescribedColumn, form: ColumnForm): string {
  const name = quoteName(column.name);
  const value = valueExpression(name, column.type, form);
  return column.nullable ? `IFNULL(${value}, '\\\\N')` : value;
}

/** As `fieldExpression`; JSON in the form in which it comes back from its text. */
export function digestExpression(column: DescribedColumn, form: ColumnForm): string {
  if (column.type !== 'json') return fieldExpression(column, form);
  return `IFNULL(CAST(CAST(${quoteName(column.name)} AS CHAR) AS JSON), '\\\\N')`;
}

function valueExpression(name: string, type: string, form: ColumnForm): string {
  if (form === 'hex') return `HEX(${name})`;
  if (form === 'number' || form === 'enum') return `${name}+0`;
  // FLOAT prints six digits only; as a DOUBLE it has sixteen, and needs nine.
  if (type === 'float') return `${name}+0e0`;
  // IFNULL would cut its 17th digit; of the text it does not.
  if (type === 'double') return `CAST(${name} AS CHAR)`;
  if (form === 'plain') return name;
  const doubled = `REPLACE(${name}, '\\\\', '\\\\\\\\')`;
  // JSON's own text has no control characters.
  if (type === 'json') return doubled;
  const escaped = `REPLACE(REPLACE(REPLACE(${doubled}, '\\t', '\\\\t'), '\\n', '\\\\n'), '\\0', '\\\\0')`;
  // Four passes over each text, of which nearly none needs one: JSON_QUOTE, a fast one, lengthens whatever does (and quotation marks).
  return `IF(LENGTH(${name}) < ${longText} AND LENGTH(JSON_QUOTE(${name})) = LENGTH(${name}) + 2, ${name}, ${escaped})`;
}

/** Bytes of a text that are not copied within the source only to be looked at. */
const longText = 1 << 20;

/** The column list and the SET clause of a LOAD DATA for fields made by `fieldExpression`. */
export function loadClauses(columns: readonly TravelColumn[]): { fields: string; set: string } {
  if (columns.length === 0) return { fields: '(@v0)', set: '' };
  const fields = columns.map(({ name, form }, i) => (takesVariable(form) ? `@v${i}` : quoteName(name)));
  const set = columns.flatMap(({ name, form }, i) => {
    if (!takesVariable(form)) return [];
    const value = form === 'hex' ? `UNHEX(@v${i})` : `CAST(@v${i} AS UNSIGNED)`;
    return [`${quoteName(name)} = ${value}`];
  });
  return { fields: `(${fields.join(', ')})`, set: set.length === 0 ? '' : `SET ${set.join(', ')}` };
}

function takesVariable(form: ColumnForm): boolean {
  return form === 'hex' || form === 'number' || form === 'enum';
}
