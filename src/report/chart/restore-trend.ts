import type { VerdictWord } from '../../model/journal.ts';
import { duration } from '../view/duration.ts';
import type { ChartOption, ChartSize } from './render-svg.ts';
import type { Scheme } from './scheme.ts';
import { dayAxis, durationAxis } from './time-axis.ts';

/** One drill of a series. */
export interface TrendPoint {
  atMs: number;
  verdict: VerdictWord;
  /** null when not everything came back. */
  usedMs: number | null;
}

export interface RestoreTrend {
  /** Oldest first; at least one. */
  points: readonly TrendPoint[];
  objectiveMs: number;
  /** Two points of the line of the forecast; null where there is none. */
  line: readonly [[atMs: number, usedMs: number], [atMs: number, usedMs: number]] | null;
  dayOf(ms: number): string;
}

export const trendSize: ChartSize = { width: 440, height: 240 };

/** More than these as dots would be a band. */
const maxDots = 40;

/** Restore times against the line of what is allowed, on a scale that shows both; a cross for each drill that did not pass. */
export function restoreTrendChart({ points, objectiveMs, line, dayOf }: RestoreTrend, scheme: Scheme): ChartOption {
  const mostMs = points.reduce((most, { usedMs }) => Math.max(most, usedMs ?? 0), objectiveMs);
  return {
    backgroundColor: 'transparent',
    useUTC: true,
    grid: { left: 70, right: 22, top: 14, bottom: 30 },
    xAxis: dayAxis(
      points.map(({ atMs }) => atMs),
      dayOf,
      scheme,
    ),
    yAxis: durationAxis(mostMs, scheme),
    series: [
      {
        ...{ type: 'line', silent: true, symbol: 'circle', symbolSize: 6, showSymbol: points.length <= maxDots },
        ...{ itemStyle: { color: scheme.line }, lineStyle: { color: scheme.line, width: 2 } },
        data: points.map(({ atMs, usedMs }) => [atMs, usedMs]),
        markLine: {
          ...{ symbol: 'none', silent: true, data: [{ yAxis: objectiveMs }] },
          lineStyle: { color: scheme.fail, width: 2, type: 'dashed' },
          label: {
            ...{ position: 'insideStartBottom', color: scheme.fail, fontSize: 14, fontWeight: 'bold' },
            formatter: `allowed: ${duration(objectiveMs)}`,
          },
        },
      },
      {
        ...{ type: 'line', silent: true, symbol: 'none', data: (line ?? []).map((each) => [...each]) },
        lineStyle: { color: scheme.text, width: 1.5, type: 'dotted' },
      },
      {
        ...{ type: 'scatter', silent: true, symbolSize: 1, itemStyle: { color: 'transparent' } },
        data: points.flatMap((each) => crossOf(each, scheme)),
      },
    ],
  };
}

function crossOf({ atMs, verdict, usedMs }: TrendPoint, { fail, unclear }: Scheme) {
  if (verdict === 'pass') return [];
  const color = verdict === 'fail' ? fail : unclear;
  const label = {
    show: true,
    color,
    fontSize: 16,
    fontWeight: 'bold' as const,
    formatter: verdict === 'fail' ? '✕' : '?',
  };
  return [
    {
      value: [atMs, usedMs ?? 0],
      label: { ...label, position: usedMs === null ? ('top' as const) : ('inside' as const) },
    },
  ];
}
