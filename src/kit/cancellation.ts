/**
 * Ends whatever waits on it. A promise of "cancelled" that all of them raced against would hold the result of each of them for as long as
 * it lives itself.
 */
export class Cancellation {
  readonly #waiting = new Set<(error: unknown) => void>();
  #cancelled: { error: unknown } | undefined;

  /** All that is raced, now or later, rejects with this; the first one counts. */
  cancel(error: unknown): void {
    this.#cancelled ??= { error };
    for (const giveUp of this.#waiting) giveUp(this.#cancelled.error);
  }

  async race<T>(work: Promise<T>): Promise<T> {
    const { promise: cancelled, reject: giveUp } = Promise.withResolvers<never>();
    if (this.#cancelled) giveUp(this.#cancelled.error);
    this.#waiting.add(giveUp);
    try {
      return await Promise.race([work, cancelled]);
    } finally {
      this.#waiting.delete(giveUp);
    }
  }
}
