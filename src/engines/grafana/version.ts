const standInMark = '-stand-in';

/** As an image's tag: `7.5.5-stand-in` → `7.5.5`, `11.6.0+security-01` → `11.6.0-security-01`. */
export const imageTagOf = (version: string) => version.replace(standInMark, '').replaceAll('+', '-');

export const isStandIn = (version: string) => version.includes(standInMark);

/** A database of another minor version is migrated when it starts, or, when it is newer, taken without a word. */
export function sameMinor(recorded: string, found: string): boolean {
  const [a, b] = [recorded, found].map((version) => /^(\d+\.\d+)\./.exec(version)?.[1]);
  return a !== undefined && a === b;
}

/** Whether `found` is of an earlier minor version than `recorded`. */
export function isOlder(found: string, recorded: string): boolean {
  const [a, b] = [found, recorded].map((version) => version.split('.').slice(0, 2).map(Number));
  const [major = 0, minor = 0] = a ?? [];
  const [least = 0, leastMinor = 0] = b ?? [];
  return major < least || (major === least && minor < leastMinor);
}

export const majorOf = (version: string) => Number.parseInt(version, 10);
