import { createHash } from 'node:crypto';
import { type Duplex, pipeline, type Readable, Transform } from 'node:stream';
import { FiredrillError } from './errors.ts';

export interface Digest {
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

/** Passes bytes on unchanged; `digest()` is valid once the stream has ended. */
export class DigestStream extends Transform {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null, data?: Buffer) => void) {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    done(null, chunk);
  }

  digest(): Digest {
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }
}

/** Passes bytes on unchanged, and counts them; small chunks together: what comes next has work to do for each, however small. */
export class GatheringStream extends Transform {
  readonly #leastBytes: number;
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Of all that has come. */
  bytes = 0;

  /** @param leastBytes of a chunk that is passed on, but for the last one */
  constructor(leastBytes = 1 << 17) {
    super();
    this.#leastBytes = leastBytes;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null, data?: Buffer) => void) {
    this.bytes += chunk.length;
    this.#heldBytes += chunk.length;
    this.#held.push(chunk);
    if (this.#heldBytes < this.#leastBytes) return done();
    done(null, this.#take());
  }

  override _flush(done: (error?: Error | null, data?: Buffer) => void) {
    if (this.#heldBytes === 0) return done();
    done(null, this.#take());
  }

  #take(): Buffer {
    const whole = joined(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return whole;
  }
}

/** Of one chunk nothing is copied. */
export function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first && chunks.length === 1 ? first : Buffer.concat(chunks);
}

/** Reads to the end; nothing is kept. */
export async function digestOf(content: AsyncIterable<Buffer>): Promise<Digest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** What a stream that has not been read from yet may offer: all of it at once, which is cheaper for what is small. */
export interface AtOnce {
  /** undefined where it can only be streamed. The stream itself stays as it was. */
  atOnce(): Promise<Buffer | undefined>;
  /** SHA-256 of all of it, lower-case hex, which costs still less than to hand it out; undefined as above. */
  digestAtOnce(): Promise<string | undefined>;
}

/** Collects a stream into memory, at most `maxBytes`; more is LIMIT_EXCEEDED, for `what`. */
export async function collect(stream: Readable, maxBytes: number, what: string): Promise<Buffer> {
  const whole = stream.readableDidRead ? undefined : await (stream as Partial<AtOnce>).atOnce?.();
  if (whole && whole.length <= maxBytes) {
    stream.destroy();
    return whole;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new FiredrillError('LIMIT_EXCEEDED', `${what} is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return joined(chunks);
}

/** Keeps the last `maxBytes` of what flows in, as text: for a tool's stderr. */
export class Tail {
  #text = '';
  readonly #maxChars: number;
  constructor(maxChars = 65_536) {
    this.#maxChars = maxChars;
  }
  add(chunk: Buffer | string) {
    this.#text = (this.#text + chunk.toString()).slice(-this.#maxChars);
  }
  toString() {
    return this.#text;
  }
  lines(last = 20): string[] {
    return this.#text
      .trimEnd()
      .split('\n')
      .slice(-last)
      .filter((line) => line !== '');
  }
}

/** Joins streams; an error of any breaks the last one, which is returned. (`pipe` alone would leave it hanging.) */
export function chain(first: Readable, ...rest: Duplex[]): Readable {
  return rest.length === 0 ? first : (pipeline([first, ...rest], () => {}) as Duplex);
}
