import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import type { HttpError, InfluxDB } from '@influxdata/influxdb-client';
import { z } from 'zod';
import { FiredrillError, messageOf } from '../../kit/errors.ts';
import { lazily } from '../../kit/lazily.ts';
import { plainLine } from '../../kit/text.ts';
import type { Secret } from '../../model/secret.ts';

const require = createRequire(import.meta.url);
const influxdb = lazily(
  () => require('@influxdata/influxdb-client') as { InfluxDB: typeof InfluxDB; HttpError: typeof HttpError },
);

/** One table of an InfluxQL answer. Times are RFC 3339; whole numbers beyond 2^53 lose digits, so counts only. */
const seriesSchema = z.object({
  name: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  columns: z.array(z.string()),
  values: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))).default([]),
});
const answerSchema = z.object({
  results: z
    .array(z.object({ statement_id: z.int(), series: z.array(seriesSchema).default([]), error: z.string().optional() }))
    .default([]),
  error: z.string().optional(),
});

export type Series = z.infer<typeof seriesSchema>;
type Value = Series['values'][number][number];

export interface ClientOptions {
  /** The server's unix socket (asked for before each request), or a way to open a connection to its TCP port. */
  through: { socketPath: () => Promise<string> } | { connect: () => Promise<Duplex> };
  user?: string | undefined;
  password?: Secret | undefined;
  signal: AbortSignal;
}

/** Silence of the server for so long ends a request; COUNTs over everything take minutes. */
const silenceMs = 600_000;

