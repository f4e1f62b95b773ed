import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FiredrillError, isFiredrillError, messageOf } from '../../kit/errors.ts';
import { assertRoom } from '../../kit/files.ts';
import { chain } from '../../kit/streams.ts';
import { readTar, type TarEntry } from '../../kit/tar.ts';
import { plainLine } from '../../kit/text.ts';
import type { ShardFacts } from './facts.ts';
import type { PortableFile } from './portable-manifest.ts';
import { type PointSink, readShard, type ShardFile } from './tsm/read-shard.ts';
import { mostTombstoneBytes, noTombstones, parseTombstones } from './tsm/tombstones.ts';
import { TsmFile } from './tsm/tsm-file.ts';

/** One shard's archive, `<stamp>.s<id>.tar.gz`, and what is known of it. */
export interface ShardArchive {
  content: Readable;
  /** Of the gzip file. */
  bytes: number;
  file: PortableFile;
}

export type SpooledFile = ShardFacts['files'][number];

/** All are opened at once. A shard has some dozens, and hundreds while much is written. */
const mostFiles = 2_000;

/** What is decoded at once: Node's own 16 KiB cost more to hand on than to decode. */
const gunzipBytes = 1 << 18;

/**
 * A shard's files, unpacked into a folder of their own: the index of a TSM file is at its end. Disposing of it removes
 * them.
 */
export class SpooledShard implements AsyncDisposable {
  readonly #fileName: string;
  readonly #folder: string;
  readonly #files: readonly SpooledFile[];

  private constructor(fileName: string, folder: string, files: readonly SpooledFile[]) {
    this.#fileName = fileName;
    this.#folder = folder;
    this.#files = files;
  }

  /** Decodes the archive to its end; ARTIFACT_FORMAT for whatever is not as the server writes it. */
  static async of(archive: ShardArchive, scratch: string): Promise<SpooledShard> {
    const { fileName, size, shardID } = archive.file;
    await assertRoom(scratch, size, `to look into ${fileName}, firedrill`);
    const folder = join(scratch, `shard-${shardID}`);
    await mkdir(folder, { mode: 0o700 });
    try {
      return new SpooledShard(fileName, folder, await spool(archive, folder));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw blaming(fileName, error);
    }
  }

  get facts(): Pick<ShardFacts, 'files' | 'tombstones' | 'contentSha256'> {
    const named = (end: string) => this.#files.filter((file) => file.name.endsWith(end));
    return {
      files: named('.tsm'),
      tombstones: named('.tombstone').length,
      contentSha256: contentHash(this.#files),
    };
  }

  /** Tells all points. ARTIFACT_FORMAT as above, INTERRUPTED soon after `signal`. */
  async read(sink: PointSink, signal?: AbortSignal): Promise<void> {
    try {
      await readFiles(this.#files, this.#folder, sink, signal);
    } catch (error) {
      throw blaming(this.#fileName, error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Of names and hashes, by name: the same for the same files, whatever the archive's own times and order. */
export function contentHash(files: readonly Pick<SpooledFile, 'name' | 'sha256'>[]): string {
  const lines = files.map(({ name, sha256 }) => `${name} ${sha256}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** The files within a shard's archive, one after the other; the archive must end as it began. */
export async function* filesOf({ content, bytes, file }: ShardArchive): AsyncGenerator<TarEntry & { base: string }> {
  const gunzip = createGunzip({ chunkSize: gunzipBytes });
  const prefix = `${file.database}/${file.policy}/${file.shardID}/`;
  for await (const entry of readTar(decoded(content, gunzip, file.size))) {
    if (!entry.name.startsWith(prefix)) {
      throw damage(`it should hold ${plainLine(prefix)}, and holds ${plainLine(entry.name)}`);
    }
    if (entry.type === 'file') yield Object.assign(entry, { base: entry.name.slice(prefix.length) });
  }
  if (gunzip.bytesWritten !== bytes) throw damage('there is something after its end');
}

async function spool(archive: ShardArchive, folder: string): Promise<SpooledFile[]> {
  const files: SpooledFile[] = [];
  for await (const { base, size, content } of filesOf(archive)) {
    // Of the index of a TSI shard and the like: the server builds it anew.
    if (!/^[\w-]+\.(tsm|tombstone)$/.test(base)) continue;
    if (files.length === mostFiles) throw beyond(`it holds more than ${mostFiles} files`);
    if (base.endsWith('.tombstone') && size > mostTombstoneBytes) throw beyond(`${base} has ${size} bytes`);
    if (files.some((file) => file.name === base)) throw damage(`it holds ${base} twice`);
    const hash = createHash('sha256');
    const hashing = async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(content, hashing, createWriteStream(join(folder, base), { flags: 'wx', mode: 0o600 }));
    files.push({ name: base, bytes: size, sha256: hash.digest('hex') });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** By name, so that newer files come later. */
async function readFiles(files: readonly SpooledFile[], folder: string, sink: PointSink, signal?: AbortSignal) {
  const opened: ShardFile[] = [];
  try {
    for (const { name } of files.filter((file) => file.name.endsWith('.tsm'))) {
      const beside = name.replace(/tsm$/, 'tombstone');
      const hasTombstones = files.some((file) => file.name === beside);
      const tombstones = hasTombstones ? await parseTombstones(await readFile(join(folder, beside))) : noTombstones;
      opened.push({ tsm: await TsmFile.open(join(folder, name)), tombstones });
    }
    await readShard(opened, sink, signal);
  } finally {
    await Promise.all(opened.map(({ tsm }) => tsm.close()));
  }
}

function decoded(content: Readable, gunzip: Transform, bytes: number): Readable {
  const named = (error: Error) => (error instanceof FiredrillError ? error : damage(`gzip: ${messageOf(error)}`));
  const exact = new ExactSize(bytes);
  // A source that breaks says more than the decoder that stumbles over it.
  gunzip.on('error', (error) => exact.destroy(content.errored ?? named(error)));
  chain(content, gunzip);
  return gunzip.pipe(exact);
}

/** Breaks when not exactly `bytes` flow through. */
class ExactSize extends Transform {
  readonly #expected: number;
  #bytes = 0;

  constructor(bytes: number) {
    super();
    this.#expected = bytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#expected)
      done(damage(`it decodes to more than the ${this.#expected} bytes that it should`));
    else done(null, chunk);
  }

  override _flush(done: TransformCallback) {
    const short = this.#bytes < this.#expected;
    done(short ? damage(`it decodes to ${this.#bytes} bytes and not to ${this.#expected}`) : null);
  }
}

function damage(what: string) {
  return new FiredrillError('ARTIFACT_FORMAT', what);
}

function beyond(what: string) {
  return new FiredrillError('LIMIT_EXCEEDED', what);
}

function blaming(fileName: string, error: unknown): unknown {
  if (isFiredrillError(error, 'LIMIT_EXCEEDED')) {
    return new FiredrillError('LIMIT_EXCEEDED', `${fileName} is more than a shard can be: ${error.message}`, {
      cause: error,
    });
  }
  if (!isFiredrillError(error, 'ARTIFACT_FORMAT')) return error;
  return new FiredrillError('ARTIFACT_FORMAT', `${fileName} is damaged: ${error.message}`, { cause: error });
}
