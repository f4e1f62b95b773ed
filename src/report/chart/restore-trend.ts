import type { VerdictWord } from '../../model/journal.ts';
import type { ChartOption, ChartSize } from './render-svg.ts';
import type { Scheme } from './scheme.ts';
import { allowedLine, durationAxis, type OverDays, overDays, restoreGrid } from './time-axis.ts';

/** One drill of a series. */
export interface TrendPoint {
  atMs: number;
  verdict: VerdictWord;
  /** null when not everything came back. */
  usedMs: number | null;
}

export interface RestoreTrend extends OverDays {
  /** Oldest first; at least one. */
  points: readonly TrendPoint[];
  objectiveMs: number;
  /** Two points of the line of the forecast; null where there is none. */
  line: readonly [[atMs: number, usedMs: number], [atMs: number, usedMs: number]] | null;
}

export const trendSize: ChartSize = { width: 440, height: 240 };

/** More than these as dots would be a band. */
const maxDots = 40;

/** Restore times against the line of what is allowed, on a scale that shows both; a cross for each drill that did not pass. */
export function restoreTrendChart(trend: RestoreTrend, scheme: Scheme): ChartOption {
  const { points, objectiveMs, line } = trend;
  const mostMs = points.reduce((most, { usedMs }) => Math.max(most, usedMs ?? 0), objectiveMs);
  return {
    ...overDays(trend, scheme),
    grid: restoreGrid,
    yAxis: durationAxis(mostMs, scheme),
    series: [
      {
        ...{ type: 'line', silent: true, symbol: 'circle', symbolSize: 6, showSymbol: points.length <= maxDots },
        ...{ itemStyle: { color: scheme.line }, lineStyle: { color: scheme.line, width: 2 } },
        data: points.map(({ atMs, usedMs }) => [atMs, usedMs]),
        markLine: allowedLine(objectiveMs, scheme, 'insideStartBottom'),
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
