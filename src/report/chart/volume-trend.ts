import type { ChartOption, ChartSize } from './render-svg.ts';
import type { Scheme } from './scheme.ts';
import { type OverDays, overDays } from './time-axis.ts';

export interface VolumeTrend extends OverDays {
  /** Oldest first; at least one. null: not measured, a gap. */
  points: readonly { atMs: number; value: number | null }[];
  /** How a value is written on the axis. */
  words(value: number): string;
  /** What its units grow by: 1024 for bytes, 1000 for numbers. */
  base: 1000 | 1024;
}

export const volumeSize: ChartSize = { width: 440, height: 150 };

const maxDots = 40;

/** How much of something each drill restored. */
export function volumeTrendChart(trend: VolumeTrend, scheme: Scheme): ChartOption {
  const { points, words, base } = trend;
  return {
    ...overDays(trend, scheme),
    grid: { left: 84, right: 22, top: 12, bottom: 28 },
    yAxis: {
      type: 'value',
      ...axisOf(Math.max(...points.map(({ value }) => value ?? 0)), base),
      splitLine: { lineStyle: { color: scheme.grid } },
      axisLabel: { color: scheme.soft, fontSize: 14, formatter: words },
    },
    series: [
      {
        ...{ type: 'line', silent: true, symbol: 'circle', symbolSize: 6, showSymbol: points.length <= maxDots },
        connectNulls: true,
        ...{ itemStyle: { color: scheme.line }, lineStyle: { color: scheme.line, width: 2 } },
        data: points.map(({ atMs, value }) => [atMs, value]),
      },
    ],
  };
}

/** At most three lines, at round values of a unit. */
function axisOf(most: number, base: number) {
  const unit = base ** Math.max(Math.floor(Math.log(Math.max(most, 1)) / Math.log(base)), 0);
  const steps = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
  const step = unit * (steps.find((each) => (most * 1.05) / (each * unit) <= 3) ?? 1000);
  const interval = unit === 1 ? Math.max(step, 1) : step;
  return { min: 0, max: Math.max(Math.ceil((most * 1.05) / interval), 1) * interval, interval };
}
