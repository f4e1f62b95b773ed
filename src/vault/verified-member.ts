import { Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FiredrillError, isFiredrillError, messageOf } from '../kit/errors.ts';
import { chain, type Digest, DigestStream } from '../kit/streams.ts';
import { plainLine } from '../kit/text.ts';
import { describeMember } from '../model/backup-set.ts';
import type { ArtifactEntry, Manifest } from '../model/manifest.ts';
import type { OpenMember } from '../model/member.ts';
import { genuineManifest, type ManifestBytes, readManifest } from './read-manifest.ts';
import type { TrustedKey } from './signature.ts';
import type { ListedMember, ReadableVault } from './vault.ts';
import { zstdDecoder } from './zstd.ts';

/** A sealed member whose manifest is genuine. Artifacts are verified as they are read. */
export class VerifiedMember implements OpenMember {
  readonly manifestSha256: string;
  readonly listed: ListedMember;
  #manifest: Manifest;
  #hasFacts = true;
  readonly #vault: ReadableVault;
  readonly #entries: ReadonlyMap<string, ArtifactEntry>;
  /** Bytes of each file as it was listed. */
  readonly #files: ReadonlyMap<string, number>;
  /** What came of each artifact that was read to its end. */
  readonly #seen = new Map<string, FiredrillError | 'whole'>();
  readonly #decoded = new Set<string>();

  private constructor(vault: ReadableVault, listed: ListedMember, manifest: Manifest, manifestSha256: string) {
    this.#vault = vault;
    this.listed = listed;
    this.#manifest = manifest;
    this.manifestSha256 = manifestSha256;
    this.#entries = new Map(manifest.artifacts.map((entry) => [entry.name, entry]));
    this.#files = new Map(listed.files.map(({ name, bytes }) => [name, bytes]));
  }

  /** Rejects with MANIFEST_INVALID when the manifest is missing, malformed, misplaced or not signed by a trusted key; with KEY_INVALID or KEY_WRONG when the vault is encrypted and cannot be opened. */
  static async open(
    vault: ReadableVault,
    member: ListedMember,
    trusted: readonly TrustedKey[],
  ): Promise<VerifiedMember> {
    return VerifiedMember.of(vault, await readManifest(vault, member), trusted);
  }

