import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { parseUntrustedJson } from '../kit/json.ts';
import { chain, collect, type Digest, DigestStream } from '../kit/streams.ts';
import { manifestFile } from '../model/backup-set.ts';
import {
  encryptedManifest,
  factsOf,
  namesFile,
  type SealedName,
  type StoredFile,
  storedFile,
} from '../model/encrypted-member.ts';
import { maxManifestBytes } from '../model/manifest.ts';
import type { MemberFacts } from '../model/retention.ts';
import { padded, paddedSize } from './padding.ts';
import type { MemberWriter } from './vault.ts';

export type Encrypt = (content: AsyncIterable<Uint8Array>) => Readable;

/** Encrypts what it is given, under names and with sizes that say little. It needs public keys only. */
export class EncryptedWriter implements MemberWriter {
  readonly #inner: MemberWriter;
  readonly #encrypt: Encrypt;
  readonly #names: SealedName[] = [];
  readonly #stored: StoredFile[] = [];
  #facts: MemberFacts | null = null;
  #count = 0;

  constructor(inner: MemberWriter, encrypt: Encrypt) {
    this.#inner = inner;
    this.#encrypt = encrypt;
  }

  async write(file: string, content: Readable): Promise<void> {
    if (file !== manifestFile) return this.#seal(file, content, `${String(++this.#count).padStart(4, '0')}.age`);
    const bytes = await collect(content, maxManifestBytes, 'a manifest');
    await this.#seal(file, Readable.from([bytes]), encryptedManifest);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.#facts = factsOf(parseUntrustedJson(bytes, 'a manifest'), sha256);
  }

  /** The same content is never encrypted to the same bytes, so that nothing can be gone on with. */
  copy(file: string, _known: Digest, open: () => Readable): Promise<void> {
    return this.write(file, open());
  }

  async commit(): Promise<void> {
    const names = JSON.stringify({ format: 'firedrill-names', version: 1, files: this.#names });
    await this.#store(namesFile, Readable.from([Buffer.from(names.padEnd(paddedSize(Buffer.byteLength(names))))]));
    const record = {
      format: 'firedrill-stored',
      version: 1,
      facts: this.#facts,
      files: this.#stored.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    };
    await this.#inner.write(storedFile, Readable.from([Buffer.from(`${JSON.stringify(record, null, 1)}\n`)]));
    await this.#inner.commit();
  }

  abandon(): Promise<void> {
    return this.#inner.abandon();
  }

  suspend(): Promise<void> {
    return this.#inner.suspend();
  }

  async #seal(name: string, content: Readable, stored: string): Promise<void> {
    let bytes = 0;
    const whole = padded(content, (seen) => {
      bytes = seen;
    });
    await this.#store(stored, whole);
    this.#names.push({ name, bytes, stored });
  }

  async #store(name: string, content: AsyncIterable<Buffer>): Promise<void> {
    const digest = new DigestStream();
    await this.#inner.write(name, chain(this.#encrypt(content), digest));
    this.#stored.push({ name, ...digest.digest() });
  }
}
