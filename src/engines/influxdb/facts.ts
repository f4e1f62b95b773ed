import { z } from 'zod';
import { FiredrillError } from '../../kit/errors.ts';
import { firstIssue } from '../../kit/json.ts';
import { plainLine } from '../../kit/text.ts';
import type { Manifest } from '../../model/manifest.ts';
import { isTypeName } from './tsm/block-types.ts';

/** firedrill's own measurement: it tells when a backup was made, and not whether anybody else still writes. */
export const heartbeatMeasurement = 'firedrill_heartbeat';

/** It is run as it is: one statement, and of that kind. Texts and names may hold anything. */
function isContinuousQuery(statement: string): boolean {
  if (!/^CREATE CONTINUOUS QUERY /i.test(statement)) return false;
  for (const [token] of statement.matchAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|['";]|--|\/\*/gs)) {
    // A lone quote never ends; nothing may follow, nor hide in a comment.
    if (token.length === 1 || token === '--' || token === '/*') return false;
  }
  return true;
}

const count = z.int().min(0);
const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);
/** As questions to servers name it, also to one that is restored into. */
const fieldType = z.string().refine((name) => isTypeName(name), 'it is no type of a field');
/** UTC, nine digits of seconds. */
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);

const policy = z.strictObject({
  name: z.string(),
  /** As the server writes durations: `1344h0m0s`; `0s` is for ever. */
  duration: z.string(),
  shardDuration: z.string(),
  replicas: count,
  isDefault: z.boolean(),
});

const field = z.strictObject({
  name: z.string(),
  /** More than one when it changed between shards, from one kind of number to another. */
  types: z.array(fieldType).min(1),
  /** How many series have this field. Of an increment only bounds are known: then this is the lower one. */
  series: count,
  seriesAtMost: count.optional(),
  points: count,
  first: instant,
  last: instant,
  /** Points of each UTC day that has any. */
  days: z.record(day, count),
});

const measurement = z.strictObject({
  policy: z.string(),
  name: z.string(),
  tagKeys: z.array(z.string()),
  fields: z.array(field),
  /** Values of all fields in each hour of the days around the dump, see `toldDays`; absent in manifests of earlier versions. */
  hours: z.record(day, z.array(count).length(24)).exactOptional(),
});

const newest = z.strictObject({ at: instant, basis: z.string() }).nullable();

const shard = z.strictObject({
  id: count,
  policy: z.string(),
  /** As SHOW SHARDS says them. */
  start: z.string(),
  end: z.string(),
  files: z.array(z.strictObject({ name: z.string(), bytes: count, sha256: z.string() })),
  /** How many of the files have deleted ranges beside them. */
  tombstones: count,
  /** Of names and hashes of all its data files and tombstones: what changes when anything in it does. */
  contentSha256: z.string(),
  /** The points of this shard alone. */
  measurements: z.array(measurement),
  newest,
});

/** What the data said in the dump itself (points), and what the server said when it was made (all else). */
export const factsSchema = z.strictObject({
  database: z.string(),
  policies: z.array(policy),
  continuousQueries: z.array(
    z.strictObject({ name: z.string(), query: z.string().refine(isContinuousQuery, 'it is no continuous query') }),
  ),
  users: z.array(
    z.strictObject({
      name: z.string(),
      admin: z.boolean(),
      grants: z.array(z.string()).describe('READ, WRITE or ALL'),
    }),
  ),
  shards: z.array(shard).min(1),
  measurements: z.array(measurement),
  /** The newest point that is not later than the dump. */
  newest,
});

export type Facts = z.infer<typeof factsSchema>;
export type PolicyFacts = z.infer<typeof policy>;
export type ShardFacts = z.infer<typeof shard>;
export type MeasurementFacts = z.infer<typeof measurement>;
export type FieldFacts = z.infer<typeof field>;

export function factsOf(manifest: Manifest): Facts {
  const parsed = factsSchema.safeParse(manifest.facts);
  if (parsed.success) return ofSource(manifest, parsed.data);
  const where = plainLine(firstIssue(parsed.error) ?? '', 200);
  throw new FiredrillError(
    'MANIFEST_INVALID',
    `the facts in the manifest of ${manifest.id} are not as expected: ${where}`,
  );
}

/** One manifest speaks of one database. What its source is called is compared with the configuration; the facts are restored. */
function ofSource({ id, source }: Manifest, facts: Facts): Facts {
  const { database } = source.identity;
  if (database === undefined || database === facts.database) return facts;
  const [named, held] = [JSON.stringify(database), JSON.stringify(facts.database)].map((text) => plainLine(text, 200));
  const sentence = `the manifest of ${id} says that its source is database ${named}, and its facts are of ${held}`;
  throw new FiredrillError('MANIFEST_INVALID', sentence);
}
