import { join } from 'node:path';
import { fieldKey, measurementKey } from './compose-facts.ts';
import type { MeasurementFacts } from './facts.ts';
import type { SeriesSink } from './shard-tally.ts';
import { kindOfType, typeName } from './tsm/block-types.ts';
import { KeyRun, KeyRunCursor } from './tsm/key-run.ts';
import { mergeSorted } from './tsm/merge-sorted.ts';
import { parseSeriesKey } from './tsm/series-key.ts';

/** Takes the series of one shard. */
export interface SeriesOfShard extends SeriesSink {
  close(): Promise<void>;
}

/**
 * How many series of a database have each field: a series lies in many shards and counts once. What shards hold goes
 * through scratch files, so that memory stays flat however many series there are.
 */
export class SeriesCount {
  readonly #folder: string;
  readonly #runs: { policy: string; path: string }[] = [];

  /** @param folder for scratch files */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async beginShard(policy: string): Promise<SeriesOfShard> {
    const path = join(this.#folder, `keys-${this.#runs.length}`);
    this.#runs.push({ policy, path });
    const run = await KeyRun.create(path);
    return {
      add: (key, type) => run.append(Buffer.concat([key, Buffer.from([kindOfType(type)])])),
      close: () => run.close(),
    };
  }

  /** What was composed of the same shards, with numbers where it has bounds. Call once all shards are closed. */
  async exact(composed: readonly MeasurementFacts[]): Promise<MeasurementFacts[]> {
    const series = await this.#count();
    return composed.map((measurement) => ({
      ...measurement,
      fields: measurement.fields.map(({ seriesAtMost: _, ...field }) => ({
        ...field,
        series: series.get(measurementKey(measurement) + fieldKey(field)) ?? 0,
      })),
    }));
  }

  /** By the keys of a measurement and of a field. */
  async #count(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const [policy, runs] of Map.groupBy(this.#runs, (run) => run.policy)) {
      const cursors: KeyRunCursor[] = [];
      try {
        for (const { path } of runs) cursors.push(await KeyRunCursor.open(path));
        for await (const [cursor] of mergeSorted(cursors)) {
          if (!cursor) continue;
          const { measurement, field } = parseSeriesKey(cursor.key.subarray(0, -1));
          const types = [typeName(cursor.key.at(-1) ?? 0)];
          const key = measurementKey({ policy, name: measurement }) + fieldKey({ name: field, types });
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      } finally {
        await Promise.all(cursors.map((cursor) => cursor.close()));
      }
    }
    return counts;
  }
}
