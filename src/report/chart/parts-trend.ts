import { phases } from '../../model/journal.ts';
import type { RestoreParts } from '../../model/restore-parts.ts';
import type { ChartOption } from './render-svg.ts';
import type { Scheme } from './scheme.ts';
import { allowedLine, durationAxis, type OverDays, overDays, restoreGrid } from './time-axis.ts';

/** One drill of a series. */
export interface PartsPoint {
  atMs: number;
  /** null when not everything came back: a gap. */
  parts: RestoreParts | null;
}

export interface PartsTrend extends OverDays {
  /** Oldest first; at least one. */
  points: readonly PartsPoint[];
  objectiveMs: number;
}

type Part = keyof RestoreParts;

/** In the order of a drill, and only those that there were. */
export function partsIn(points: readonly PartsPoint[]): Part[] {
  return [...phases, 'other' as const].filter((part) => points.some(({ parts }) => (parts?.[part] ?? 0) > 0));
}

/** What the restore time goes into, stacked, on a scale of its own; the line of what is allowed where it lies on it. */
export function partsTrendChart(trend: PartsTrend, scheme: Scheme): ChartOption {
  const { points, objectiveMs } = trend;
  const sums = points.map(({ parts }) => Object.values(parts ?? {}).reduce((sum, ms) => sum + ms, 0));
  const mostMs = Math.max(...sums, 1);
  const shown = partsIn(points);
  return {
    ...overDays(trend, scheme),
    grid: restoreGrid,
    yAxis: durationAxis(mostMs, scheme),
    series: shown.map((part, i) => ({
      ...{ type: 'line' as const, stack: 'parts', silent: true, symbol: 'none', connectNulls: false },
      ...{ areaStyle: { color: scheme.parts[part], opacity: 1 }, lineStyle: { color: scheme.soft, width: 0.75 } },
      data: points.map(({ atMs, parts }) => [atMs, parts ? (parts[part] ?? 0) : null]),
      ...(i === 0 && objectiveMs <= mostMs * 1.1
        ? { markLine: allowedLine(objectiveMs, scheme, 'insideStartTop') }
        : {}),
    })),
  };
}
