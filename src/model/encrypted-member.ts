import { z } from 'zod';
import { manifestFile } from './backup-set.ts';
import type { MemberFacts } from './retention.ts';

/**
 * What an encrypted member holds: `0001.age` … with the artifacts, `manifest.json.age`, `names.age`, which says what is what,
 * and `stored.json`, written last, which anybody may read. docs/design.md, "Offsite", says what it gives away.
 */
export const encryptedManifest = `${manifestFile}.age`;
export const namesFile = 'names.age';
export const storedFile = 'stored.json';

const bytes = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const storedName = z.string().regex(/^(\d{4,6}|manifest\.json|names)\.age$/);

/** The content of `names.age`. */
export const namesSchema = z.strictObject({
  format: z.literal('firedrill-names'),
  version: z.literal(1),
  files: z.array(z.strictObject({ name: z.string().min(1).max(200), bytes, stored: storedName })).max(100_001),
});

const instant = z.iso.datetime();

/** What `stored.json` says of the manifest, so that the member can be compared and can expire where nobody opens it. */
const factsSchema: z.ZodType<MemberFacts> = z.strictObject({
  manifestSha256: sha256,
  ...{ startedAt: instant, dataAt: instant, finishedAt: instant },
  parentId: z.string().max(64).nullable(),
});

/** `stored.json`: what lies there, for whoever has no key. */
export const storedSchema = z.strictObject({
  format: z.literal('firedrill-stored'),
  version: z.literal(1),
  /** The manifest is signed, so that nobody can guess its content by its hash; null for a member without one. */
  facts: factsSchema.nullable(),
  files: z.array(z.strictObject({ name: storedName, bytes, sha256 })).max(100_002),
});

/** Of a manifest in clear, what may be told of it. */
export function factsOf(manifest: unknown, manifestSha256: string): MemberFacts | null {
  const told = z.object({
    ...{ startedAt: instant, dataAt: instant, finishedAt: instant },
    parent: z.object({ id: z.string() }).nullable(),
  });
  const judged = told.safeParse(manifest);
  if (!judged.success) return null;
  const { parent, startedAt, dataAt, finishedAt } = judged.data;
  return { manifestSha256, startedAt, dataAt, finishedAt, parentId: parent?.id ?? null };
}

export type SealedName = z.infer<typeof namesSchema>['files'][number];
export type StoredFile = z.infer<typeof storedSchema>['files'][number];
export type StoredRecord = z.infer<typeof storedSchema>;
