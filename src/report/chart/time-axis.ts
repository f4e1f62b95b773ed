import { duration } from '../view/duration.ts';
import type { ChartOption } from './render-svg.ts';
import type { Scheme } from './scheme.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** What is drawn over days: at least one point, and how an instant is called on their axis, such as `22 Nov`. */
export interface OverDays {
  points: readonly { atMs: number }[];
  dayOf(ms: number): string;
}

/** What all charts over days have in common. */
export function overDays({ points, dayOf }: OverDays, scheme: Scheme) {
  const atMs = points.map((each) => each.atMs);
  return { backgroundColor: 'transparent', useUTC: true, xAxis: dayAxis(atMs, dayOf, scheme) } satisfies ChartOption;
}

/** Where they are of restore times, which lie below one another, their days do as well. */
export const restoreGrid = { left: 70, right: 22, top: 14, bottom: 30 };

/** The line of how long a restore may take. */
export function allowedLine(objectiveMs: number, { fail }: Scheme, position: 'insideStartTop' | 'insideStartBottom') {
  return {
    ...{ symbol: 'none', silent: true, data: [{ yAxis: objectiveMs }] },
    lineStyle: { color: fail, width: 2, type: 'dashed' as const },
    label: {
      ...{ position, color: fail, fontSize: 14, fontWeight: 'bold' as const },
      formatter: `allowed: ${duration(objectiveMs)}`,
    },
  };
}

function dayAxis(
  atMs: readonly number[],
  dayOf: (ms: number) => string,
  { soft }: Scheme,
): NonNullable<ChartOption['xAxis']> {
  const [min, max] = [Math.min(...atMs), Math.max(...atMs)];
  // A single drill stands in the middle of two days.
  const padMs = min === max ? dayMs : 0;
  return {
    type: 'time',
    ...{ min: min - padMs, max: max + padMs, splitNumber: 3 },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLine: { lineStyle: { color: soft } },
    axisLabel: { color: soft, fontSize: 14, hideOverlap: true, formatter: (ms: number) => dayOf(ms) },
  };
}

const stepsMs = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]
  .map((seconds) => seconds * 1000)
  .concat([1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 1440].map((minutes) => minutes * minuteMs));

/** An axis of durations, at most five lines at round times, and room above what is highest. */
export function durationAxis(mostMs: number, { soft, grid }: Scheme): NonNullable<ChartOption['yAxis']> {
  const stepMs = stepsMs.find((step) => (mostMs * 1.1) / step <= 5) ?? mostMs / 4;
  const topMs = Math.max(Math.ceil((mostMs * 1.1) / stepMs), 1) * stepMs;
  return {
    type: 'value',
    ...{ min: 0, max: topMs, interval: stepMs },
    splitLine: { lineStyle: { color: grid } },
    axisLabel: { color: soft, fontSize: 14, formatter: tickWords },
  };
}

const tickWords = (ms: number) => (ms === 0 ? '0' : ms < 1000 ? `${Number((ms / 1000).toFixed(2))} s` : duration(ms));
