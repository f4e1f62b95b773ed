import { z } from 'zod';
import type { IndexedDrill } from './indexed-drill.ts';
import { phases } from './journal.ts';

const instant = z.iso.datetime();
const ms = z.number().min(0);
const verdict = z.enum(['pass', 'fail', 'inconclusive']);
const whole = z.int().min(0);

const service = z.strictObject({
  service: z.string(),
  outcome: verdict,
  dataAt: instant.nullable(),
  readyMs: ms.nullable(),
  bytes: whole.nullable(),
  rows: whole.nullable(),
});

/** Judges what an index kept of a drill, in a file that anybody may have written. Says the same as `IndexedDrill`. */
export const indexedDrillSchema: z.ZodType<IndexedDrill> = z.strictObject({
  id: z.string(),
  name: z.string(),
  vault: z.string(),
  startedAt: instant,
  finishedAt: instant,
  verdict,
  sentence: z.string(),
  rto: z.strictObject({ objectiveMs: ms, usedMs: ms.nullable() }),
  ofNewestPoint: z.boolean(),
  services: z.array(service),
  plantedCaught: z.boolean().nullable(),
  parts: z.partialRecord(z.enum([...phases, 'other']), ms).nullable(),
});
