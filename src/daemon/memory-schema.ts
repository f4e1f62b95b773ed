import { z } from 'zod';
import type { Memory } from './memory.ts';

const instant = z.iso.datetime();

const end = z.enum(['ok', 'failed', 'locked', 'interrupted', 'deadline', 'died']);

const begin = {
  job: z.string(),
  occasion: instant,
  missed: z.int(),
  attempt: z.int(),
  startedAt: instant,
};

const outcome = z.strictObject({
  ...begin,
  run: z.string(),
  end,
  status: z.int().nullable(),
  endedAt: instant,
  retryAt: instant.nullable(),
  report: z.string().nullable(),
  summary: z.string().nullable(),
  errors: z.array(
    z.strictObject({ code: z.string(), message: z.string(), hint: z.string(), service: z.string().nullable() }),
  ),
});

const job = z.strictObject({
  settled: instant.nullable(),
  triggered: instant.nullable(),
  open: z
    .strictObject({ occasion: instant, since: instant, attempts: z.int(), failures: z.int(), notBefore: instant })
    .nullable(),
  last: z.strictObject({ startedAt: instant, endedAt: instant, end, status: z.int().nullable() }).nullable(),
});

/** What a state file holds. */
export const memorySchema: z.ZodType<Memory> = z.strictObject({
  version: z.literal(1),
  jobs: z.record(z.string(), job),
  // A run's id is also a folder's name.
  running: z.array(z.strictObject({ ...begin, id: z.string().regex(/^[\w-]+$/), deadlineAt: instant })),
  untold: z.array(outcome),
});
