import { setImmediate } from 'node:timers/promises';

const longestMs = 50;

/**
 * For long work on bytes that never waits for anything: lets everything else of this process run now and then, so that it can
 * be stopped. Awaiting what is there already would let nobody in.
 */
export class Breath {
  readonly #signal: AbortSignal | undefined;
  #last = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** true when the work must stop. */
  async isLast(): Promise<boolean> {
    if (performance.now() - this.#last < longestMs) return false;
    await setImmediate();
    this.#last = performance.now();
    return this.#signal?.aborted === true;
  }
}