/** Speaks InfluxQL to a server of version 1.x. Errors: SOURCE_UNREACHABLE, SOURCE_DENIED, TOOL_FAILED (the server said no). */
export class InfluxClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** The server's version, such as `1.6.7~rc0`. */
  async ping(): Promise<string> {
    let version: unknown;
    await this.#request('/ping', '', 'GET', (headers) => {
      version = headers['x-influxdb-version'];
    });
    if (typeof version !== 'string') throw new FiredrillError('SOURCE_UNSUITABLE', 'what answers is not InfluxDB 1.x');
    return plainLine(version, 64);
  }

  /** The tables of one statement. */
  async query(statement: string, database?: string): Promise<Series[]> {
    return (await this.queryAll([statement], database))[0] ?? [];
  }

  /** Several statements in one request: the tables of each. */
  async queryAll(statements: readonly string[], database?: string): Promise<Series[][]> {
    const form = new URLSearchParams({
      q: statements.join(';\n'),
      ...(database === undefined ? {} : { db: database }),
    });
    const answer = answerSchema.safeParse(await this.#request('/query', form.toString(), 'POST'));
    if (!answer.success) throw new FiredrillError('TOOL_FAILED', 'InfluxDB gave an answer that cannot be read');
    const { results, error } = answer.data;
    const errors = [error, ...results.map((each) => each.error)].filter((each) => each !== undefined);
    // One statement's error leaves the others "not executed", whichever comes first.
    const refusal = errors.find((each) => each !== 'not executed') ?? errors[0];
    if (refusal !== undefined) throw refused(refusal);
    return statements.map((_, id) => results.filter((each) => each.statement_id === id).flatMap((each) => each.series));
  }

  /** Whether statements find any value. */
  async findsValue(statements: string, database: string): Promise<boolean> {
    for await (const row of this.rowsOf(statements, database)) if (row.some((value) => value !== null)) return true;
    return false;
  }

  /**
   * The rows of statements, without their times: a time alone is no value. Their answer is read only as far as they are
   * taken: it may be of any size.
   */
  async *rowsOf(
    statements: string,
    database: string,
    until: AbortSignal = new AbortController().signal,
  ): AsyncGenerator<Value[]> {
    const form = new URLSearchParams({ q: statements, db: database, chunked: 'true', chunk_size: '500' });
    const enough = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, until, enough.signal]);
    const transport = new (influxdb().InfluxDB)(await this.#connection()).transport;
    try {
      const chunks = transport.iterate('/query', form.toString(), { method: 'POST', headers: this.#headers(), signal });
      for await (const line of linesOf(chunks)) yield* valuesOf(line);
    } catch (error) {
      if (this.#options.signal.aborted || until.aborted) throw interrupted();
      throw named(error);
    } finally {
      enough.abort();
    }
  }

  #headers() {
    return { 'content-type': 'application/x-www-form-urlencoded', ...this.#login() };
  }

  /** Writes one line of line protocol, its time in milliseconds, into the default retention policy. */
  async write(database: string, line: string): Promise<void> {
    const target = new URLSearchParams({ db: database, precision: 'ms' });
    await this.#request(`/write?${target}`, line, 'POST');
  }

  async #request(
    path: string,
    body: string,
    method: 'GET' | 'POST',
    started?: (headers: Record<string, unknown>) => void,
  ): Promise<unknown> {
    const { signal } = this.#options;
    const transport = new (influxdb().InfluxDB)(await this.#connection()).transport;
    const headers = this.#headers();
    const stopped = Promise.withResolvers<never>();
    const stop = () => stopped.reject(interrupted());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const answer = transport.request(path, body, { method, headers, signal }, started);
      return await Promise.race([answer, stopped.promise]);
    } catch (error) {
      throw named(error);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #connection() {
    const { through } = this.#options;
    // The url's host is only a name: the connection is made by the socket or by `connect`.
    const base = { url: 'http://localhost', timeout: silenceMs };
    if ('socketPath' in through) return { ...base, transportOptions: { socketPath: await through.socketPath() } };
    return { ...base, transportOptions: { agent: agentOf(through.connect) } };
  }

  #login(): Record<string, string> {
    const { user, password } = this.#options;
    if (user === undefined || password === undefined) return {};
    return { authorization: `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}` };
  }
}

const maxLineChars = 16 * 1024 * 1024;

/** A chunked answer is one JSON object a line. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineChars) throw new FiredrillError('TOOL_FAILED', 'one chunk of the answer is too large');
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function valuesOf(line: string): Value[][] {
  if (line.trim() === '') return [];
  const answer = answerSchema.safeParse(parsed(line));
  if (!answer.success) throw new FiredrillError('TOOL_FAILED', 'InfluxDB gave an answer that cannot be read');
  const { results, error } = answer.data;
  const refusal = error ?? results.find((each) => each.error !== undefined)?.error;
  if (refusal !== undefined) throw refused(refusal);
  return results.flatMap(({ series }) =>
    series.flatMap(({ columns, values }) => values.map((row) => row.filter((_, i) => columns[i] !== 'time'))),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function interrupted() {
  return new FiredrillError('INTERRUPTED', 'a query of InfluxDB was interrupted');
}

/** An agent whose connections are opened by a host: through a container's address or an ssh tunnel. */
function agentOf(connect: () => Promise<Duplex>): Agent {
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = (_options, done) => {
    connect().then(
      (stream) => done?.(null, asSocket(stream)),
      (error: Error) => done?.(error, undefined as never),
    );
    return undefined as never;
  };
  return agent;
}

/** Node's HTTP client sets options that only sockets of the machine have; a tunnel needs none of them. */
function asSocket(stream: Duplex): Duplex {
  const nothing = () => stream;
  const missing = ['setTimeout', 'setNoDelay', 'setKeepAlive', 'ref', 'unref'].filter((name) => !(name in stream));
  return Object.assign(stream, Object.fromEntries(missing.map((name) => [name, nothing])));
}

function refused(text: string): FiredrillError {
  const why = plainLine(text);
  if (/authori[sz]|authenticat|privilege/i.test(text))
    return new FiredrillError('SOURCE_DENIED', `InfluxDB refused: ${why}`);
  return new FiredrillError('TOOL_FAILED', `InfluxDB could not do it: ${why}`);
}

function named(error: unknown): FiredrillError {
  if (error instanceof FiredrillError) return error;
  if (error instanceof influxdb().HttpError) {
    if (error.statusCode === 401 || error.statusCode === 403) return refused(`authentication: ${error.message}`);
    return refused(`status ${error.statusCode}: ${error.message}`);
  }
  return new FiredrillError('SOURCE_UNREACHABLE', `InfluxDB does not answer: ${plainLine(messageOf(error))}`, {
    cause: error,
  });
}
