import { Transform, type TransformCallback } from 'node:stream';
import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import { maxEndMarkBytes, parseEndMark } from './end-mark.ts';
import { countLines } from './marked-output.ts';

export interface ExpectedData {
  /** For sentences, such as `table shop.orders`. */
  what: string;
  /** That its end mark must bear: the dump's, or a part's. */
  markId: string;
  isPart: boolean;
}

/**
 * Passes on the rows of a table's artifact and keeps its end mark back. Breaks with ARTIFACT_INCOMPLETE, before it ends,
 * when the mark is missing or of another dump or part, or when the rows before it are not as many as it says.
 */
export class DataStream extends Transform {
  /** Of the end mark, once the stream has ended. */
  rows = 0;
  #lines = 0;
  #held: Buffer = Buffer.alloc(0);
  readonly #expected: ExpectedData;

  constructor(expected: ExpectedData) {
    super({ highWaterMark: 1 << 18 });
    this.#expected = expected;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
    // One chunk is always held back, whole: nothing is copied but at the end.
    const isSmall = chunk.length < maxEndMarkBytes;
    if (!isSmall) this.#pass(this.#held);
    this.#held = isSmall ? Buffer.concat([this.#held, chunk]) : chunk;
    done();
  }

  override _flush(done: TransformCallback) {
    const last = this.#held.subarray(0, -1).lastIndexOf('\n') + 1;
    this.#pass(this.#held.subarray(0, last));
    const line = this.#held.toString('utf8', last);
    const problem = line.endsWith('\n') ? this.#problemOf(line.slice(0, -1)) : 'its end mark is missing';
    done(
      problem === undefined ? null : new FiredrillError('ARTIFACT_INCOMPLETE', `${this.#expected.what}: ${problem}`),
    );
  }

  #pass(rows: Buffer) {
    if (rows.length === 0) return;
    this.#lines += countLines(rows);
    this.push(rows);
  }

  #problemOf(line: string): string | undefined {
    const mark = parseEndMark(line);
    if (!mark) return 'its end mark is missing';
    const { markId, isPart } = this.#expected;
    const other = isPart ? 'another part or dump' : 'another dump';
    if (mark.id !== markId) return `its end mark is of ${other} (${plainLine(mark.id)})`;
    if (mark.warnings !== 0) return `its end mark counts ${mark.warnings} warnings`;
    if (mark.rows !== this.#lines) return `its end mark counts ${mark.rows} rows, ${this.#lines} come before it`;
    this.rows = mark.rows;
    return undefined;
  }
}
