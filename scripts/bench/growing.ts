import type { ImageChoice } from '../image-choice.ts';
import { manyDashboards } from './many-dashboards.ts';
import { manyLogs } from './many-logs.ts';
import { manySeries } from './many-series.ts';
import { manyTables } from './many-tables.ts';

/** A live service that has grown, and its configuration. */
export interface Grown extends AsyncDisposable {
  config: string;
}

/** What a service can have many of. */
export interface Growing {
  /** How many, when nobody says. */
  sizes: readonly number[];
  /** Whether the many are members of its chain, all but one of which are made before. */
  ofMembers?: true;
  raise(folder: string, images: ImageChoice['images'], size: number, signal: AbortSignal): Promise<Grown>;
}

export const growing: Readonly<Record<string, Growing>> = {
  tables: { sizes: [1_000, 10_000], raise: (folder, { mysql }, size) => manyTables(folder, mysql, size) },
  dashboards: {
    sizes: [500, 5_000],
    raise: (folder, { grafana }, size) => manyDashboards(folder, grafana, size),
  },
  series: {
    sizes: [2_000, 20_000],
    raise: (folder, { influxdb }, size) => manySeries(folder, influxdb, size),
  },
  logs: {
    sizes: [16, 168],
    ofMembers: true,
    raise: (folder, { mysql }, size, signal) => manyLogs(folder, mysql, size, signal),
  },
};
