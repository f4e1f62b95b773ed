import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { FiredrillError } from '../kit/errors.ts';
import { joined } from '../kit/streams.ts';

const headerBytes = 8;

/**
 * Parts the stream of a docker exec into stdout and stderr. Frames: a stream number (1 stdout, 2 stderr), three zeros,
 * a length in 4 bytes big endian, the bytes (Docker Engine API, "attach to a container"). It waits for slow readers. A tool
 * that writes by the page makes as small frames: those that come together are passed on together.
 */
export class Demultiplexer extends Writable {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  #header = Buffer.alloc(0);
  #target: PassThrough | undefined;
  #left = 0;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    this.#part(chunk).then(
      () => done(),
      (error: unknown) => done(error as Error),
    );
  }

  async #part(chunk: Buffer) {
    let gathered: Gathered | undefined;
    for (let rest = chunk; rest.length > 0; ) {
      if (!this.#target) {
        rest = this.#readHeader(rest);
        continue;
      }
      const piece = rest.subarray(0, this.#left);
      rest = rest.subarray(piece.length);
      this.#left -= piece.length;
      if (gathered?.target !== this.#target) {
        await passOn(gathered);
        gathered = { target: this.#target, pieces: [] };
      }
      gathered.pieces.push(piece);
      if (this.#left === 0) this.#target = undefined;
    }
    await passOn(gathered);
  }

  #readHeader(bytes: Buffer): Buffer {
    const missing = headerBytes - this.#header.length;
    this.#header = Buffer.concat([this.#header, bytes.subarray(0, missing)]);
    if (this.#header.length === headerBytes) {
      const stream = this.#header[0];
      if (stream !== 1 && stream !== 2)
        throw new FiredrillError('SANDBOX_FAILED', `Docker sent a frame of the unknown stream ${stream}`);
      this.#left = this.#header.readUInt32BE(4);
      if (this.#left > 0) this.#target = stream === 1 ? this.stdout : this.stderr;
      this.#header = Buffer.alloc(0);
    }
    return bytes.subarray(missing);
  }

  override _final(done: (error?: Error | null) => void) {
    if (this.#left > 0 || this.#header.length > 0)
      return done(new FiredrillError('SANDBOX_FAILED', 'the stream from Docker ended within a frame'));
    this.stdout.end();
    this.stderr.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void) {
    if (error) {
      this.stdout.destroy(error);
      this.stderr.destroy(error);
    }
    done(error);
  }
}

/** Of one stream, in a row. */
interface Gathered {
  target: PassThrough;
  pieces: Buffer[];
}

async function passOn(gathered: Gathered | undefined) {
  if (gathered && !gathered.target.write(joined(gathered.pieces))) await once(gathered.target, 'drain');
}
