/** Reads an event's body from its beginning; RangeError where it ends too early. */
export class BodyReader {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** Little-endian. */
  uint(bytes: 1 | 2 | 3 | 4 | 6): number {
    const value = this.#bytes.readUIntLE(this.at, bytes);
    this.at += bytes;
    return value;
  }

  /** MySQL's length-encoded integer: one byte, or a mark and 2, 3 or 8 bytes. */
  length(): number {
    const first = this.uint(1);
    if (first < 251) return first;
    if (first === 252) return this.uint(2);
    if (first === 253) return this.uint(3);
    const low = this.uint(4);
    return low + this.uint(4) * 2 ** 32;
  }

  take(bytes: number): Buffer {
    if (bytes > this.left) throw new RangeError('an event ends too early');
    this.at += bytes;
    return this.#bytes.subarray(this.at - bytes, this.at);
  }

  skip(bytes: number): void {
    this.take(bytes);
  }

  /** A text with its length in one byte before it and a zero behind it. */
  name(): string {
    const text = this.take(this.uint(1)).toString('utf8');
    this.skip(1);
    return text;
  }
}
