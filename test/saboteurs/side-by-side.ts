/** As many as drills go well side by side on two cores. */
export const lanes = 2;

/**
 * Works through `items` in their order, some side by side; the promises are in that order as well. What one throws is its
 * own promise's alone.
 */
export function sideBySide<T, R>(items: readonly T[], lanes: number, work: (item: T) => Promise<R>): Promise<R>[] {
  const results = items.map(() => Promise.withResolvers<R>());
  // Whoever waits for one of them hears of it then.
  for (const { promise } of results) promise.catch(() => {});
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < items.length; at = next++) {
      await work(items[at] as T).then(results[at]?.resolve, results[at]?.reject);
    }
  };
  for (let i = 0; i < lanes; i += 1) void lane();
  return results.map(({ promise }) => promise);
}
