/** RFC 6901: `/0/title`; empty for the whole. */
export const jsonPointerPattern = /^(\/([^~]|~[01])*)?$/;

/** The part of parsed JSON that a pointer names; undefined when there is none. */
export function partAt(body: unknown, pointer: string): unknown {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce<unknown>((part, key) => {
    const isIn = part !== null && typeof part === 'object' && Object.hasOwn(part, key);
    return isIn ? (part as Record<string, unknown>)[key] : undefined;
  }, body);
}
