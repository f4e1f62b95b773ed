import type { VerdictWord } from '../../model/journal.ts';
import { duration } from '../view/duration.ts';
import { grid, ink, limit, softInk, verdictColours } from './colours.ts';
import type { ChartOption, ChartSize } from './render-svg.ts';

/** One drill. */
export interface RestoreTime {
  /** Of the axis: a day, such as `22 Nov`. */
  label: string;
  verdict: VerdictWord;
  /** null when not everything came back. */
  usedMs: number | null;
}

export const restoreTimesSize: ChartSize = { width: 440, height: 220 };

/** A bar for each drill, the oldest first, against the line of what is allowed; a cross where there is no restore time. */
export function restoreTimesChart(drills: readonly RestoreTime[], objectiveMs: number): ChartOption {
  const most = drills.reduce((max, { usedMs }) => Math.max(max, usedMs ?? 0), objectiveMs);
  const { stepMs, topMs } = axisOf(most);
  return {
    grid: { left: 62, right: 40, top: 30, bottom: 30 },
    xAxis: {
      type: 'category',
      data: drills.map(({ label }) => label),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: softInk } },
      axisLabel: { color: softInk, fontSize: 14, hideOverlap: true, showMaxLabel: true },
    },
    yAxis: {
      type: 'value',
      ...{ min: 0, max: topMs, interval: stepMs },
      splitLine: { lineStyle: { color: grid } },
      axisLabel: { color: softInk, fontSize: 14, formatter: (ms: number) => (ms === 0 ? '0' : duration(ms)) },
    },
    series: [
      {
        type: 'bar',
        ...{ barMaxWidth: 30, barGap: '-100%' },
        data: drills.map((each, i) => barOf(each, i === drills.length - 1)),
        markLine: {
          ...{ symbol: 'none', silent: true, data: [{ yAxis: objectiveMs }] },
          lineStyle: { color: limit, width: 2, type: 'dashed' },
          label: {
            ...{ position: 'insideStartTop', color: limit, fontSize: 14, fontWeight: 'bold' },
            formatter: `allowed: ${duration(objectiveMs)}`,
          },
        },
      },
      {
        // Of those without a time, so that they are no gap.
        type: 'bar',
        ...{ barMaxWidth: 30, barGap: '-100%', silent: true },
        data: drills.map(({ usedMs, verdict }) => ({
          value: usedMs === null ? topMs / 400 : null,
          itemStyle: { color: verdictColours[verdict] },
          label: {
            show: usedMs === null,
            position: 'top',
            color: verdictColours[verdict],
            fontSize: 18,
            formatter: '✕',
          },
        })),
      },
    ],
  };
}

function barOf({ usedMs, verdict }: RestoreTime, isNewest: boolean) {
  return {
    value: usedMs,
    itemStyle: { color: verdictColours[verdict] },
    label: {
      show: isNewest && usedMs !== null,
      ...{ position: 'top' as const, color: ink, fontSize: 14, fontWeight: 'bold' as const },
      formatter: usedMs === null ? '' : duration(usedMs),
    },
  };
}

const minuteMs = 60_000;
const stepsMs = [1, 2, 5, 10, 15, 30]
  .map((seconds) => seconds * 1000)
  .concat([1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 1440].map((minutes) => minutes * minuteMs));

/** At most five lines, at round times, and room above what is highest. */
function axisOf(mostMs: number): { stepMs: number; topMs: number } {
  const stepMs = stepsMs.find((step) => (mostMs * 1.08) / step <= 5) ?? mostMs / 4;
  return { stepMs, topMs: Math.max(Math.ceil((mostMs * 1.08) / stepMs), 1) * stepMs };
}
