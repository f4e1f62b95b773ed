import { createServer } from 'node:http';

export interface ReceivedPost {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface HttpSink extends AsyncDisposable {
  /** Without a slash at its end. */
  url: string;
  received: ReceivedPost[];
}

/** An HTTP server on loopback that keeps what it gets. It answers 200, or what `statuses` says, one after the other; 0: never. */
export async function httpSink(statuses: number[] = [], headers: Record<string, string> = {}): Promise<HttpSink> {
  const received: ReceivedPost[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      received.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
      const status = statuses.shift() ?? 200;
      if (status > 0) response.writeHead(status, headers).end('OK');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    received,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
