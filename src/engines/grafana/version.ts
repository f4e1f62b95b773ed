const standInMark = '-stand-in';

/** As an image's tag: `7.5.5-stand-in` → `7.5.5`, `11.6.0+security-01` → `11.6.0-security-01`. */
export const imageTagOf = (version: string) => version.replace(standInMark, '').replaceAll('+', '-');

export const isStandIn = (version: string) => version.includes(standInMark);

/** A database of another minor version is migrated when it starts, or, when it is newer, taken without a word. */
export function sameMinor(recorded: string, found: string): boolean {
  const [a, b] = [recorded, found].map((version) => /^(\d+\.\d+)\./.exec(version)?.[1]);
  return a !== undefined && a === b;
}

export const majorOf = (version: string) => Number.parseInt(version, 10);
