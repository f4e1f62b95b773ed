/** What differs, in a few words; undefined where nothing does, which takes that there is something. */
export function differenceOf(expected: readonly string[], found: readonly string[]): string | undefined {
  if (expected.length === 0) return 'there was nothing to compare with';
  const there = new Set(found);
  const missing = expected.filter((line) => !there.has(line));
  if (missing.length === 0 && found.length === expected.length) return undefined;
  const example = missing[0] ?? found.find((line) => !expected.includes(line)) ?? '';
  return `${missing.length} of ${expected.length} values are not as at the source, such as ${example.replace('\t', ': ')}`;
}
