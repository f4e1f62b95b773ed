/** Walks keys in ascending order of their bytes. */
export interface SortedCursor {
  key: Buffer;
  /** Moves to the next key; false after the last one. */
  next(): Promise<boolean>;
}

/** Walks several cursors at once: for each key, in order, those that hold it. Memory is that of the cursors. */
export async function* mergeSorted<C extends SortedCursor>(cursors: readonly C[]): AsyncGenerator<C[], void, void> {
  let live: C[] = [];
  for (const cursor of cursors) if (await cursor.next()) live.push(cursor);
  while (live.length > 0) {
    const least = live.reduce((a, b) => (Buffer.compare(b.key, a.key) < 0 ? b : a)).key;
    const group = live.filter((cursor) => cursor.key.equals(least));
    yield group;
    const ended = new Set<C>();
    for (const cursor of group) if (!(await cursor.next())) ended.add(cursor);
    if (ended.size > 0) live = live.filter((cursor) => !ended.has(cursor));
  }
}
