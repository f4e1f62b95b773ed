import { dayName, dayOf, hourOf, nsPerHour } from './instants.ts';

/** Values of each of a day's 24 hours, by UTC day; days without any are left out. */
export type Hours = Record<string, number[]>;

/** So many days before that of the dump, and it, are told by the hour. */
const daysBefore = 7;
/** A shard that does not change is told once for all members of a week: also what was dated ahead. */
const daysAfter = 9;

/** The hours that facts of a dump at `dumpedAt` (ns since 1970) tell, as days since 1970; `end` is not among them. */
export function toldDays(dumpedAt: bigint): { start: number; end: number } {
  const day = dayOf(dumpedAt);
  return { start: day - daysBefore, end: day + daysAfter };
}

/** The days whose hours are compared after a restore of a dump at `dumpedAt`; the last one is that of the dump. */
export function comparedDays(dumpedAt: bigint): string[] {
  const day = dayOf(dumpedAt);
  return Array.from({ length: daysBefore + 1 }, (_, i) => dayName(day - daysBefore + i));
}

/** Counts values by the hour, in the days that are told. */
export class HourTally {
  readonly #counts = new Map<number, number>();
  readonly #start: bigint;
  readonly #end: bigint;

  constructor(dumpedAt: bigint) {
    const { start, end } = toldDays(dumpedAt);
    this.#start = BigInt(24 * start) * nsPerHour;
    this.#end = BigInt(24 * end) * nsPerHour;
  }

  tells(ns: bigint): boolean {
    return ns >= this.#start && ns < this.#end;
  }

  /** `count` values of one hour, the first at `ns`. Returns how many hours came new. */
  add(ns: bigint, count: number): number {
    if (!this.tells(ns)) return 0;
    const hour = hourOf(ns);
    const known = this.#counts.get(hour);
    this.#counts.set(hour, (known ?? 0) + count);
    return known === undefined ? 1 : 0;
  }

  facts(): Hours {
    return hoursFrom(this.#counts);
  }
}

/** By hour since 1970 → by day. */
export function hoursFrom(counts: ReadonlyMap<number, number>): Hours {
  const hours: Hours = {};
  for (const [hour, count] of [...counts].sort(([a], [b]) => a - b)) {
    const day = dayName(Math.floor(hour / 24));
    hours[day] ??= new Array<number>(24).fill(0);
    hours[day][((hour % 24) + 24) % 24] = count;
  }
  return hours;
}

/** The sums of parts that share no points; undefined where one of them does not tell its hours. */
export function composeHours(parts: readonly (Hours | undefined)[]): Hours | undefined {
  const sums = new Map<string, number[]>();
  for (const part of parts) {
    if (part === undefined) return undefined;
    for (const [day, counts] of Object.entries(part)) {
      sums.set(
        day,
        counts.map((count, i) => count + (sums.get(day)?.[i] ?? 0)),
      );
    }
  }
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}
