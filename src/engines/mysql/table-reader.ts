import { PassThrough, Readable } from 'node:stream';
import type { Running } from '../../hosts/host.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import { type DescribedColumn, fieldExpression, type TravelColumn } from './columns.ts';
import { endMarkStart, endMarkStatements, parseEndMark } from './end-mark.ts';
import { countLines, MarkedOutput } from './marked-output.ts';
import { qualify, sayTable } from './names.ts';
import { beginSnapshot, blameSource, type MysqlSource, readingSettings } from './source.ts';

/** A table as a reader needs it. */
export interface ReadableTable {
  database: string;
  name: string;
  hasPrimaryKey: boolean;
  /**
   * Whether CHECKSUM TABLE says the same of a faithful copy. Not with a multi-valued key: each time it says something
   * else. Not with JSON, whose decimals and dates come back from text as doubles and strings.
   */
  hasTrueChecksum: boolean;
  /** Described and how each travels, in the same order. */
  described: readonly DescribedColumn[];
  columns: readonly TravelColumn[];
}

/** Some of a table's rows. */
export interface TablePart {
  /** In place of the dump's id in the end mark. */
  markId: string;
  /** On the table's columns. */
  condition: string;
}

/**
 * The source's own `mysql` client as one session: it enters the snapshot, then reads one table after another. Its
 * password comes by the environment; names and statements by stdin.
 */
export class TableReader {
  readonly #source: MysqlSource;
  readonly #dumpId: string;
  readonly #input = new PassThrough();
  readonly #running: Running;
  readonly #output: MarkedOutput;
  /** Of what was read last, once it has ended. */
  lastRows: number | undefined;

  constructor(source: MysqlSource, dumpId: string, { signal }: Pick<Activity, 'signal'>) {
    this.#source = source;
    this.#dumpId = dumpId;
    const password = source.settings.password?.reveal();
    this.#running = source.host.run({
      tool: 'mysql',
      args: clientArguments(source),
      ...(password === undefined ? {} : { secretEnv: { MYSQL_PWD: password } }),
      stdin: this.#input,
      // It flushes at the end of each statement, for it is told to be unbuffered.
      largeWrites: true,
      signal,
    });
    this.#running.done.catch(() => {});
    this.#output = new MarkedOutput(this.#running.stdout);
  }

  /** Logs in, and waits outside of any transaction. */
  async ready(): Promise<void> {
    await this.#do(readingSettings);
  }

  async enterSnapshot(): Promise<void> {
    await this.#do([beginSnapshot]);
  }

  /**
   * The rows of a table, or of a part of it, and then their end mark. Breaks with BACKUP_INCOMPLETE unless the server said
   * that it was done.
   */
  read(table: ReadableTable, part?: TablePart): Readable {
    const rows = Readable.from(this.#rowsOf(table, part), { objectMode: false, highWaterMark: 1 << 18 });
    // Held for a late reader.
    return rows.on('error', () => {});
  }

  async finish(): Promise<void> {
    this.#input.end();
    this.#running.stdout.resume();
    await this.#running.done.catch((error: unknown) => {
      throw this.#explain(error);
    });
  }

  /** Ends the client, whatever it does. */
  async abandon(): Promise<void> {
    this.#running.stdout.destroy();
    this.#input.destroy();
    await this.#running.done.catch(() => {});
  }

  async #do(statements: readonly string[]): Promise<void> {
    this.#input.write(`${statements.map((sql) => `${sql};\n`).join('')}${endMarkStatements(this.#dumpId)}\n`);
    for await (const _ of this.#untilMark(this.#dumpId)) {
      // Nothing comes before the mark.
    }
  }

  async *#rowsOf(table: ReadableTable, part: TablePart | undefined): AsyncGenerator<Buffer> {
    const markId = part?.markId ?? this.#dumpId;
    this.lastRows = undefined;
    this.#input.write(`${selectOf(table, part?.condition)};\n${endMarkStatements(markId)}\n`);
    let lines = 0;
    const what = `table ${sayTable(table.database, table.name)}`;
    for await (const chunk of this.#untilMark(markId)) {
      if (typeof chunk !== 'string') {
        lines += countLines(chunk);
        yield chunk;
        continue;
      }
      const mark = parseEndMark(chunk);
      if (mark?.rows !== lines)
        throw this.#incomplete(`${what} came with ${lines} rows and the mark ${plainLine(chunk)}`);
      if (mark.warnings > 0) throw this.#oversized(what);
      this.lastRows = lines;
      yield Buffer.from(`${chunk}\n`);
    }
  }

  /** What comes before the next mark, and the mark itself, as text, at the end. */
  async *#untilMark(markId: string): AsyncGenerator<Buffer | string> {
    try {
      const mark = yield* this.#output.until(endMarkStart(markId));
      if (mark !== undefined) yield mark;
      else await this.#running.done;
      if (mark === undefined) throw this.#incomplete('the mysql client ended in mid-dump');
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #incomplete(why: string) {
    return new FiredrillError('BACKUP_INCOMPLETE', `${this.#source.service}: ${why}`);
  }

  #oversized(what: string) {
    const sentence = `${this.#source.service}: ${what} holds a value that the server would not send whole`;
    const hint = 'Raise max_allowed_packet on the source above its longest value, with room for escapes.';
    return new FiredrillError('BACKUP_INCOMPLETE', sentence, { hint });
  }

  /** The client's words tell a refused login and a broken connection from anything else. */
  #explain(error: unknown): unknown {
    if (!isFiredrillError(error, 'TOOL_FAILED', 'HOST_UNREACHABLE')) return error;
    const said = error.detail
      .map((line) => /^ERROR (\d+) \(.{5}\)[^:]*: (.*)$/.exec(line))
      .find((parts) => parts !== null);
    const errno = Number(said?.[1] ?? 0);
    const blamed = blameSource(this.#source)({
      errno: errno >= 2000 && errno < 3000 ? 0 : errno,
      message: said?.[2] ?? '',
    });
    if (said && blamed.code !== 'SOURCE_UNREACHABLE') return blamed;
    const sentence = `${this.#source.service}: ${error.message}`;
    return new FiredrillError('BACKUP_INCOMPLETE', sentence, { cause: error, detail: error.detail });
  }
}

function selectOf(
  { database, name, hasPrimaryKey, described, columns }: ReadableTable,
  condition: string | undefined,
): string {
  const fields = described.map((column, i) => fieldExpression(column, columns[i]?.form ?? 'hex'));
  const list = fields.length === 0 ? "''" : fields.join(', ');
  // In the order of the primary key: so it loads fastest.
  const all = `SELECT ${list} FROM ${qualify(database, name)}${hasPrimaryKey ? ' FORCE INDEX (PRIMARY)' : ''}`;
  return condition === undefined ? all : `${all} WHERE ${condition}`;
}

function clientArguments({ settings }: MysqlSource): string[] {
  const where =
    settings.socketPath === undefined
      ? ['--protocol=TCP', '--host=127.0.0.1', `--port=${settings.port ?? 3306}`]
      : ['--protocol=SOCKET', `--socket=${settings.socketPath}`];
  return [
    '--no-defaults',
    ...where,
    `--user=${settings.user}`,
    '--batch',
    '--raw',
    '--quick',
    '--unbuffered',
    '--skip-column-names',
    // No client command is obeyed, whatever a name or a value looks like.
    '--binary-mode',
    '--skip-reconnect',
    '--get-server-public-key',
    '--default-character-set=utf8mb4',
    '--max-allowed-packet=1G',
  ];
}
