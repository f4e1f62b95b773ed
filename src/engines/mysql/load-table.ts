import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { chain, digestOf } from '../../kit/streams.ts';
import { plainLine } from '../../kit/text.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Effect, Session } from './client.ts';
import { loadClauses, type TravelColumn } from './columns.ts';
import { DataStream } from './data-stream.ts';
import type { TableFacts } from './documents.ts';
import { qualify } from './names.ts';
import type { TableData } from './table-data.ts';

/** For a session that loads: nothing is bent to fit, and nothing that the source held is refused. */
export const loadingSettings: readonly string[] = [
  "SET time_zone = '+00:00', foreign_key_checks = 0, max_error_count = 65535",
  // A vault far away may be silent for as long as its own limits allow.
  'SET net_read_timeout = 31536000',
];

/** How a table is loaded. */
export interface Loading {
  columns: readonly TravelColumn[];
  /** It has its unique keys already: nothing else would ask whether what is loaded is unique. */
  withKeys: boolean;
}

/** Strict, but where a column may hold ENUM's error value 0, which no strict mode takes: then each warning is judged. */
export function loadingMode({ columns, withKeys }: Loading): string {
  const strict = columns.some(({ form }) => form === 'enum') ? '' : 'STRICT_ALL_TABLES,';
  return `SET sql_mode = '${strict}NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', unique_checks = ${withKeys ? 1 : 0}`;
}

/** To add keys to a table takes longer than to make it with them, and to load this much into them. */
export const smallBytes = 64 * 1024;

/** Loads an artifact in one pass over the session itself: it lies nowhere twice. Returns its rows, all of which were loaded. */
export async function loadTable(
  session: Session,
  member: OpenMember,
  expected: TableData,
  how: Loading,
): Promise<number> {
  const { columns } = how;
  const data = new DataStream(expected);
  await session.run(loadingMode(how));
  try {
    const loaded = await session.load(
      loadStatement(expected.table, columns),
      chain(member.content(expected.artifact), data),
    );
    await assertAllLoaded(session, expected, columns, data.rows, loaded);
  } catch (error) {
    throw await explain(error, member, expected);
  }
  return data.rows;
}

async function assertAllLoaded(
  session: Session,
  { what }: TableData,
  columns: readonly TravelColumn[],
  rows: number,
  { affectedRows, warnings }: Effect,
) {
  if (warnings > 0) await judgeWarnings(session, columns, (said) => failed(`${what}: ${said}`));
  if (affectedRows !== rows) throw failed(`${what}: ${affectedRows} of ${rows} rows were loaded`);
}

/** Throws what `failed` makes of a warning that means another value than was given. */
export async function judgeWarnings(
  session: Session,
  columns: readonly TravelColumn[],
  failed: (said: string) => FiredrillError,
) {
  const harmless = columns
    .filter(({ form }) => form === 'enum')
    .map(({ name }) => `Data truncated for column '${name}'`);
  const warnings = await session.rows('SHOW WARNINGS');
  const bad = warnings.find(
    ({ Code, Message }) => Code !== '1265' || !harmless.some((text) => Message?.startsWith(text)),
  );
  if (bad) throw failed(`values did not load as they were: ${plainLine(bad.Message ?? '')}`);
}

function loadStatement({ database, name }: TableFacts, columns: readonly TravelColumn[]): string {
  const { fields, set } = loadClauses(columns);
  return `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${qualify(database, name)} CHARACTER SET utf8mb4
    FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ${fields} ${set}`;
}

/** A part that stands in for another one fails at its first row that is there already: it is the part that is wrong. */
async function explain(error: unknown, member: OpenMember, expected: TableData): Promise<unknown> {
  if (!isFiredrillError(error, 'RESTORE_FAILED')) return error;
  const { what, isPart, artifact } = expected;
  try {
    if (isPart) await digestOf(chain(member.content(artifact), new DataStream(expected)));
  } catch (cause) {
    return cause;
  }
  return failed(`${what} could not be loaded: ${error.message}`, error);
}

function failed(sentence: string, cause?: unknown) {
  return new FiredrillError('RESTORE_FAILED', sentence, { cause });
}
