import type { AnyEngine } from './engine.ts';
import { grafanaEngine } from './grafana/grafana.ts';
import { influxdbEngine } from './influxdb/influxdb.ts';

/** The list of engines: one line each. */
export const engines: readonly AnyEngine[] = [grafanaEngine, influxdbEngine];
