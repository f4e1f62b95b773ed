import { setTimeout as sleep } from 'node:timers/promises';

/** Lets so many bytes pass in a second, of all who take from it. */
export class Throttle {
  readonly #bytesPerMs: number;
  #freeAtMs = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  async take(bytes: number): Promise<void> {
    const nowMs = performance.now();
    const waitMs = this.#freeAtMs - nowMs;
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + bytes / this.#bytesPerMs;
    if (waitMs > 0) await sleep(waitMs);
  }
}
