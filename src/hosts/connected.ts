import { once } from 'node:events';
import type { Socket } from 'node:net';
import { FiredrillError, messageOf } from '../kit/errors.ts';

const connectMs = 10_000;

/** Waits until a socket is connected, at most 10 seconds; SOURCE_UNREACHABLE else. */
export async function connected(socket: Socket, what: string): Promise<Socket> {
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(connectMs) });
    return socket;
  } catch (cause) {
    socket.destroy();
    const why = socket.connecting || (cause as Error).name === 'AbortError' ? 'no answer' : messageOf(cause);
    throw new FiredrillError('SOURCE_UNREACHABLE', `cannot connect to ${what}: ${why}`, { cause });
  }
}
