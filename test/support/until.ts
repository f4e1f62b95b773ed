import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until `look` returns something other than undefined; throws after `deadlineMs`. */
export async function until<T>(what: string, look: () => Promise<T | undefined>, deadlineMs = 15_000): Promise<T> {
  for (const end = performance.now() + deadlineMs; performance.now() < end; await sleep(25)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what} did not happen within ${deadlineMs} ms`);
}
