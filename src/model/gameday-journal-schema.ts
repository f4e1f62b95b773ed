import { z } from 'zod';
import { type GameDayJournal, gameDayOutcomes, timelineKinds } from './gameday-journal.ts';
import { environmentSchema, probeSchema } from './journal-schema.ts';
import { restoreReasons } from './objectives.ts';

/**
 * Judges the journal of a game day that was read from a file, as `journalSchema` does for drills: it may be old, damaged or no
 * journal at all. Says the same as the interface `GameDayJournal`, which is the one to read.
 */
const instant = z.iso.datetime();
const ms = z.number().min(0);

const asked = z.object({
  service: z.string(),
  name: z.string(),
  holds: z.boolean(),
  expected: z.string(),
  found: z.string(),
});

const minutes = z.object({
  detectionMs: ms.nullable(),
  decisionMs: ms.nullable(),
  restoreMs: ms.nullable(),
  verificationMs: ms.nullable(),
  penaltyMs: ms,
  totalMs: ms.nullable(),
});

const timelineEntry = z.object({
  at: instant,
  atMs: z.number(),
  who: z.enum(['operator', 'robot', 'firedrill']),
  kind: z.enum(timelineKinds),
  text: z.string(),
});

const attempt = z.object({ claimedMs: ms, judgedMs: ms, recovered: z.boolean(), checks: z.array(asked) });

/** It names a folder: nothing else may stand in it. */
export const gameDayIdPattern = /^\d{8}T\d{6}Z-[a-z0-9][a-z0-9-]{0,40}$/;

export const gameDayJournalSchema = z.object({
  format: z.literal('firedrill-gameday'),
  version: z.literal(1),
  gameDay: z.object({
    id: z.string().regex(gameDayIdPattern),
    scenario: z.string(),
    title: z.string(),
    reason: z.enum(restoreReasons),
    startedAt: instant,
    finishedAt: instant,
    operator: z.string(),
    robot: z.boolean(),
    roles: z.array(z.object({ role: z.string(), does: z.string() })),
    situation: z.string(),
    limitMs: ms,
  }),
  outcome: z.object({ outcome: z.enum(gameDayOutcomes), sentence: z.string() }),
  exitStatus: z.int().min(0),
  minutes,
  steadyBefore: z.array(asked),
  injected: z.array(z.string()),
  timeline: z.array(timelineEntry),
  attempts: z.array(attempt),
  steadyAfter: z.array(asked),
  rollBack: z.array(z.object({ what: z.string(), ok: z.boolean(), sentence: z.string() })),
  restores: z.array(
    z.object({
      id: z.string(),
      service: z.string(),
      outcome: z.string(),
      verdict: z.string(),
      usedMs: ms.nullable(),
    }),
  ),
  isolation: z.array(probeSchema),
  services: z.array(
    z.object({
      service: z.string(),
      engine: z.string(),
      title: z.string(),
      image: z.string(),
      engineVersion: z.string(),
      standIn: z.boolean(),
      replica: z.boolean(),
    }),
  ),
  lessons: z.array(z.string()),
  followUps: z.array(z.object({ what: z.string(), who: z.string(), until: z.string() })),
  environment: environmentSchema.omit({ peakMemoryBytes: true }),
  notes: z.array(z.string()),
}) satisfies z.ZodType<GameDayJournal>;
