import type { AnyEngine } from './engine.ts';
import { grafanaEngine } from './grafana/grafana.ts';

/** The list of engines: one line each. */
export const engines: readonly AnyEngine[] = [grafanaEngine];
