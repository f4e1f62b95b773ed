import type { KeyObject } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FiredrillError } from '../kit/errors.ts';
import { DigestStream, GatheringStream } from '../kit/streams.ts';
import { type MemberRef, manifestFile } from '../model/backup-set.ts';
import type { ArtifactEncoding, ArtifactEntry, Manifest, ManifestBody } from '../model/manifest.ts';
import { manifestBodySchema } from '../model/manifest.ts';
import type { ArtifactSink } from '../model/member.ts';
import { signManifest } from './signature.ts';
import type { MemberWriter, Vault } from './vault.ts';
import { zstdEncoder } from './zstd.ts';

/** Takes an engine's artifacts into a vault and, at the end, seals them with the manifest. */
export class MemberSealer implements ArtifactSink, AsyncDisposable {
  readonly #writer: MemberWriter;
  readonly #entries = new Map<string, ArtifactEntry>();

  private constructor(writer: MemberWriter) {
    this.#writer = writer;
  }

  static async begin(vault: Vault, ref: MemberRef): Promise<MemberSealer> {
    return new MemberSealer(await vault.create(ref));
  }

  async add(name: string, role: string, encoding: ArtifactEncoding, content: Readable): Promise<ArtifactEntry> {
    if (this.#entries.has(name)) throw new FiredrillError('INTERNAL', `artifact ${name} is written twice`);
    const plain = new GatheringStream();
    const stored = new DigestStream();
    const out = new PassThrough();
    const encoded =
      encoding === 'zstd'
        ? pipeline(content, plain, zstdEncoder(), stored, out)
        : pipeline(content, plain, stored, out);
    const written = this.#writer.write(name, out);
    await Promise.allSettled([encoded, written]);
    // The writer first: it knows whose fault it is. The encoder sees only that nobody takes its bytes.
    await written;
    await encoded;
    const entry = { name, role, encoding, ...stored.digest(), contentBytes: plain.bytes };
    this.#entries.set(name, entry);
    return entry;
  }

  /** Signs and writes the manifest, last, and makes the member visible. Returns the manifest as it was written. */
  async seal(body: Omit<ManifestBody, 'artifacts'>, key: KeyObject): Promise<Manifest> {
    const artifacts = [...this.#entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const manifest = signManifest(manifestBodySchema.parse({ ...body, artifacts }), key);
    await this.#writer.write(manifestFile, Readable.from([Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)]));
    await this.#writer.commit();
    return manifest;
  }

  /** Removes what was not sealed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.abandon();
  }
}
