import { type TimedValue, type Trend, trendOf } from './trend.ts';

const dayMs = 86_400_000;
/** Fewer, or in a shorter time, say more about chance than about growth. */
export const leastDrills = 10;
export const leastDays = 14;
/** What was long ago says little of what comes. */
const windowMs = 180 * dayMs;
const maxValues = 200;
/** A date beyond it is none. */
const horizonMs = 3_650 * dayMs;

/** When a growing restore time crosses what is allowed. Instants are milliseconds since 1970; null: not within ten years. */
export type Forecast =
  /** Too little is known. */
  | { kind: 'too-few'; drills: number; days: number }
  /** The line through the drills lies above what is allowed already. */
  | { kind: 'over'; drills: number; levelMs: number; trend: Trend }
  /** No growth that stands out from the scatter. `earliestMs`: with the steepest growth that the drills allow for. */
  | { kind: 'steady'; drills: number; earliestMs: number | null; trend: Trend }
  /** It grows. Between `earliestMs` and `latestMs` with 95 % confidence. */
  | {
      kind: 'growing';
      drills: number;
      atMs: number | null;
      earliestMs: number | null;
      latestMs: number | null;
      trend: Trend;
    };

/**
 * `values`: restore times in milliseconds of drills that can be held against one another, in any order. Only those of the last 180
 * days before the newest, and no more than 200 of them, are looked at.
 */
export function forecastOf(values: readonly TimedValue[], objectiveMs: number): Forecast {
  const newestFirst = values.toSorted((a, b) => b.atMs - a.atMs);
  const newestMs = newestFirst[0]?.atMs ?? 0;
  const looked = newestFirst.slice(0, maxValues).filter(({ atMs }) => newestMs - atMs <= windowMs);
  const drills = looked.length;
  const days = Math.floor((newestMs - (looked.at(-1)?.atMs ?? newestMs)) / dayMs);
  const trend = drills < leastDrills || days < leastDays ? undefined : trendOf(looked);
  if (!trend) return { kind: 'too-few', drills, days };
  const levelMs = trend.valueAt(newestMs);
  if (levelMs > objectiveMs) return { kind: 'over', drills, levelMs, trend };
  const crossing = (slope: number) => crossingOf(trend, slope, objectiveMs, newestMs);
  const earliestMs = crossing(trend.high);
  if (trend.low <= 0) return { kind: 'steady', drills, earliestMs, trend };
  return { kind: 'growing', drills, atMs: crossing(trend.slope), earliestMs, latestMs: crossing(trend.low), trend };
}

/** Not before the newest drill: a steeper line may have crossed earlier, and the drills say that it did not. */
function crossingOf(trend: Trend, slope: number, objectiveMs: number, newestMs: number): number | null {
  const atMs = slope <= 0 ? null : trend.reaches(objectiveMs, slope);
  return atMs === null || atMs > newestMs + horizonMs ? null : Math.max(atMs, newestMs);
}
