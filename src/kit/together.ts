/**
 * Runs pieces of work side by side. After the first failure `stop` is called and all the others are waited for, so
 * that nothing goes on behind the caller's back; then that failure is thrown.
 */
export async function together<T>(works: readonly Promise<T>[], stop: (error: unknown) => unknown): Promise<T[]> {
  let failure: { error: unknown } | undefined;
  const watched = works.map((work) =>
    work.catch((error: unknown) => {
      if (!failure) {
        failure = { error };
        stop(error);
      }
      return undefined as T;
    }),
  );
  const results = await Promise.all(watched);
  if (failure) throw failure.error;
  return results;
}

/** What each lane gets. */
export interface InLane {
  /** Aborted when another lane has failed, or the whole is to end. */
  signal: AbortSignal;
  /** Ends all lanes. */
  abort: (error: unknown) => void;
}

/** As `together`, of `count` lanes that each take the next piece of work when they are done with one. */
export async function inLanes(count: number, whole: AbortSignal, work: (lane: InLane) => Promise<void>): Promise<void> {
  const failed = new AbortController();
  const abort = (error: unknown) => failed.abort(error);
  const lane = { signal: AbortSignal.any([whole, failed.signal]), abort };
  await together(
    Array.from({ length: count }, () => work(lane)),
    abort,
  );
}