  /** As `open`, of a manifest that was read already. */
  static async of(vault: ReadableVault, found: ManifestBytes, trusted: readonly TrustedKey[]): Promise<VerifiedMember> {
    return new VerifiedMember(vault, found.listed, await genuineManifest(found, trusted), found.sha256);
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  get hasFacts(): boolean {
    return this.#hasFacts;
  }

  /**
   * Lets go of the facts, which are most of a manifest: of a chain there may be 168 of 8 MB each. Whoever asks for them
   * afterwards is told that it is a fault of firedrill (INTERNAL). Safe twice.
   */
  forgetFacts(): this {
    if (!this.#hasFacts) return this;
    const { facts: _, ...rest } = this.#manifest;
    const get = () => {
      throw new FiredrillError('INTERNAL', `the facts of ${describeMember(this.listed)} were let go, and are needed`);
    };
    this.#manifest = Object.defineProperty(rest as Manifest, 'facts', { get });
    this.#hasFacts = false;
    return this;
  }

  byRole(role: string): ArtifactEntry[] {
    return this.manifest.artifacts.filter((entry) => entry.role === role);
  }

  content(name: string): Readable {
    const entry = this.#entries.get(name);
    if (!entry) throw new FiredrillError('ARTIFACT_DAMAGED', `${describeMember(this.listed)} has no artifact ${name}`);
    return Readable.from(this.#decode(entry), { objectMode: false, highWaterMark: 1 << 18 });
  }

  /**
   * The bytes of one artifact as they lie in the vault. ARTIFACT_DAMAGED, before their end, when they are not those of the
   * manifest.
   */
  stored(entry: ArtifactEntry): Readable {
    const wrong = this.#wrongByListing(entry);
    if (wrong) throw this.#note(entry, wrong);
    const seal = new SealCheck((digest) => this.#judge(entry, digest));
    return chain(this.#vault.read(this.listed, entry.name), seal);
  }

  /** Reads each artifact that was not read to its end before. The map tells what came of all of them. INTERRUPTED soon after `signal`. */
  async verifyAll(signal?: AbortSignal): Promise<ReadonlyMap<string, FiredrillError | 'whole'>> {
    for (const entry of this.manifest.artifacts)
      if (!this.#seen.has(entry.name)) await this.#verifyStored(entry, signal);
    return this.#seen;
  }

  /**
   * Decodes each artifact that was not read to its end before: a restore passes over what newer members replace, and other
   * restore points need it. Returns what does not decode; what is not as it was sealed, `verifyAll` tells. INTERRUPTED soon
   * after `signal`.
   */
  async decodeRest(signal?: AbortSignal): Promise<FiredrillError[]> {
    const rest = this.manifest.artifacts.filter((entry) => !this.#decoded.has(entry.name));
    const wrong: FiredrillError[] = [];
    for (const entry of rest) {
      const error = await this.#decodeToEnd(entry, signal);
      if (isFiredrillError(error, 'ARTIFACT_FORMAT', 'LIMIT_EXCEEDED')) wrong.push(error);
      else if (error !== undefined && (!isFiredrillError(error) || error.code === 'INTERRUPTED')) throw error;
    }
    return wrong;
  }

  async #decodeToEnd(entry: ArtifactEntry, signal: AbortSignal | undefined): Promise<unknown> {
    try {
      const content = this.content(entry.name);
      // Some producers compress by themselves, so that the artifact is stored as it came.
      const plain = entry.name.endsWith('.gz') ? chain(content, createGunzip()) : content;
      for await (const _ of plain) if (signal?.aborted) throw interrupted(entry, signal);
      return undefined;
    } catch (error) {
      return isFiredrillError(error) ? error : await this.#explain(entry, error);
    }
  }

  async *#decode(entry: ArtifactEntry): AsyncGenerator<Buffer> {
    const wrong = this.#wrongByListing(entry);
    if (wrong) throw this.#note(entry, wrong);
    const seal = new SealCheck((digest) => this.#judge(entry, digest));
    const raw = this.#vault.read(this.listed, entry.name);
    const plain = entry.encoding === 'zstd' ? chain(raw, seal, zstdDecoder(entry.contentBytes)) : chain(raw, seal);
    let bytes = 0;
    try {
      for await (const chunk of plain as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > entry.contentBytes) throw this.#bomb(entry);
        yield chunk;
      }
      // A decoder ends with its frame: what follows the frame has not passed the seal.
      if (!seal.reachedEnd) throw new FiredrillError('ARTIFACT_FORMAT', 'bytes follow its end');
    } catch (error) {
      throw await this.#explain(entry, error);
    } finally {
      raw.destroy();
    }
    if (bytes < entry.contentBytes) throw this.#short(entry, bytes);
    this.#decoded.add(entry.name);
  }

  /** A decoder stumbles before the end is reached and the hash is known: the hash decides what the fault is called. */
  async #explain(entry: ArtifactEntry, error: unknown): Promise<unknown> {
    if (isFiredrillError(error, 'LIMIT_EXCEEDED', 'ARTIFACT_DAMAGED')) return error;
    if (isFiredrillError(error, 'VAULT_READ', 'HOST_UNREACHABLE')) return this.#note(entry, error);
    const verdict = await this.#verifyStored(entry);
    if (verdict !== 'whole') return verdict;
    const sentence = `artifact ${entry.name} of ${describeMember(this.listed)} does not decode: ${plainLine(messageOf(error))}`;
    return new FiredrillError('ARTIFACT_FORMAT', sentence, { cause: error });
  }

  async #verifyStored(entry: ArtifactEntry, signal?: AbortSignal): Promise<FiredrillError | 'whole'> {
    const wrong = this.#wrongByListing(entry);
    if (wrong) return this.#note(entry, wrong);
    const digest = new DigestStream();
    try {
      for await (const _ of chain(this.#vault.read(this.listed, entry.name), digest)) {
        // Reading to the end is all: the digest is what matters.
        if (signal?.aborted) throw interrupted(entry, signal);
      }
      return this.#judge(entry, digest.digest()) ?? 'whole';
    } catch (error) {
      if (!isFiredrillError(error) || error.code === 'INTERRUPTED') throw error;
      return this.#note(entry, error);
    }
  }

  #judge(entry: ArtifactEntry, found: Digest): FiredrillError | undefined {
    const whole = found.sha256 === entry.sha256 && found.bytes === entry.bytes;
    this.#seen.set(entry.name, 'whole');
    return whole ? undefined : this.#note(entry, damaged(entry, found, describeMember(this.listed)));
  }

  /** Seen before a byte is read: a file with holes can be larger than any disk, and reading it would never end. */
  #wrongByListing(entry: ArtifactEntry): FiredrillError | undefined {
    const bytes = this.#files.get(entry.name);
    if (bytes === undefined) return this.#missing(entry);
    return bytes === entry.bytes ? undefined : damaged(entry, { bytes, sha256: '' }, describeMember(this.listed));
  }

  #note(entry: ArtifactEntry, error: FiredrillError): FiredrillError {
    this.#seen.set(entry.name, error);
    return error;
  }

  #missing(entry: ArtifactEntry) {
    return new FiredrillError(
      'ARTIFACT_DAMAGED',
      `artifact ${entry.name} of ${describeMember(this.listed)} is missing`,
    );
  }

  #bomb(entry: ArtifactEntry) {
    const sentence = `artifact ${entry.name} of ${describeMember(this.listed)} decodes to more than the ${entry.contentBytes} bytes of its manifest`;
    return new FiredrillError('LIMIT_EXCEEDED', sentence);
  }

  #short(entry: ArtifactEntry, bytes: number) {
    const sentence = `artifact ${entry.name} of ${describeMember(this.listed)} decodes to ${bytes} bytes, its manifest says ${entry.contentBytes}`;
    return new FiredrillError('ARTIFACT_FORMAT', sentence);
  }
}

/** Hashes what passes, and breaks before the end when it is not what was sealed. */
class SealCheck extends Transform {
  readonly #digest = new DigestStream();
  readonly #judge: (found: Digest) => FiredrillError | undefined;
  reachedEnd = false;

  constructor(judge: (found: Digest) => FiredrillError | undefined) {
    super();
    this.#judge = judge;
  }

  override _transform(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null, data?: Buffer) => void) {
    this.#digest._transform(chunk, encoding, done);
  }

  override _flush(done: (error?: Error | null) => void) {
    this.reachedEnd = true;
    done(this.#judge(this.#digest.digest()));
  }
}

function interrupted({ name }: ArtifactEntry, { reason }: AbortSignal) {
  return new FiredrillError('INTERRUPTED', `artifact ${name} was read no further`, { cause: reason });
}

function damaged(entry: ArtifactEntry, found: Digest, where: string): FiredrillError {
  const what =
    found.bytes !== entry.bytes
      ? `it has ${found.bytes} bytes, the manifest says ${entry.bytes}`
      : `its SHA-256 is ${found.sha256.slice(0, 16)}…, the manifest says ${entry.sha256.slice(0, 16)}…`;
  return new FiredrillError('ARTIFACT_DAMAGED', `artifact ${entry.name} of ${where} is not what was sealed: ${what}`);
}
