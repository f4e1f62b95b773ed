/** What takes long to load, loaded at its first use: most commands need only a few of all packages. */
export function lazily<T>(load: () => T): () => T {
  let loaded: { value: T } | undefined;
  return () => {
    loaded ??= { value: load() };
    return loaded.value;
  };
}
