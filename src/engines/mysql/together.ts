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
