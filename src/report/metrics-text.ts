import { createRequire } from 'node:module';
import type { Gauge, Registry } from 'prom-client';
import { lazily } from '../kit/lazily.ts';

const require = createRequire(import.meta.url);
const promClient = lazily(() => require('prom-client') as { Gauge: typeof Gauge; Registry: typeof Registry });

export type Sample = readonly [labels: Record<string, string>, value: number | null];

/** A gauge without its prefix. What was not measured has no sample: null is left out, and never 0. */
export type Metric = readonly [name: string, help: string, samples: readonly Sample[]];

/** The text format of Prometheus. Metrics of one name are one; of samples with the same labels the first one counts. */
export function metricsText(metrics: readonly Metric[]): Promise<string> {
  const { Gauge, Registry } = promClient();
  const registry = new Registry();
  for (const [name, all] of Map.groupBy(metrics, ([each]) => each)) {
    const samples = all.flatMap(([, , own]) => own).filter(([, value]) => value !== null);
    // The library gives a gauge without labels the value 0.
    if (samples.length === 0) continue;
    const labelNames = [...new Set(samples.flatMap(([labels]) => Object.keys(labels)))];
    const gauge = new Gauge({ name: `firedrill_${name}`, help: all[0]?.[1] ?? '', labelNames, registers: [registry] });
    for (const [labels, value] of samples.toReversed()) gauge.set(labels, value ?? 0);
  }
  return registry.metrics();
}
