import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { FiredrillError, messageOf, systemCode } from '../kit/errors.ts';

export interface MetricsServer extends AsyncDisposable {
  /** `http://127.0.0.1:9477/metrics`. */
  url: string;
}

export interface MetricsServerOptions {
  host: string;
  /** 0: any that is free. */
  port: number;
  /** The text format of Prometheus. */
  render(): Promise<string>;
  /** A scrape that could not be answered. */
  failed?(error: unknown): void;
}

const path = '/metrics';
const contentType = 'text/plain; version=0.0.4; charset=utf-8';
const maxConnections = 20;
const requestMs = 10_000;

/** Serves metrics until it is disposed of. LISTEN_FAILED where it cannot listen. It has no login: let it listen on loopback. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, port } = options;
  const server = createServer({ requestTimeout: requestMs, headersTimeout: requestMs }, (request, response) => {
    void answer(request, response, options);
  });
  server.maxConnections = maxConnections;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, host, resolve);
  try {
    await promise;
  } catch (cause) {
    const why = systemCode(cause) === 'EADDRINUSE' ? 'something else listens there' : messageOf(cause);
    throw new FiredrillError('LISTEN_FAILED', `metrics cannot be served on ${host}:${port}: ${why}`, { cause });
  }
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}${path}`,
    [Symbol.asyncDispose]: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, { render, failed }: MetricsServerOptions) {
  const say = (status: number, text: string, type = 'text/plain; charset=utf-8') => {
    response.writeHead(status, {
      'content-type': type,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'GET only\n');
  if ((request.url ?? '').split('?')[0] !== path) return say(404, `metrics are at ${path}\n`);
  try {
    say(200, await render(), contentType);
  } catch (error) {
    failed?.(error);
    say(500, 'the metrics could not be made; firedrill says why in its own log\n');
  }
}
