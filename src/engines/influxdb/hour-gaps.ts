/** Hours without points where there usually are some. Pure: hours are numbers since 1970. */

export interface Gap {
  /** The first hour without points. */
  from: number;
  /** The first one after it that is not among them. */
  to: number;
}

const dayHours = 24;
const weekHours = 7 * dayHours;
/** Gaps from before then were told by earlier drills. */
const recentHours = weekHours;
/** Of the same hour in the week, and of the same hour of the days before, so many must have had points. */
const mostly = 0.75;

/**
 * New gaps of the last week, oldest first: of at least two hours that usually have points (who reports once an hour may step
 * over one), and clearly more than in any gap before. `filled`: the hours that have points; `until`: the first hour that is not complete. Data of less than eight days has no
 * rhythm that could be known.
 */
export function newGaps(filled: ReadonlySet<number>, until: number): Gap[] {
  const known = [...filled].filter((hour) => hour < until).sort((a, b) => a - b);
  const [first] = known;
  if (first === undefined || until - first < weekHours + dayHours) return [];
  const missed = gapsBetween([...known, until]).map((gap) => ({ gap, hours: expectedIn(gap, filled, first) }));
  const [recent, older] = [missed.filter(isRecent(until)), missed.filter((each) => !isRecent(until)(each))];
  const usual = Math.max(0, ...older.map(({ hours }) => hours));
  return recent.filter(({ hours }) => hours > 1.5 * usual + 1).map(({ gap }) => gap);
}

const isRecent =
  (until: number) =>
  ({ gap }: { gap: Gap }) =>
    gap.to > until - recentHours;

/** Between neighbours in an ascending list of hours. */
function gapsBetween(hours: readonly number[]): Gap[] {
  return hours.slice(1).flatMap((to, i) => {
    const from = (hours[i] ?? to) + 1;
    return from < to ? [{ from, to }] : [];
  });
}

/** How many hours of a gap usually have points. */
function expectedIn({ from, to }: Gap, filled: ReadonlySet<number>, first: number): number {
  let n = 0;
  for (let hour = from; hour < to; hour += 1) if (isExpected(hour, from, filled, first)) n += 1;
  return n;
}

/** By the weeks before, and by the days before the gap. */
function isExpected(hour: number, gapFrom: number, filled: ReadonlySet<number>, first: number): boolean {
  const weeksBefore = before(hour, weekHours, first, gapFrom);
  if (weeksBefore.length === 0 || !filled.has(weeksBefore[0] ?? Number.NaN)) return false;
  const daysBefore = before(hour, dayHours, Math.max(first, gapFrom - weekHours), gapFrom);
  return [weeksBefore, daysBefore].every((hours) => shareOf(hours, filled) >= mostly);
}

/** The same hour, so many hours earlier each, from `first` on and before the gap; the latest first. */
function before(hour: number, step: number, first: number, gapFrom: number): number[] {
  const hours: number[] = [];
  for (let each = hour - step; each >= first; each -= step) if (each < gapFrom) hours.push(each);
  return hours;
}

function shareOf(hours: readonly number[], filled: ReadonlySet<number>): number {
  return hours.length === 0 ? 1 : hours.filter((hour) => filled.has(hour)).length / hours.length;
}
