import { forecastOf } from '../../model/forecast.ts';
import { type IndexedDrill, seriesOf } from '../../model/indexed-drill.ts';
import type { PartsTrend } from '../chart/parts-trend.ts';
import type { RestoreTrend } from '../chart/restore-trend.ts';

/** As many as a chart has room for. */
const maxDrills = 400;

/** Drills that can be held against one another, the newest first. */
export type Series<T extends IndexedDrill> = readonly [T, ...T[]];

/**
 * The series among drills, which are newest first: that of the newest drill first. Drills of a point of somebody's choice make
 * none, since how long that takes says nothing of tonight.
 */
export function seriesAmong<T extends IndexedDrill>(drills: readonly T[]): Series<T>[] {
  const groups = Map.groupBy(
    drills.filter((each) => each.ofNewestPoint),
    seriesOf,
  );
  return [...groups.values()].flatMap(([first, ...rest]) => (first ? [[first, ...rest] as const] : []));
}

/** The drill before `drill` that can be held against it. */
export function previousOf<T extends IndexedDrill>(drills: readonly T[], drill: T): T | undefined {
  const series = seriesOf(drill);
  return drills.slice(drills.indexOf(drill) + 1).find((each) => seriesOf(each) === series);
}

const msOf = ({ startedAt }: IndexedDrill) => Date.parse(startedAt);

/** What the charts of restore times are drawn from, and the forecast. */
export function restoreTrendOf([newest, ...before]: Series<IndexedDrill>, dayOf: (ms: number) => string) {
  const drills = [newest, ...before].slice(0, maxDrills).reverse();
  const { objectiveMs } = newest.rto;
  const timed = drills.flatMap((each) =>
    each.rto.usedMs === null ? [] : [{ atMs: msOf(each), value: each.rto.usedMs }],
  );
  const forecast = forecastOf(timed, objectiveMs);
  const lastMs = timed.at(-1)?.atMs ?? 0;
  const firstMs = Math.max(timed[0]?.atMs ?? 0, lastMs - 180 * 86_400_000);
  const lineOf = (ms: number): [number, number] => [ms, forecast.kind === 'too-few' ? 0 : forecast.trend.valueAt(ms)];
  const times: RestoreTrend = {
    points: drills.map((each) => ({ atMs: msOf(each), verdict: each.verdict, usedMs: each.rto.usedMs })),
    line: forecast.kind === 'too-few' ? null : [lineOf(firstMs), lineOf(lastMs)],
    ...{ objectiveMs, dayOf },
  };
  const parts: PartsTrend = {
    points: drills.map((each) => ({ atMs: msOf(each), parts: each.parts })),
    ...{ objectiveMs, dayOf },
  };
  return { forecast, times, parts };
}

export interface ServiceVolumes {
  service: string;
  bytes: { atMs: number; value: number | null }[];
  rows: { atMs: number; value: number | null }[];
}

/** How much of each service the drills restored, oldest first; the services as the newest drill names them. */
export function volumesOf([newest, ...before]: Series<IndexedDrill>): ServiceVolumes[] {
  const drills = [newest, ...before].slice(0, maxDrills).reverse();
  return newest.services.map(({ service }) => {
    const of = (what: 'bytes' | 'rows') =>
      drills.map((each) => ({
        atMs: msOf(each),
        value: each.services.find((one) => one.service === service)?.[what] ?? null,
      }));
    return { service, bytes: of('bytes'), rows: of('rows') };
  });
}
