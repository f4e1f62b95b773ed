import { setTimeout as sleep } from 'node:timers/promises';

/** Lets so many bytes pass in a second, of all who take from it, in the order in which they ask. */
export class Throttle {
  readonly #bytesPerMs: number;
  readonly #nowMs: () => number;
  readonly #wait: (ms: number) => Promise<unknown>;
  #freeAtMs = 0;

  constructor(bytesPerSecond: number, nowMs = () => performance.now(), wait: (ms: number) => Promise<unknown> = sleep) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#nowMs = nowMs;
    this.#wait = wait;
  }

  /** Waits until what was taken before has had its time. */
  async take(bytes: number): Promise<void> {
    const nowMs = this.#nowMs();
    const waitMs = this.#freeAtMs - nowMs;
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + bytes / this.#bytesPerMs;
    if (waitMs > 0) await this.#wait(waitMs);
  }
}
