import { z } from 'zod';
import { manifestFile } from './backup-set.ts';

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

/** `stored.json`: what lies there, for whoever has no key. */
export const storedSchema = z.strictObject({
  format: z.literal('firedrill-stored'),
  version: z.literal(1),
  /** Of the manifest in clear; null for a member without one. It is signed, so that nobody can guess what is in it. */
  manifestSha256: sha256.nullable(),
  files: z.array(z.strictObject({ name: storedName, bytes, sha256 })).max(100_002),
});

export type SealedName = z.infer<typeof namesSchema>['files'][number];
export type StoredFile = z.infer<typeof storedSchema>['files'][number];
export type StoredRecord = z.infer<typeof storedSchema>;
