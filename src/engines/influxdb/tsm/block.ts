import { crc32 } from 'node:zlib';
import { damage } from './damage.ts';
import { countTimestamps, decodeTimestamps, firstTimestamp } from './timestamps.ts';
import type { IndexEntry } from './tsm-file.ts';
import { readVarint } from './varint.ts';

/** One block of values of one key: a CRC-32, the type, the timestamps with their length, the values. */
export class Block {
  readonly count: number;
  readonly #timestamps: Buffer;
  readonly #entry: IndexEntry;

  /** Throws ARTIFACT_FORMAT unless the CRC is right and the block is what its index entry says. */
  constructor(bytes: Buffer, entry: IndexEntry) {
    const data = bytes.subarray(4);
    if (crc32(data) !== bytes.readUInt32BE(0)) throw damage(`the CRC of the block at ${entry.offset} is wrong`);
    const length = readVarint(data, 1);
    const end = length.end + Number(length.value);
    if (end > data.length) throw damage(`the timestamps of the block at ${entry.offset} break off`);
    if (data[0] !== entry.type) throw damage(`the block at ${entry.offset} is of another type than its index says`);
    this.#timestamps = data.subarray(length.end, end);
    this.#entry = entry;
    this.count = countTimestamps(this.#timestamps);
    if (firstTimestamp(this.#timestamps) !== entry.min) throw this.#misplaced();
  }

  /** Ascending, in ns since 1970. */
  timestamps(): BigInt64Array<ArrayBuffer> {
    const all = decodeTimestamps(this.#timestamps);
    if (all[all.length - 1] !== this.#entry.max) throw this.#misplaced();
    return all;
  }

  #misplaced() {
    return damage(`the block at ${this.#entry.offset} does not begin and end when its index says`);
  }
}
