import type { Readable } from 'node:stream';
import type { Json } from '../kit/json.ts';
import type { ArtifactEncoding, ArtifactEntry, Manifest } from './manifest.ts';

/** Where an engine puts what it dumps. The sink encodes, hashes, counts and syncs; the engine only produces. */
export interface ArtifactSink {
  /**
   * Streams `content` (plain, not yet encoded) to its end and stores it. Rejects when the content stream breaks or the
   * vault cannot write (VAULT_WRITE); the whole member is then abandoned. Several may be written at once.
   * @param name one path segment, `[A-Za-z0-9][A-Za-z0-9._-]*`
   */
  add(name: string, role: string, encoding: ArtifactEncoding, content: Readable): Promise<ArtifactEntry>;
}

/** What an engine knows after a dump; the flow makes the manifest of it. */
export interface DumpRecord {
  /** ISO 8601 with milliseconds, UTC. */
  dataAt: string;
  engineVersion: string;
  identity: Record<string, Json>;
  tools: Record<string, string>;
  position: Json;
  facts: Json;
}

/** One sealed member, opened for reading. Its content is untrusted until it was read to its end. */
export interface OpenMember {
  readonly manifest: Manifest;
  /** SHA-256 of the manifest file, lower-case hex. */
  readonly manifestSha256: string;
  /**
   * The decoded content of one artifact. The stored bytes are hashed as they pass; when they are not those of the
   * manifest the stream breaks with ARTIFACT_DAMAGED before it ends, when they do not decode with ARTIFACT_FORMAT,
   * when there is more than `contentBytes` with LIMIT_EXCEEDED. Throws ARTIFACT_DAMAGED when there is no such artifact.
   */
  content(name: string): Readable;
  /** Entries by role, in the order of the manifest. */
  byRole(role: string): ArtifactEntry[];
}
