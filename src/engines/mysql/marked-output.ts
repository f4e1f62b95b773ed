const newline = 0x0a;

/** Cuts a tool's output at marks: lines that begin with a given text. Memory is that of one chunk. */
export class MarkedOutput {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(output: AsyncIterable<Buffer>) {
    this.#chunks = output[Symbol.asyncIterator]();
  }

  /**
   * Yields what comes before the next line that begins with `mark`, and returns that line without its newline. Returns
   * undefined, after all bytes but those of a possible mark, when the output ends before.
   */
  async *until(mark: string): AsyncGenerator<Buffer, string | undefined> {
    const start = Buffer.from(`\n${mark}`);
    // As if a newline stood before the first byte: then every mark begins alike.
    let held: Buffer = Buffer.concat([Buffer.from('\n'), this.#rest]);
    let skip = 1;
    for (;;) {
      const at = held.indexOf(start);
      if (at >= 0) {
        if (at + 1 > skip) yield held.subarray(skip, at + 1);
        return this.#line(held.subarray(at + 1));
      }
      const safe = held.length - possibleStart(held, start);
      if (safe > skip) yield held.subarray(skip, safe);
      skip = Math.max(0, skip - safe);
      held = held.subarray(safe);
      const { done, value } = await this.#chunks.next();
      if (done) return undefined;
      held = held.length === 0 ? value : Buffer.concat([held, value]);
    }
  }

  /** The rest of a line that has begun; what follows it is kept. */
  async #line(begun: Buffer): Promise<string | undefined> {
    let held = begun;
    for (;;) {
      const end = held.indexOf(newline);
      if (end >= 0) {
        this.#rest = held.subarray(end + 1);
        return held.toString('utf8', 0, end);
      }
      const { done, value } = await this.#chunks.next();
      if (done) return undefined;
      held = Buffer.concat([held, value]);
    }
  }
}

/** How many of the last bytes may be the beginning of `start`: few chunks end so, and only those are copied. */
function possibleStart(chunk: Buffer, start: Buffer): number {
  const from = Math.max(0, chunk.length - start.length + 1);
  for (let at = chunk.indexOf(newline, from); at >= 0; at = chunk.indexOf(newline, at + 1)) {
    if (start.subarray(0, chunk.length - at).equals(chunk.subarray(at))) return chunk.length - at;
  }
  return 0;
}

/** Newlines in a chunk: rows, in the format of LOAD DATA. */
export function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) lines += 1;
  return lines;
}
