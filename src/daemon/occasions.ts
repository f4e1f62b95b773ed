import { type Cron, happensOn } from '../kit/cron.ts';
import { offsetMsAt } from './zone-offset.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** 29 February of a leap year, over the year 2100, which is none. */
const farthestDays = 8 * 366;

/**
 * The instants at which something is to happen, by a cron expression in a time zone. Across clock changes:
 * - An expression that names hours happens once for each local time that it names, on each date: what is skipped in spring
 *   happens as long after the one before as on any day, what comes twice in autumn happens the first time. So there is exactly
 *   one night per date, and 24 hours before it the one before.
 * - One that allows every hour happens whenever the clock shows its minute: each hour of real time.
 */
export class Occasions {
  readonly #cron: Cron;
  readonly #timeZone: string;
  /** Of the dates that were asked for last: nearly always the next question is about them again. */
  readonly #known = new Map<number, readonly number[]>();

  constructor(cron: Cron, timeZone: string) {
    this.#cron = cron;
    this.#timeZone = timeZone;
  }

  /** The newest one that is not after `now`. */
  last(now: Date): Date | undefined {
    const today = this.#dateOf(now);
    for (let date = today; date > today - farthestDays * dayMs; date -= dayMs) {
      const found = this.#around(date).findLast((instant) => instant <= now.getTime());
      if (found !== undefined) return new Date(found);
    }
    return undefined;
  }

  /** The first one after an instant. */
  next(after: Date): Date | undefined {
    const today = this.#dateOf(after);
    for (let date = today; date < today + farthestDays * dayMs; date += dayMs) {
      const found = this.#around(date).find((instant) => instant > after.getTime());
      if (found !== undefined) return new Date(found);
    }
    return undefined;
  }

  /** Those after the one instant and before the other; at most `limit`, the oldest. */
  between(after: Date, before: Date, limit = 1000): Date[] {
    const found: Date[] = [];
    for (let at = this.next(after); at && at < before && found.length < limit; at = this.next(at)) found.push(at);
    return found;
  }

  /** The local date, as its UTC midnight. */
  #dateOf(instant: Date): number {
    const local = instant.getTime() + offsetMsAt(instant.getTime(), this.#timeZone);
    return local - mod(local, dayMs);
  }

  /** Of a date and the one before, whose last ones may happen after midnight, where the clock skips the hour before it. */
  #around(date: number): readonly number[] {
    return [...this.#on(date - dayMs), ...this.#on(date)].sort((a, b) => a - b);
  }

  /** Those of one local date, ascending, each once. */
  #on(date: number): readonly number[] {
    const known = this.#known.get(date);
    if (known) return known;
    if (this.#known.size >= 3) this.#known.clear();
    const instants = this.#reckoned(date);
    this.#known.set(date, instants);
    return instants;
  }

  #reckoned(date: number): number[] {
    if (!happensOn(this.#cron, new Date(date))) return [];
    const { hours, minutes } = this.#cron;
    const local = hours.flatMap((hour) => minutes.map((minute) => date + (hour * 60 + minute) * minuteMs));
    const isEveryHour = hours.length === 24;
    // Wherever on Earth, that date has begun after the first of these and has ended before the second.
    const offsets = [date - dayMs, date + 2 * dayMs].map((instant) => offsetMsAt(instant, this.#timeZone));
    const instants = local.flatMap((time) => this.#instantsOf(time, offsets, isEveryHour));
    return [...new Set(instants)].sort((a, b) => a - b);
  }

  #instantsOf(local: number, [before = 0, after = 0]: readonly number[], isEveryHour: boolean): number[] {
    if (before === after) return [local - before];
    const shown = [before, after]
      .map((offset) => local - offset)
      .filter((instant) => instant + offsetMsAt(instant, this.#timeZone) === local);
    if (isEveryHour) return shown;
    return shown.length === 0 ? [local - before] : [Math.min(...shown)];
  }
}

/** Never negative: there are instants before 1970. */
const mod = (value: number, by: number) => ((value % by) + by) % by;
