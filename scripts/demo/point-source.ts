/** What a generator of points is told: the same answers make the same points. */
export interface PointOrder {
  /** The newest point is from then, or from moments before. */
  untilMs: number;
  /** 1 is the demo's full size; less makes fewer points over the same weeks. */
  scale: number;
}

/** Lines of InfluxDB's line protocol with times in milliseconds, at most `batchPoints` of them. */
export interface PointBatch {
  lines: string;
  points: number;
}

const batchPoints = 10_000;

/** Regular instants from `days` ago up to `untilMs`: every `intervalS`, and seldomer at a smaller scale. */
export function* instants({ untilMs, scale }: PointOrder, days: number, intervalS: number): Generator<number> {
  const stepMs = Math.round((intervalS * 1000) / scale);
  const steps = Math.floor((days * 86_400_000) / stepMs);
  for (let i = steps - 1; i >= 0; i -= 1) yield untilMs - i * stepMs;
}

/** Groups lines into batches, so that one request carries many. */
export function* batches(lines: Iterable<string>): Generator<PointBatch> {
  let batch: string[] = [];
  for (const line of lines) {
    if (batch.push(line) < batchPoints) continue;
    yield { lines: batch.join('\n'), points: batch.length };
    batch = [];
  }
  if (batch.length > 0) yield { lines: batch.join('\n'), points: batch.length };
}

/** Mulberry32: numbers from 0 up to 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** From 0 at night to 1 at noon, UTC. */
export function daylight(ms: number): number {
  return 0.5 - Math.cos((ms / 86_400_000) * 2 * Math.PI) / 2;
}

/** Rounded to `decimals`: shorter text, and measured values look like that. */
export function rounded(value: number, decimals: number): number {
  const unit = 10 ** decimals;
  return Math.round(value * unit) / unit;
}
