import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A link to a port of this machine that a test can cut. */
export interface CuttingProxy extends AsyncDisposable {
  port: number;
  /** After how many bytes, to and fro, each further connection is cut; undefined: it holds. */
  cutAfter: () => number | undefined;
  /** How many connections were cut. */
  cuts: number;
  /** What flowed to the server since the start. */
  sentBytes: number;
  /** What flowed back. */
  receivedBytes: number;
}

export async function cuttingProxy(to: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    let left = proxy.cutAfter();
    const cut = () => {
      for (const socket of [client, upstream]) socket.resetAndDestroy();
    };
    const pass = (from: Socket, into: Socket, seen: (bytes: number) => void) => {
      open.add(from);
      from.on('error', () => into.destroy());
      from.once('close', () => {
        open.delete(from);
        into.destroy();
      });
      from.on('data', (chunk: Buffer) => {
        seen(chunk.length);
        if (left !== undefined && chunk.length >= left) {
          proxy.cuts += 1;
          // What fits goes through, so that it is the byte where it is cut.
          into.write(chunk.subarray(0, left), cut);
          left = Number.POSITIVE_INFINITY;
          return;
        }
        if (left !== undefined) left -= chunk.length;
        if (!into.write(chunk)) {
          from.pause();
          into.once('drain', () => from.resume());
        }
      });
    };
    pass(client, upstream, (bytes) => {
      proxy.sentBytes += bytes;
    });
    pass(upstream, client, (bytes) => {
      proxy.receivedBytes += bytes;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: CuttingProxy = {
    port: (server.address() as AddressInfo).port,
    cutAfter: () => undefined,
    cuts: 0,
    sentBytes: 0,
    receivedBytes: 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
