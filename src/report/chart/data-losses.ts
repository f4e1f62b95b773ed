import { duration } from '../view/duration.ts';
import { grid, ink, limit, softInk, verdictColours } from './colours.ts';
import type { ChartOption, ChartSize } from './render-svg.ts';

/** One service. */
export interface DataLoss {
  /** Untrusted text. */
  service: string;
  /** null when it did not come back. */
  measuredMs: number | null;
  objectiveMs: number;
}

const rowHeight = 38;
const maxNameChars = 13;

export const dataLossesSize = (services: number): ChartSize => ({
  width: 440,
  height: 46 + rowHeight * Math.max(services, 1),
});

/**
 * A bar for each service: how much of the newest data would be lost, as a share of what may be lost, since one service may lose an
 * hour and another a day.
 */
export function dataLossesChart(losses: readonly DataLoss[]): ChartOption {
  const shares = losses.map(shareOf);
  const top = Math.max(125, Math.min(Math.max(...shares.map((share) => share ?? 0)) * 1.25, 400));
  return {
    grid: { left: 118, right: 12, top: 34, bottom: 8 },
    xAxis: {
      type: 'value',
      ...{ min: 0, max: top, interval: top },
      axisLabel: { show: false },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: losses.map(({ service }) => asLabel(service)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: softInk } },
      axisLabel: { color: ink, fontSize: 14 },
    },
    series: [
      {
        type: 'bar',
        barWidth: 22,
        showBackground: true,
        backgroundStyle: { color: grid },
        data: losses.map((loss, i) => barOf(loss, shares[i] ?? null, top)),
        markLine: {
          ...{ symbol: 'none', silent: true, data: [{ xAxis: 100 }] },
          lineStyle: { color: limit, width: 2, type: 'dashed' },
          label: { position: 'start', color: limit, fontSize: 14, fontWeight: 'bold', formatter: 'allowed' },
        },
      },
    ],
  };
}

function shareOf({ measuredMs, objectiveMs }: DataLoss): number | null {
  return measuredMs === null ? null : (100 * measuredMs) / Math.max(objectiveMs, 1);
}

function barOf({ measuredMs, objectiveMs }: DataLoss, share: number | null, top: number) {
  const words = measuredMs === null ? 'did not come back' : `${duration(measuredMs)} of ${duration(objectiveMs)}`;
  const isBad = share === null || share > 100;
  const colour = isBad ? verdictColours.fail : verdictColours.pass;
  return {
    // What did not come back is lost altogether.
    value: share === null ? top : Math.min(share, top),
    itemStyle: { color: colour },
    label: {
      show: true,
      // Inside of a long bar, else behind it.
      position: (share === null || share > top / 2 ? 'insideLeft' : 'right') as 'insideLeft' | 'right',
      ...{ color: share === null || share > top / 2 ? '#ffffff' : ink, fontSize: 14, formatter: words },
    },
  };
}

/** The library keeps texts as keys of plain objects, and would write into the prototype of all for `__proto__`: so a space. */
const asLabel = (name: string) => `${name.length > maxNameChars ? `${name.slice(0, maxNameChars - 1)}…` : name} `;
