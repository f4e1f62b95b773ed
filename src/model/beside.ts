/**
 * The name of a database that stands beside a live one after a restore of a part: `shop_restored_20261124T103107Z`.
 * @param maxChars the engine's own limit of a name
 */
export function nameBeside(database: string, stamp: string, maxChars: number): string {
  const suffix = `_restored_${stamp}`;
  return `${[...database].slice(0, maxChars - suffix.length).join('')}${suffix}`;
}
