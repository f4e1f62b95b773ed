import type { AnyEngine } from './engine.ts';
import { grafanaEngine } from './grafana/grafana.ts';
import { influxdbEngine } from './influxdb/influxdb.ts';
import { mysqlEngine } from './mysql/mysql.ts';

/** The list of engines: one line each. */
export const engines: readonly AnyEngine[] = [grafanaEngine, influxdbEngine, mysqlEngine];
