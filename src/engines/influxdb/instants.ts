const nsPerMs = 1_000_000n;
const nsPerSecond = 1_000_000_000n;
export const nsPerHour = 3_600n * nsPerSecond;
export const nsPerDay = 86_400n * nsPerSecond;

/** Number of the UTC day since 1970, also before it. */
export function dayOf(ns: bigint): number {
  return flooredBy(nsPerDay, ns);
}

/** Number of the hour since 1970, also before it. */
export function hourOf(ns: bigint): number {
  return flooredBy(nsPerHour, ns);
}

function flooredBy(unit: bigint, ns: bigint): number {
  const whole = ns / unit;
  return Number(ns % unit < 0n ? whole - 1n : whole);
}

/** `2026-11-22T03:00:00Z`, when an hour begins. */
export function hourName(hour: number): string {
  return `${new Date(hour * 3_600_000).toISOString().slice(0, 19)}Z`;
}

/** `2026-11-22`. */
export function dayName(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** ns since 1970 → `2026-11-22T01:30:00.123456789Z`, as the server's RFC 3339 with all nine digits. */
export function instantOf(ns: bigint): string {
  const fraction = ((ns % nsPerSecond) + nsPerSecond) % nsPerSecond;
  const second = new Date(Number((ns - fraction) / nsPerMs)).toISOString().slice(0, 19);
  return `${second}.${fraction.toString().padStart(9, '0')}Z`;
}

/** The inverse of `instantOf`, for any number of digits; undefined when the text is no such instant. */
export function parseInstant(text: string): bigint | undefined {
  const [, second, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text) ?? [];
  const ms = second === undefined ? Number.NaN : Date.parse(`${second}Z`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * nsPerMs + BigInt(fraction.padEnd(9, '0'));
}

export const nsOf = (instant: Date): bigint => BigInt(instant.getTime()) * nsPerMs;
