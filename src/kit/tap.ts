import { PassThrough, type Readable, Transform, type TransformCallback } from 'node:stream';

/** A transform that passes bytes on unchanged, and what a second reader made of the same bytes. */
export interface Tapped<T> {
  tap: Transform;
  /** Rejects with the reader's error; the tap then breaks with the same. */
  result: Promise<T>;
}

/** Lets a second reader see each byte that flows through, at the pace of the slower one: nothing is held. */
export function tapped<T>(read: (copy: Readable) => Promise<T>): Tapped<T> {
  const copy = new PassThrough();
  copy.on('error', () => {});
  const tap = new Tap(copy);
  const result = read(copy);
  result.catch((error: Error) => tap.destroy(error));
  return { tap, result };
}

class Tap extends Transform {
  readonly #copy: PassThrough;

  constructor(copy: PassThrough) {
    super();
    this.#copy = copy;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
    // A reader that has seen enough closes its copy; the bytes flow on.
    if (this.#copy.destroyed || this.#copy.write(chunk)) return done(null, chunk);
    const goOn = () => {
      this.#copy.off('drain', goOn).off('close', goOn);
      done(null, chunk);
    };
    this.#copy.once('drain', goOn).once('close', goOn);
  }

  override _flush(done: TransformCallback) {
    this.#copy.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void) {
    // At its end a stream destroys itself: a slower reader has not yet taken all of its copy then.
    if (error !== null || !this.#copy.writableEnded) this.#copy.destroy(error ?? undefined);
    done(error);
  }
}
