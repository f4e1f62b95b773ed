import type { Readable } from 'node:stream';
import { FiredrillError } from '../../../kit/errors.ts';
import { blockHash } from './blocks.ts';
import { ByteReader } from './byte-reader.ts';
import {
  badDelta,
  blocksIn,
  type DeltaHeader,
  decodeHeader,
  endMark,
  endNumber,
  headerBytes,
  lengthOfBlock,
  recordHeadBytes,
} from './delta-format.ts';

export interface DeltaBlock {
  number: number;
  content: Buffer;
}

/**
 * Reads a delta to its end and judges it without its base: sizes, order, each block's hash, every new block, the end mark.
 * ARTIFACT_FORMAT for what is wrong, ARTIFACT_INCOMPLETE for what is missing.
 */
export class DeltaReader {
  readonly header: DeltaHeader;
  readonly #bytes: ByteReader;

  private constructor(header: DeltaHeader, bytes: ByteReader) {
    this.header = header;
    this.#bytes = bytes;
  }

  static async open(content: Readable): Promise<DeltaReader> {
    const bytes = new ByteReader(content);
    try {
      return new DeltaReader(decodeHeader(await exactly(bytes, headerBytes)), bytes);
    } catch (error) {
      await bytes.close();
      throw error;
    }
  }

  /** For whoever reads no blocks. */
  async close(): Promise<void> {
    await this.#bytes.close();
  }

  async *blocks(): AsyncGenerator<DeltaBlock> {
    const { base, result, blockBytes } = this.header;
    let [seen, added, last] = [0, 0, -1];
    try {
      for (let block = await this.#next(last); block; block = await this.#next(last)) {
        last = block.number;
        seen += 1;
        if (block.number >= blocksIn(base.bytes, blockBytes)) added += 1;
        yield block;
      }
      const grownBy = Math.max(0, blocksIn(result.bytes, blockBytes) - blocksIn(base.bytes, blockBytes));
      this.#assertAll(seen, grownBy - added);
      if ((await this.#bytes.take(1)).length > 0) throw badDelta('bytes follow its end');
    } finally {
      await this.#bytes.close();
    }
  }

  /** undefined after the last one, when the end mark was read. */
  async #next(last: number): Promise<DeltaBlock | undefined> {
    const { blockBytes, result } = this.header;
    const number = (await exactly(this.#bytes, 4)).readUInt32BE();
    if (number === endNumber) {
      if (!(await exactly(this.#bytes, endMark.length)).equals(endMark)) throw badDelta('its end mark is wrong');
      return undefined;
    }
    if (number >= blocksIn(result.bytes, blockBytes)) throw badDelta(`block ${number} lies beyond the file's end`);
    if (number <= last) throw badDelta(`block ${number} comes after block ${last}`);
    const expected = await exactly(this.#bytes, recordHeadBytes - 4);
    const content = await exactly(this.#bytes, lengthOfBlock(number, result.bytes, blockBytes));
    if (!blockHash(content).equals(expected)) throw badDelta(`block ${number} is not what its hash says`);
    return { number, content };
  }

  #assertAll(seen: number, missing: number) {
    const { records } = this.header;
    if (seen !== records) throw incomplete(`it has ${seen} of ${records} records`);
    if (missing > 0) throw incomplete(`${missing} of the blocks by which the file grew are not in it`);
  }
}

async function exactly(bytes: ByteReader, length: number): Promise<Buffer> {
  const found = await bytes.take(length);
  if (found.length === length) return found;
  throw incomplete('it ends before its end mark');
}

function incomplete(why: string): FiredrillError {
  return new FiredrillError('ARTIFACT_INCOMPLETE', `the page delta of grafana.db is not whole: ${why}`);
}
