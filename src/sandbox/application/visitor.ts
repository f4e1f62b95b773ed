import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { FiredrillError, isFiredrillError, messageOf } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import { formatBytes, formatDuration } from '../../kit/units.ts';
import type { Page } from '../../model/application.ts';
import { Cookies } from './cookies.ts';

/** Of an answer no more is read. */
const maxAnswerBytes = 4 * 1024 * 1024;
const maxHeaderBytes = 64 * 1024;
const maxRedirects = 5;

export interface Visit {
  method: string;
  /** With its query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
  followRedirects: boolean;
  withinMs: number;
}

/** Why there is no page, in words: what the application did, never what the drill's own world did. */
export interface Refusal {
  refusal: string;
}

/** Asks one server by HTTP, with cookies and redirects as a browser has them. Everything that it answers is bounded. */
export class Visitor {
  readonly #connect: () => Promise<Duplex>;
  readonly #host: string;
  readonly #cookies = new Cookies();

  /** @param connect opens a connection to it; SOURCE_UNREACHABLE when nobody listens there */
  constructor(port: number, connect: () => Promise<Duplex>) {
    this.#host = `localhost:${port}`;
    this.#connect = connect;
  }

  /** Throws SANDBOX_FAILED, DOCKER_UNAVAILABLE, and INTERRUPTED when `signal` was aborted. */
  async visit(visit: Visit, signal: AbortSignal): Promise<Page | Refusal> {
    const tooLong = AbortSignal.timeout(visit.withinMs);
    const until = AbortSignal.any([signal, tooLong]);
    let next = visit;
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      const answer = await this.#ask(next, until);
      if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'the application was asked no further');
      if (tooLong.aborted) return { refusal: `it took longer than ${formatDuration(visit.withinMs)}` };
      if ('refusal' in answer) return answer;
      const { status, text, location } = answer;
      if (!visit.followRedirects || location === undefined || ![301, 302, 303, 307, 308].includes(status)) {
        return { status, text };
      }
      const path = this.#pathOf(location, next.path);
      if (path === undefined)
        return { refusal: `it sends to ${plainLine(location, 100)}, which is not the application` };
      next = status === 307 || status === 308 ? { ...next, path } : asGet(next, path);
    }
    return { refusal: `it redirects more than ${maxRedirects} times` };
  }

  async #ask(visit: Visit, until: AbortSignal): Promise<(Page & { location: string | undefined }) | Refusal> {
    if (until.aborted) return { refusal: 'there was no time left' };
    const stream = await this.#open();
    if ('refusal' in stream) return stream;
    try {
      const message = await this.#send(visit, stream, until);
      this.#cookies.keep(message.headers['set-cookie'] ?? []);
      return { status: message.statusCode ?? 0, location: message.headers.location, text: await textOf(message) };
    } catch (error) {
      return { refusal: plainLine(messageOf(error), 200) };
    } finally {
      stream.destroy();
    }
  }

  async #open(): Promise<Duplex | Refusal> {
    try {
      const stream = await this.#connect();
      // Told by the request that it carries.
      return stream.on('error', () => {});
    } catch (error) {
      if (isFiredrillError(error, 'SOURCE_UNREACHABLE')) return { refusal: 'nobody answers on its port' };
      if (isFiredrillError(error, 'DOCKER_UNAVAILABLE', 'INTERRUPTED')) throw error;
      const sentence = `the application could not be asked: ${messageOf(error)}`;
      throw new FiredrillError('SANDBOX_FAILED', sentence, { cause: error });
    }
  }

  #send({ method, path, headers, body }: Visit, stream: Duplex, signal: AbortSignal): Promise<IncomingMessage> {
    const cookie = this.#cookies.header();
    const own = {
      Host: this.#host,
      'User-Agent': 'firedrill',
      Accept: '*/*',
      'Accept-Encoding': 'identity',
      Connection: 'close',
      ...(cookie === undefined ? {} : { Cookie: cookie }),
      ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const options = { method, path, headers: own, setHost: false, maxHeaderSize: maxHeaderBytes, signal };
      const asked = request({ ...options, createConnection: () => stream }, resolve);
      const nothing = (why: string) => () => reject(new FiredrillError('RESTORE_FAILED', why));
      asked.on('error', (error: NodeJS.ErrnoException) => reject(sayWhy(error)));
      asked.on('upgrade', nothing('it answers in another protocol'));
      asked.on('close', nothing('it closed the connection without an answer'));
      asked.end(body);
    });
  }

  /** Where a redirect leads; undefined for anywhere but the application. */
  #pathOf(location: string, from: string): string | undefined {
    const base = `http://${this.#host}`;
    if (!URL.canParse(location, `${base}${from}`)) return undefined;
    const { protocol, hostname, port, host, pathname, search } = new URL(location, `${base}${from}`);
    const isHere =
      host === this.#host || (['127.0.0.1', '[::1]'].includes(hostname) && `localhost:${port}` === this.#host);
    return protocol === 'http:' && isHere ? `${pathname}${search}` : undefined;
  }
}

/** A browser asks for the page behind a form by GET. */
function asGet(visit: Visit, path: string): Visit {
  const headers = Object.fromEntries(Object.entries(visit.headers).filter(([name]) => !/^content-/i.test(name)));
  return { ...visit, method: 'GET', path, headers, body: undefined };
}

function sayWhy(error: NodeJS.ErrnoException): FiredrillError {
  const isHttp = error.code?.startsWith('HPE_') ?? false;
  const why = isHttp ? `what it says is no HTTP (${error.message})` : 'it closed the connection without an answer';
  return new FiredrillError('RESTORE_FAILED', why, { cause: error });
}

async function textOf(message: IncomingMessage): Promise<string> {
  const encoding = message.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw new FiredrillError('RESTORE_FAILED', `its answer is packed (${encoding}), unasked`);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxAnswerBytes) {
      throw new FiredrillError('RESTORE_FAILED', `its answer is longer than ${formatBytes(maxAnswerBytes)}`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
