import { phases } from '../../model/journal.ts';
import type { RestoreParts } from '../../model/restore-parts.ts';
import { duration } from '../view/duration.ts';
import type { ChartOption } from './render-svg.ts';
import type { Scheme } from './scheme.ts';
import { dayAxis, durationAxis } from './time-axis.ts';

/** One drill of a series. */
export interface PartsPoint {
  atMs: number;
  /** null when not everything came back: a gap. */
  parts: RestoreParts | null;
}

export interface PartsTrend {
  /** Oldest first; at least one. */
  points: readonly PartsPoint[];
  objectiveMs: number;
  dayOf(ms: number): string;
}

type Part = keyof RestoreParts;

/** In the order of a drill, and only those that there were. */
export function partsIn(points: readonly PartsPoint[]): Part[] {
  return [...phases, 'other' as const].filter((part) => points.some(({ parts }) => (parts?.[part] ?? 0) > 0));
}

/** What the restore time goes into, stacked, on a scale of its own; the line of what is allowed where it lies on it. */
export function partsTrendChart({ points, objectiveMs, dayOf }: PartsTrend, scheme: Scheme): ChartOption {
  const sums = points.map(({ parts }) => Object.values(parts ?? {}).reduce((sum, ms) => sum + ms, 0));
  const mostMs = Math.max(...sums, 1);
  const shown = partsIn(points);
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
    series: shown.map((part, i) => ({
      ...{ type: 'line' as const, stack: 'parts', silent: true, symbol: 'none', connectNulls: false },
      ...{ areaStyle: { color: scheme.parts[part], opacity: 1 }, lineStyle: { color: scheme.soft, width: 0.75 } },
      data: points.map(({ atMs, parts }) => [atMs, parts ? (parts[part] ?? 0) : null]),
      ...(i === 0 && objectiveMs <= mostMs * 1.1 ? { markLine: allowedLine(objectiveMs, scheme) } : {}),
    })),
  };
}

function allowedLine(objectiveMs: number, { fail }: Scheme) {
  return {
    ...{ symbol: 'none', silent: true, data: [{ yAxis: objectiveMs }] },
    lineStyle: { color: fail, width: 2, type: 'dashed' as const },
    label: {
      ...{ position: 'insideStartTop' as const, color: fail, fontSize: 14, fontWeight: 'bold' as const },
      formatter: `allowed: ${duration(objectiveMs)}`,
    },
  };
}
