import { z } from 'zod';
import { checkIds } from './check.ts';
import { type Journal, phases, restoreOutcomes } from './journal.ts';
import { restoreReasons } from './objectives.ts';
import { estimateBases, estimatedParts } from './restore-estimate.ts';

/**
 * Judges a journal that was read from a file: it may be old, damaged or not a journal at all. Says the same as the
 * interface `Journal`, which is the one to read. Fields that it does not know are left out.
 */
const instant = z.iso.datetime();
const ms = z.number().min(0);
const whole = z.int().min(0);
const service = z.string().nullable();

const finding = z.object({
  sentence: z.string(),
  expected: z.string().exactOptional(),
  found: z.string().exactOptional(),
  next: z.string().exactOptional(),
  severity: z.literal('warning').exactOptional(),
});

const checkResult = z.object({
  check: z.enum(checkIds),
  service,
  outcome: z.enum(['pass', 'fail', 'inconclusive', 'not-run']),
  subjects: z.string(),
  expected: whole,
  lookedAt: whole,
  findings: z.array(finding),
  moreFindings: whole,
  comparisons: z.array(z.object({ what: z.string(), expected: z.string(), found: z.string() })),
});

const measures = z.object({
  contentBytes: whole,
  packed: z.object({ contentBytes: whole, storedBytes: whole }),
  denseBytes: whole,
  holds: z.object({ count: whole, unit: z.string() }).nullable(),
});

const member = z.object({
  id: z.string(),
  kind: z.enum(['full', 'incremental']),
  manifestSha256: z.string(),
  bytes: whole,
  artifacts: whole,
  startedAt: instant,
  dataAt: instant,
  finishedAt: instant,
  sourceHost: z.string(),
  engineVersion: z.string(),
  tools: z.record(z.string(), z.string()),
  measures: measures.exactOptional(),
});

const image = z.object({
  name: z.string(),
  id: z.string(),
  digest: z.string().nullable(),
  engineVersion: z.string().nullable(),
  standIn: z.boolean(),
});

const serviceRecord = z.object({
  service: z.string(),
  engine: z.string(),
  title: z.string(),
  set: z.string().nullable(),
  members: z.array(member),
  restoredTo: z.object({ at: z.string(), basis: z.string() }).nullable(),
  rpo: z.object({ objectiveMs: ms, measuredMs: ms.nullable() }),
  heartbeat: z.object({ id: z.string(), at: z.string() }).nullable(),
  largestGapMs: ms.nullable(),
  panelsWithData: z.array(z.string()).nullable(),
  readyMs: ms.nullable(),
  image: image.nullable(),
});

const application = z.object({
  application: z.string(),
  services: z.array(z.string()),
  image: image.pick({ name: true, id: true, digest: true }).nullable(),
  readyMs: ms.nullable(),
  steps: z.object({ expected: whole, taken: whole }),
});

const verdictWord = z.enum(['pass', 'fail', 'inconclusive']);

const excursion = z.object({
  reason: z.enum(['random', 'longest', 'last-good']),
  service: z.string(),
  set: z.string(),
  member: z.string(),
  members: whole,
  dataAt: instant.nullable(),
  verdict: verdictWord,
  sentence: z.string(),
  usedMs: ms.nullable(),
});

const planted = z.object({
  seed: whole,
  saboteur: z.string(),
  title: z.string(),
  resealed: z.boolean(),
  service: z.string(),
  what: z.string(),
  caughtBy: z.enum(checkIds).nullable(),
  sentence: z.string(),
});

const lastGood = z.object({
  service: z.string(),
  good: z.object({ set: z.string(), member: z.string(), dataAt: instant, lostMs: ms }).nullable(),
  bad: z.string().nullable(),
});

export const probeSchema = z.object({
  what: z.string(),
  expected: z.enum(['unreachable', 'reachable', 'absent']),
  found: z.string(),
  ok: z.boolean(),
});

const restore = z.object({
  reason: z.enum(restoreReasons),
  target: z.string(),
  host: z.string(),
  outcome: z.enum(restoreOutcomes),
  parts: z.array(z.string()).nullable(),
  replaced: z.array(z.string()),
  safetyCopy: z.object({ where: z.string(), goBack: z.string() }).nullable(),
  lostMs: ms.nullable(),
  carryMs: ms.nullable(),
  checks: z.array(checkResult),
});

export const environmentSchema = z.object({
  firedrill: z.string(),
  node: z.string(),
  docker: z.string().nullable(),
  host: z.string(),
  cpus: whole,
  memoryBytes: whole,
  peakMemoryBytes: whole,
});

const range = { ms, lowMs: ms, highMs: ms };

const estimate = z.object({
  services: z.array(
    z.object({
      service: z.string(),
      members: whole,
      bytes: whole,
      drills: whole,
      basis: z.enum(estimateBases).nullable(),
      parts: z.array(z.object({ part: z.enum(estimatedParts), ...range })),
      ready: z.object(range).nullable(),
    }),
  ),
  whole: z.object(range).nullable(),
  past: z.object({ drills: whole, meanError: z.number().min(0) }).nullable(),
});

export const journalSchema = z.object({
  format: z.literal('firedrill-journal'),
  version: z.literal(1),
  drill: z.object({
    // It names a folder: nothing else may stand in it.
    id: z.string().regex(/^\d{8}T\d{6}Z-[a-z0-9][a-z0-9-]{0,40}$/),
    name: z.string(),
    startedAt: instant,
    finishedAt: instant,
    asOf: instant,
    vault: z.string(),
    services: z.array(z.string()),
  }),
  verdict: z.object({ verdict: verdictWord, sentence: z.string() }),
  exitStatus: whole,
  rto: z.object({ objectiveMs: ms, usedMs: ms.nullable() }),
  estimate: estimate.exactOptional(),
  ownCostMs: ms.nullable(),
  worstMs: ms.nullable(),
  skewMs: ms.nullable(),
  lastGood: z.array(lastGood),
  restore: restore.exactOptional(),
  excursions: z.array(excursion),
  planted: planted.nullable(),
  applications: z.array(application).exactOptional(),
  services: z.array(serviceRecord),
  checks: z.array(checkResult),
  phases: z.array(z.object({ service, phase: z.enum(phases), startMs: ms, endMs: ms })),
  native: z.array(
    z.object({ service: z.string(), label: z.string(), startMs: ms, endMs: ms, bytes: whole.exactOptional() }),
  ),
  isolation: z.array(probeSchema),
  environment: environmentSchema,
  notes: z.array(z.string()),
}) satisfies z.ZodType<Journal>;
