/** Time as the program sees it. `now` is for instants that are written down, `monotonicMs` for every duration. */
export interface Clock {
  now(): Date;
  /** Milliseconds since an arbitrary moment; never steps back when the wall clock is set. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

/** `2026-11-22T01:30:00.000Z` → `20261122T013000Z`, the form in member names. */
export function compactInstant(instant: Date): string {
  return instant
    .toISOString()
    .replace(/\.\d{3}/, '')
    .replaceAll(/[-:]/g, '');
}

/** The inverse of `compactInstant`; undefined when the text is not such an instant. */
export function parseCompactInstant(text: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const [, y, mo, d, h, mi, s] = parts;
  const instant = new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}.000Z`);
  return Number.isNaN(instant.getTime()) || compactInstant(instant) !== text ? undefined : instant;
}
