import { createRequire } from 'node:module';
import { type Duplex, Readable } from 'node:stream';
import type { authPlugins } from 'mysql2';
import type { Connection, createConnection, QueryOptions, ResultSetHeader } from 'mysql2/promise';
import { Cancellation } from '../../kit/cancellation.ts';
import { FiredrillError, messageOf } from '../../kit/errors.ts';
import { lazily } from '../../kit/lazily.ts';

const require = createRequire(import.meta.url);
const mysql2 = lazily(() => ({
  createConnection: require('mysql2/promise').createConnection as typeof createConnection,
  authPlugins: require('mysql2').authPlugins as typeof authPlugins,
}));

/** What a server, or the connection to it, said against a statement. */
export interface SqlFault {
  /** MySQL's error number; 0 when the connection and not the server failed. */
  errno: number;
  /** Untrusted text. */
  message: string;
}

/** Decides whose fault it is. */
export type Blame = (fault: SqlFault) => FiredrillError;

export interface Login {
  user: string;
  password: string;
  /** Speaks TLS, with whoever answers: for an account that demands it. */
  tls?: boolean;
  /** May `load`. */
  loads?: boolean;
}

/** Where the server answers: a stream that a host has opened, to its unix socket or to a port, or a unix socket on this machine. */
export type Door = { stream: Duplex; isSocket: boolean } | { socketPath: string };

/** All values as text, whatever their type: nothing is rounded or reinterpreted. */
export type Row = Record<string, string | null>;

/** What a statement did. */
export interface Effect {
  affectedRows: number;
  warnings: number;
}

/** One login at a server. The only file that knows mysql2. One statement at a time, one statement a call. */
export class Session implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #blame: Blame;
  readonly #signal: AbortSignal;
  readonly #cancellation = new Cancellation();
  readonly #stop: () => void;

  private constructor(connection: Connection, blame: Blame, signal: AbortSignal) {
    this.#connection = connection;
    this.#blame = blame;
    this.#signal = signal;
    this.#stop = () => {
      // mysql2 forgets whoever waits on a connection that is destroyed.
      connection.destroy();
      this.#cancellation.cancel(interrupted(signal));
    };
    signal.addEventListener('abort', this.#stop, { once: true });
    // Errors between two statements are told by the next one.
    connection.on('error', () => {});
  }

  static async open(
    door: Door,
    { user, password, tls = false, loads = false }: Login,
    blame: Blame,
    signal: AbortSignal,
  ): Promise<Session> {
    if (signal.aborted) throw interrupted(signal);
    const isSocket = 'socketPath' in door || door.isSocket;
    const { createConnection, authPlugins } = mysql2();
    const connecting = createConnection({
      ...('socketPath' in door ? door : { stream: door.stream }),
      user,
      password,
      ...(tls && { ssl: { rejectUnauthorized: false } }),
      charset: 'utf8mb4',
      connectTimeout: 20_000,
      multipleStatements: false,
      // A server holds its unix socket for safe, and waits there for the password itself, not for one that is encrypted.
      authPlugins: { caching_sha2_password: authPlugins.caching_sha2_password({ overrideIsSecure: isSocket }) },
      // A hostile server must not be able to ask for this machine's files: whatever it names, mysql2 gives it the stream of `load`, or nothing.
      flags: loads ? [] : ['-LOCAL_FILES'],
      typeCast: (field: { string(encoding?: BufferEncoding): string | null }) => field.string('utf8'),
    });
    try {
      return new Session(await connecting, blame, signal);
    } catch (error) {
      if ('stream' in door) door.stream.destroy();
      throw signal.aborted ? interrupted(signal) : blame(faultOf(error));
    }
  }

  /** Runs a statement that answers with rows. */
  async rows(sql: string): Promise<Row[]> {
    return (await this.#ask(sql)) as Row[];
  }

  /**
   * As `rows`, each row a list: columns may have one name. Throws what `tooLarge` makes, and is of no more use, when the server sends
   * more than `maxBytes`: they are counted as they come in, for one value alone may be of a gigabyte.
   */
  async lists(sql: string, maxBytes: number, tooLarge: () => FiredrillError): Promise<(string | null)[][]> {
    const { promise: exceeded, reject } = Promise.withResolvers<never>();
    let bytes = 0;
    const count = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) return;
      this.#connection.destroy();
      reject(tooLarge());
    };
    const incoming = incomingOf(this.#connection);
    incoming.on('data', count);
    try {
      return (await Promise.race([this.#ask({ sql, rowsAsArray: true }), exceeded])) as (string | null)[][];
    } finally {
      incoming.off('data', count);
    }
  }

  /** As `rows`, each value as the bytes that came: their character set is `character_set_results`, or NULL for as they are kept. */
  async bytes(sql: string): Promise<Record<string, Buffer | null>[]> {
    const typeCast = (field: { buffer(): Buffer | null }) => field.buffer();
    return (await this.#ask({ sql, typeCast })) as Record<string, Buffer | null>[];
  }

  /** The first column of the first row; undefined when there is no row. */
  async value(sql: string): Promise<string | null | undefined> {
    const [row] = await this.rows(sql);
    return row && Object.values(row)[0];
  }

  /** Runs a statement for its effect. */
  async run(sql: string): Promise<Effect> {
    return effectOf(await this.#ask(sql));
  }

  async runAll(statements: readonly string[]): Promise<void> {
    for (const sql of statements) await this.run(sql);
  }

  /**
   * Runs a `LOAD DATA LOCAL`, whatever file it names, of the bytes of `data`. Throws what breaks `data`: then the server has taken what
   * came before. What it would refuse without LOCAL is a warning, and a row that it cannot take is left out.
   */
  async load(sql: string, data: Readable): Promise<Effect> {
    data.on('error', () => {});
    // Of one that breaks before the server asks for it, mysql2 would never hear.
    const infileStreamFactory = () => (data.destroyed ? Readable.from(data).on('error', () => {}) : data);
    try {
      return effectOf(await this.#ask({ sql, infileStreamFactory }));
    } finally {
      data.destroy();
    }
  }

  async #ask(sql: string | (QueryOptions & { sql: string })): Promise<unknown> {
    if (this.#signal.aborted) throw interrupted(this.#signal);
    try {
      const query = typeof sql === 'string' ? { sql } : sql;
      const [result] = await this.#cancellation.race(this.#connection.query(query));
      return result;
    } catch (error) {
      throw error instanceof FiredrillError ? error : this.#blame(faultOf(error));
    }
  }

  /** Whatever still runs in it is given up. Safe twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop);
    this.#connection.destroy();
  }
}

/** What mysql2 reads from; its types do not tell. */
function incomingOf(connection: Connection): Duplex {
  return (connection as unknown as { connection: { stream: Duplex } }).connection.stream;
}

function effectOf(answer: unknown): Effect {
  const { affectedRows, warningStatus } = answer as ResultSetHeader;
  return { affectedRows, warnings: warningStatus };
}

function faultOf(error: unknown): SqlFault {
  const { errno, sqlState } = error as { errno?: unknown; sqlState?: unknown };
  // Node's system errors have a negative errno, and no SQLSTATE.
  const said = typeof errno === 'number' && typeof sqlState === 'string' ? errno : 0;
  return { errno: said, message: messageOf(error) };
}

function interrupted(signal: AbortSignal): FiredrillError {
  const { reason } = signal;
  if (reason instanceof FiredrillError) return reason;
  return new FiredrillError('INTERRUPTED', 'the work with MySQL was interrupted', { cause: reason });
}
