import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartedServer } from '../../hosts/bay.ts';
import { runToEnd } from '../../hosts/output.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { chain, collect, digestOf } from '../../kit/streams.ts';
import { plainLine } from '../../kit/text.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Session } from './client.ts';
import { loadClauses, type TravelColumn } from './columns.ts';
import { DataStream } from './data-stream.ts';
import type { TableFacts } from './documents.ts';
import { qualify, quoteText } from './names.ts';
import type { TableData } from './table-data.ts';

/** Loads one artifact after another through a FIFO in the server's own folder: but for what is small, the data lies nowhere twice. */
export interface LoadLane {
  session: Session;
  server: StartedServer;
  /** In the server's container; made before. */
  fifo: string;
  /** Ends the session and whatever it waits for. */
  abort: (error: unknown) => void;
  signal: AbortSignal;
}

/** For a session that loads: nothing is bent to fit, and nothing that the source held is refused. */
export const loadingSettings: readonly string[] = [
  "SET time_zone = '+00:00', foreign_key_checks = 0, max_error_count = 65535",
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

/** Returns the rows of the artifact, all of which were loaded. */
async function loadTable(lane: LoadLane, member: OpenMember, expected: TableData, how: Loading): Promise<number> {
  const { columns } = how;
  const data = new DataStream(expected);
  await lane.session.run(loadingMode(how));
  const loading = lane.session.run(loadStatement(lane.fifo, expected.table, columns));
  const feeding = feed(lane, chain(member.content(expected.artifact), data), loading);
  const [loaded, fed] = await Promise.allSettled([loading, feeding]);
  // A broken artifact ends the load early: then the artifact is to blame, and not what the server made of the half.
  if (fed.status === 'rejected' && !isFiredrillError(fed.reason, 'TOOL_FAILED')) throw fed.reason;
  if (loaded.status === 'rejected') throw await explain(loaded.reason, member, expected);
  if (fed.status === 'rejected') throw fed.reason;
  await assertAllLoaded(lane, expected, columns, data.rows, loaded.value);
  return data.rows;
}

/** To start the tool that feeds a FIFO takes longer than to load this much, and so does an ALTER TABLE that adds keys. */
export const smallBytes = 64 * 1024;
/** What lies in memory, and in the server's folder, at a time: twice these, for each lane. */
const maxBatch = { artifacts: 256, bytes: 4 * 1024 ** 2 };

/** Loads what `takeBatch` gave; the rows of each. */
export async function* loadBatch(
  lane: LoadLane,
  member: OpenMember,
  batch: readonly [TableData, ...TableData[]],
  howOf: (table: TableFacts) => Loading,
): AsyncGenerator<{ data: TableData; rows: number }> {
  const [data] = batch;
  if (batch.length > 1) yield* loadSmallTables(lane, member, batch, howOf);
  else yield { data, rows: await loadTable(lane, member, data, howOf(data.table)) };
}

/** Takes the next artifacts to load from those that wait, in their order: one, or as many small ones as go together. */
export function takeBatch(waiting: TableData[], bytesOf: (artifact: string) => number): TableData[] {
  const first = waiting.shift();
  if (!first) return [];
  const batch = [first];
  let bytes = bytesOf(first.artifact);
  if (bytes > smallBytes) return batch;
  for (let next = waiting[0]; next && batch.length < maxBatch.artifacts; next = waiting[0]) {
    const more = bytesOf(next.artifact);
    bytes += more;
    // A small part can stand before a large one: it is the tables that come by their size.
    if (more > smallBytes || bytes > maxBatch.bytes) break;
    batch.push(next);
    waiting.shift();
  }
  return batch;
}

/** The rows of each, as `loadTable`, one after the other: of artifacts of at most `smallBytes`, laid down as files by one tool. */
async function* loadSmallTables(
  lane: LoadLane,
  member: OpenMember,
  batch: readonly TableData[],
  howOf: (table: TableFacts) => Loading,
): AsyncGenerator<{ data: TableData; rows: number }> {
  const files = await layDown(lane, member, batch);
  for (const { data, file, rows } of files) {
    const how = howOf(data.table);
    const { columns } = how;
    await lane.session.run(loadingMode(how));
    const loaded = await lane.session.run(loadStatement(file, data.table, columns)).catch(async (error: unknown) => {
      throw await explain(error, member, data);
    });
    await assertAllLoaded(lane, data, columns, rows, loaded);
    yield { data, rows };
  }
}

/** Each in a file of its own, in place of those of the batch before. */
async function layDown({ server, fifo, signal }: LoadLane, member: OpenMember, batch: readonly TableData[]) {
  const files: { data: TableData; file: string; rows: number }[] = [];
  const pieces: Buffer[] = [];
  for (const [i, data] of batch.entries()) {
    const stream = new DataStream(data);
    const content = await collect(chain(member.content(data.artifact), stream), smallBytes, data.what);
    const file = `${fifo}.${i}`;
    pieces.push(Buffer.from(`${content.length} ${file}\n`), content);
    files.push({ data, file, rows: stream.rows });
  }
  // It reads no byte further than it must: what follows is the next one's.
  const script = 'while read -r bytes file; do head -c "$bytes" > "$file" || exit 1; done';
  await runToEnd(server.host, { tool: 'sh', args: ['-c', script], stdin: Readable.from(pieces), signal });
  return files;
}

async function assertAllLoaded(
  { session }: LoadLane,
  { what }: TableData,
  columns: readonly TravelColumn[],
  rows: number,
  { affectedRows, warnings }: { affectedRows: number; warnings: number },
) {
  if (warnings > 0) await judgeWarnings(session, columns, (said) => failed(`${what}: ${said}`));
  if (affectedRows !== rows) throw failed(`${what}: ${affectedRows} of ${rows} rows were loaded`);
}

async function feed(lane: LoadLane, data: ReturnType<typeof chain>, loading: Promise<unknown>): Promise<void> {
  const args = ['-c', 'exec cat > "$1"', 'sh', lane.fifo];
  const stop = new AbortController();
  // A server that has given up does not open the FIFO any more: then nobody would ever read.
  loading.catch(() => stop.abort());
  try {
    await runToEnd(lane.server.host, {
      tool: 'sh',
      args,
      stdin: data,
      signal: AbortSignal.any([lane.signal, stop.signal]),
    });
  } catch (error) {
    if (stop.signal.aborted) return;
    // The server may have closed the FIFO, and is about to say why; else it waits for a writer who will not come.
    if (isFiredrillError(error, 'TOOL_FAILED')) await Promise.race([loading.catch(() => {}), sleep(5_000)]);
    lane.abort(error);
    throw error;
  }
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

function loadStatement(fifo: string, { database, name }: TableFacts, columns: readonly TravelColumn[]): string {
  const { fields, set } = loadClauses(columns);
  return `LOAD DATA INFILE ${quoteText(fifo)} INTO TABLE ${qualify(database, name)} CHARACTER SET utf8mb4
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
