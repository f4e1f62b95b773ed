import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { AxiosInstance, AxiosStatic } from 'axios';
import { FiredrillError, messageOf } from '../../kit/errors.ts';
import { lazily } from '../../kit/lazily.ts';
import { plainLine } from '../../kit/text.ts';
import type { Secret } from '../../model/secret.ts';

const require = createRequire(import.meta.url);
const axios = lazily(() => require('axios') as AxiosStatic);

/** Several answers are in memory at once; the largest dashboards have a few MB. */
const maxAnswerBytes = 16 * 1024 * 1024;
const answerMs = 30_000;

/** Everything is judged here: no answer throws for its status, none is followed elsewhere, none is parsed on the way. */
const strict = {
  baseURL: 'http://grafana',
  timeout: answerMs,
  maxContentLength: maxAnswerBytes,
  maxRedirects: 0,
  proxy: false,
  responseType: 'text',
  transformResponse: (text: unknown) => text,
  validateStatus: () => true,
} as const;

export interface Answer {
  status: number;
  /** Parsed JSON; undefined when it is none. Untrusted. */
  body: unknown;
}

/** Asks a restored Grafana through its unix socket. Safe to use several times at once. */
export class GrafanaClient {
  readonly #http: AxiosInstance;
  readonly #socketPath: () => Promise<string>;
  readonly #signal: AbortSignal;

  constructor(socketPath: () => Promise<string>, signal: AbortSignal, login?: { username: string; password: string }) {
    this.#http = axios().create({ ...strict, ...(login && { auth: login }) });
    this.#socketPath = socketPath;
    this.#signal = signal;
  }

  /** RESTORE_FAILED when there is no answer. */
  async get(path: string, orgId?: number): Promise<Answer> {
    const socketPath = await this.#socketPath();
    const headers = orgId === undefined ? {} : { 'X-Grafana-Org-Id': String(orgId) };
    try {
      const { status, data } = await this.#http.get(path, { socketPath, headers, signal: this.#signal });
      return { status, body: parsed(data) };
    } catch (cause) {
      if (this.#signal.aborted) throw new FiredrillError('INTERRUPTED', 'the restored Grafana was asked no further');
      // axios's error holds the request, its password included: only its message goes on.
      const sentence = `the restored Grafana gave no answer to ${path}: ${plainLine(messageOf(cause), 200)}`;
      throw new FiredrillError('RESTORE_FAILED', sentence);
    }
  }
}

/** How a live Grafana is reached: a new connection for each question. */
export interface LiveDoor {
  connect(): Promise<Duplex>;
  scheme: 'http' | 'https';
  signal: AbortSignal;
}

/** The version that a live Grafana says. SOURCE_UNREACHABLE when it says none. */
export async function askVersion(door: LiveDoor): Promise<string> {
  const { body } = await askLive(door, '/api/health');
  const version = (body as { version?: unknown } | undefined)?.version;
  if (typeof version === 'string' && /^\d+\.\d+/.test(version)) return version.slice(0, 64);
  throw new FiredrillError('SOURCE_UNREACHABLE', 'what answers at /api/health is no Grafana that tells its version');
}

/**
 * Asks a live Grafana, with an API token where there is one. SOURCE_UNREACHABLE when it gives no answer.
 * @param posted what is sent; absent: it is only asked
 */
export async function askLive(
  { connect, scheme, signal }: LiveDoor,
  path: string,
  token?: Secret,
  posted?: object,
): Promise<Answer> {
  const headers = {
    ...(token && { authorization: `Bearer ${token.reveal()}` }),
    ...(posted && { 'content-type': 'application/json' }),
  };
  const connection = await connect();
  // Its certificate names no loopback address; the host is who it is by its own key, or this machine.
  const socket =
    scheme === 'https' ? tlsConnect({ socket: connection, rejectUnauthorized: false }) : asSocket(connection);
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = () => socket;
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
  try {
    const body = posted ? { method: 'post', data: JSON.stringify(posted) } : { method: 'get' };
    const request = { ...strict, ...body, url: path, headers, httpAgent: agent, signal: inTime };
    const { status, data } = await axios().request(request);
    return { status, body: parsed(data) };
  } catch (cause) {
    if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'Grafana was asked no further');
    // axios's error holds the request, its token included: only its message goes on.
    const [shown] = path.split('?');
    throw new FiredrillError('SOURCE_UNREACHABLE', `${shown} gave no answer: ${plainLine(messageOf(cause), 200)}`);
  } finally {
    connection.destroy();
  }
}

/** Node's HTTP client also tunes its socket; a channel of ssh has nothing to tune. */
function asSocket(connection: Duplex): Duplex {
  const same = () => connection;
  const tuning = { setTimeout: same, setNoDelay: same, setKeepAlive: same, ref: same, unref: same };
  return 'setNoDelay' in connection ? connection : Object.assign(connection, tuning);
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
