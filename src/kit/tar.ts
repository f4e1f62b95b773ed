import { once } from 'node:events';
import { pipeline, Readable, Transform, type TransformCallback } from 'node:stream';
import { type Extract, extract, type Pack, pack } from 'tar-stream';
import { Cancellation } from './cancellation.ts';
import { FiredrillError, messageOf } from './errors.ts';
import { GatheringStream } from './streams.ts';
import { plainLine } from './text.ts';

/** A file or folder that was found in an archive. */
export interface TarEntry {
  /** Relative, without `..`. Untrusted otherwise. */
  name: string;
  size: number;
  type: 'file' | 'directory';
  /** Must be read before the next entry is asked for; what is not read is passed over. */
  content: Readable;
}

/** A file or folder for an archive. */
export interface NewTarEntry {
  name: string;
  type?: 'file' | 'directory';
  /** Permission bits; 0644 for files and 0755 for folders by default. */
  mode?: number;
  /** Bytes in `content`, exactly. 0 for folders. */
  size: number;
  content?: Readable | Buffer;
}

type Entry = Extract extends AsyncIterable<infer E> ? E : never;

const blockBytes = 512;
const gatheredBytes = 1 << 18;

/**
 * Reads a tar archive (ustar, pax, GNU long names) without holding it in memory. ARTIFACT_FORMAT for whatever a backup
 * never has: links, devices, absolute names, `..`; and for an archive that breaks off, its end mark (two blocks of
 * zeros) included, or has more after it. A FiredrillError of `stream` is passed on.
 */
export async function* readTar(stream: Readable): AsyncGenerator<TarEntry, void, void> {
  const end = new EndWatch();
  const archive = extract();
  // tar writes 10 KiB at a time, and what comes of a piece is handed on many times.
  pipeline(stream, new GatheringStream(gatheredBytes), end, archive, () => {});
  try {
    for await (const entry of archive) {
      const { name, type, size } = acceptable(entry);
      end.entryEndsAt(entry, size);
      const content = Readable.from(contentOf(entry), { objectMode: false });
      content.on('error', () => {});
      yield { name, type, size, content };
      await passOver(content);
    }
  } catch (error) {
    throw formatError(error);
  } finally {
    archive.destroy();
  }
  end.assertEnded();
}

async function* contentOf(entry: Entry): AsyncGenerator<Buffer> {
  try {
    yield* entry as AsyncIterable<Buffer>;
  } catch (error) {
    throw formatError(error);
  }
}

async function passOver(content: Readable) {
  if (content.readableEnded) return;
  if (content.destroyed) throw content.errored ?? new Error('an entry was not read to its end');
  content.resume();
  await once(content, 'end');
}

function acceptable({ header }: Entry): Pick<TarEntry, 'name' | 'type' | 'size'> {
  const { name, type, size = 0 } = header;
  const shown = plainLine(name);
  if (name === '' || name.startsWith('/')) throw unwelcome(`the name ${JSON.stringify(shown)}`);
  if (name.split('/').includes('..')) throw unwelcome(`a name with "..": ${shown}`);
  if (type !== 'file' && type !== 'directory' && type !== 'contiguous-file') {
    throw unwelcome(`${shown}, which is neither a file nor a folder but of type ${type ?? 'unknown'}`);
  }
  return { name, type: type === 'directory' ? 'directory' : 'file', size };
}

function unwelcome(what: string) {
  return new FiredrillError('ARTIFACT_FORMAT', `the tar archive holds ${what}`);
}

function formatError(error: unknown): FiredrillError {
  if (error instanceof FiredrillError) return error;
  return new FiredrillError('ARTIFACT_FORMAT', `the tar archive is damaged: ${messageOf(error)}`, { cause: error });
}

const zeros = Buffer.alloc(4096);

/** Index of the last byte that is not zero, -1 for none. By blocks: byte by byte takes longer than all else. */
function lastUsed(chunk: Buffer): number {
  for (let end = chunk.length; end > 0; end -= zeros.length) {
    const start = Math.max(0, end - zeros.length);
    if (chunk.subarray(start, end).equals(zeros.subarray(0, end - start))) continue;
    let at = end - 1;
    while (chunk[at] === 0) at -= 1;
    return at;
  }
  return -1;
}

/** Knows where the archive's last byte that is not zero lies, and where its last entry ends. */
class EndWatch extends Transform {
  #bytes = 0;
  #zerosFrom = 0;
  #entriesEnd = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
    const last = lastUsed(chunk);
    if (last >= 0) this.#zerosFrom = this.#bytes + last + 1;
    this.#bytes += chunk.length;
    done(null, chunk);
  }

  entryEndsAt({ header }: Entry, size: number) {
    // tar-stream tells where the content begins; its types do not say so.
    const { byteOffset } = header as { byteOffset?: number };
    if (byteOffset === undefined) throw new TypeError('tar-stream no longer tells byteOffset');
    this.#entriesEnd = byteOffset + Math.ceil(size / blockBytes) * blockBytes;
  }

  assertEnded() {
    if (this.#zerosFrom > this.#entriesEnd) throw unwelcome('something after its last entry');
    if (this.#bytes < this.#entriesEnd + 2 * blockBytes) throw formatError(new Error('its end mark is missing'));
  }
}

/** Writes a tar archive. Breaks when an entry's content breaks or is not of its `size`. */
export function writeTar(entries: Iterable<NewTarEntry> | AsyncIterable<NewTarEntry>): Readable {
  const archive = pack();
  fill(archive, entries).then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  );
  return Readable.from(archive, { objectMode: false });
}

async function fill(archive: Pack, entries: Iterable<NewTarEntry> | AsyncIterable<NewTarEntry>) {
  for await (const { name, type = 'file', size, mode, content } of entries) {
    // The epoch: the same entries make the same bytes.
    const header = { name, type, size, mtime: new Date(0), ...(mode === undefined ? {} : { mode }) };
    if (type === 'directory') archive.entry(header);
    else await addFile(archive, header, Buffer.isBuffer(content) ? [content] : (content ?? []));
  }
}

async function addFile(
  archive: Pack,
  header: { name: string; size: number },
  content: AsyncIterable<Buffer> | Buffer[],
) {
  const written = Promise.withResolvers<void>();
  const broken = new Cancellation();
  written.promise.catch((error: unknown) => broken.cancel(error));
  const sink = archive.entry(header, (error) => (error ? written.reject(error) : written.resolve()));
  sink.on('error', () => {});
  for await (const chunk of content) {
    if (!sink.write(chunk)) await broken.race(once(sink, 'drain'));
  }
  sink.end(null);
  await written.promise;
}
