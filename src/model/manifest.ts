import { z } from 'zod';
import { isJson, type Json } from '../kit/json.ts';

/**
 * The manifest of one member of a backup set, format version 1. It is written last and signed: a member without a
 * manifest does not exist. It holds no secret and no absolute path. docs/manifest.md describes it for readers.
 */
const instant = z.iso.datetime({ precision: 3 });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const name = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/);
// One path segment: an artifact can lie nowhere but in its member's folder.
const artifactName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
const memberId = z.string().regex(/^(full|incr)-\d{8}T\d{6}Z$/);
const bytes = z.int().min(0);

export const artifactEncodings = ['none', 'zstd'] as const;
export type ArtifactEncoding = (typeof artifactEncodings)[number];

const artifact = z.strictObject({
  name: artifactName,
  /** As stored. */
  bytes,
  sha256,
  encoding: z.enum(artifactEncodings),
  /** After decoding; a decoder stops at one byte more. */
  contentBytes: bytes,
  /** What the engine uses it for, such as `schema` or `data`. */
  role: z.string().max(64),
});

const json: z.ZodType<Json> = z.json();

export const manifestBodySchema = z.strictObject({
  format: z.literal('firedrill-manifest'),
  version: z.literal(1),
  /** `backup-YYYY-MM-DD`, the Sunday of the week. */
  set: z.string().regex(/^backup-\d{4}-\d{2}-\d{2}$/),
  service: name,
  engine: name,
  kind: z.enum(['full', 'incremental']),
  /** `full-20261122T013000Z`: the kind and the start. */
  id: memberId,
  parent: z.strictObject({ id: memberId, manifestSha256: sha256 }).nullable(),
  startedAt: instant,
  /** The instant that the data is from. */
  dataAt: instant,
  finishedAt: instant,
  source: z.strictObject({
    /** The host as the configuration reaches it, such as `docker:agama-db`. */
    host: z.string().max(255),
    /** What the server calls itself: uuid, version, host name, replica state. */
    identity: z.record(z.string(), json),
    engineVersion: z.string().max(64),
  }),
  tools: z.record(z.string(), z.string().max(255)),
  artifacts: z
    .array(artifact)
    .min(1)
    .max(100_000)
    .refine((all) => new Set(all.map((each) => each.name)).size === all.length, 'two artifacts have one name'),
  /** Where an increment would begin; the engine's own form. */
  position: json,
  /** What the data said at `dataAt`; the engine's own form. */
  facts: json,
});

export const manifestSchema = manifestBodySchema.extend({
  signature: z.strictObject({
    algorithm: z.literal('ed25519'),
    /** The first 16 hex digits of the SHA-256 of the public key's DER form. */
    keyId: z.string().regex(/^[0-9a-f]{16}$/),
    value: z.base64(),
  }),
});

// What was parsed from JSON needs no copy of itself: that takes ten times as long as all the rest, and there may be
// 10,000 manifests.
const parsedJson = z.custom<Json>(isJson, 'is not JSON');

/** As `manifestSchema`, for what JSON.parse has made of the bytes of a manifest. */
export const parsedManifestSchema: typeof manifestSchema = manifestSchema.extend({
  position: parsedJson,
  facts: parsedJson,
});

export type ManifestBody = z.infer<typeof manifestBodySchema>;
export type Manifest = z.infer<typeof manifestSchema>;
export type ArtifactEntry = z.infer<typeof artifact>;
export type MemberKind = Manifest['kind'];

/** 10,000 tables make about 8 MB; a larger manifest is refused before it is parsed. */
export const maxManifestBytes = 64 * 1024 * 1024;
