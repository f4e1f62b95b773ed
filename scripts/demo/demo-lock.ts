import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { FiredrillError, systemCode } from '../../src/kit/errors.ts';

/** An abstract unix socket (unix(7)): it is gone with its process, however that ended, and no file is left. */
export const lockName = '\0firedrill-demo';

/** Holds the one demo of this machine until it is disposed of; LOCKED, with the other's process, when there is one. */
export async function lockDemo(name = lockName): Promise<AsyncDisposable> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(String(process.pid));
  });
  try {
    await once(server.listen(name), 'listening');
  } catch (cause) {
    if (systemCode(cause) !== 'EADDRINUSE') throw cause;
    throw new FiredrillError('LOCKED', `another demo is running on this machine (process ${await holder(name)})`, {
      hint: 'Wait for it to end, then run: npm run demo',
    });
  }
  // The lock alone keeps nobody from ending.
  server.unref();
  return { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

async function holder(name: string): Promise<string> {
  const socket = connect(name);
  socket.setTimeout(2_000, () => socket.destroy());
  return text(socket).catch(() => 'unknown');
}
