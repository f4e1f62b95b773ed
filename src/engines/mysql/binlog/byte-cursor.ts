import type { Readable } from 'node:stream';

/** Takes exact numbers of bytes from a stream, without holding more than what was asked for. */
export class ByteCursor {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes taken so far. */
  at = 0;

  constructor(stream: Readable) {
    this.#chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** Up to `bytes` bytes in pieces as they come; fewer when the stream ends before. */
  async *pieces(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#next())) return;
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      this.at += piece.length;
      left -= piece.length;
      yield piece;
    }
  }

  /** Exactly `bytes` bytes; fewer only at the end of the stream. */
  async take(bytes: number): Promise<Buffer> {
    return Buffer.concat(await Array.fromAsync(this.pieces(bytes)));
  }

  /** Ends the stream; what was not taken is not read. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    this.#rest = value;
    return true;
  }
}
