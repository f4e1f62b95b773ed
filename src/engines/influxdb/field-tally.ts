import { dayName, dayOf, instantOf, nsPerDay } from './instants.ts';

/** Counts the points of one field of one measurement, over all its series. */
export class FieldTally {
  readonly name: string;
  readonly types = new Set<string>();
  series = 0;
  points = 0;
  /** The newest point that is not later than the dump. */
  newest: bigint | undefined;
  #first: bigint | undefined;
  #last: bigint | undefined;
  readonly #days = new Map<number, number>();
  /** The day of the point before, and its bounds: most points are of the same day. */
  #day = 0;
  #dayStart = 0n;
  #dayEnd = 0n;

  constructor(name: string) {
    this.name = name;
  }

  /** Returns how many days came new. */
  add(min: bigint, max: bigint, count: number, dumpedAt: bigint): number {
    const known = this.#days.size;
    if (min < this.#dayStart || min >= this.#dayEnd) this.#moveTo(min);
    this.#days.set(this.#day, (this.#days.get(this.#day) ?? 0) + count);
    this.points += count;
    if (this.#first === undefined || min < this.#first) this.#first = min;
    if (this.#last === undefined || max > this.#last) this.#last = max;
    if (max <= dumpedAt && (this.newest === undefined || max > this.newest)) this.newest = max;
    return this.#days.size - known;
  }

  facts() {
    const days = [...this.#days].sort(([a], [b]) => a - b).map(([day, count]) => [dayName(day), count] as const);
    return {
      name: this.name,
      types: [...this.types].sort(),
      series: this.series,
      points: this.points,
      first: instantOf(this.#first ?? 0n),
      last: instantOf(this.#last ?? 0n),
      days: Object.fromEntries(days),
    };
  }

  #moveTo(at: bigint) {
    this.#day = dayOf(at);
    this.#dayStart = BigInt(this.#day) * nsPerDay;
    this.#dayEnd = this.#dayStart + nsPerDay;
  }
}
