import { Block } from './block.ts';
import { damage } from './damage.ts';
import { WindowReader } from './window-reader.ts';

/** Where a block lies, and what it holds. */
export interface IndexEntry {
  /** ns since 1970, inclusive. */
  min: bigint;
  max: bigint;
  offset: number;
  size: number;
  type: number;
}

const magic = 0x16d116d1;
const version = 1;
const headerBytes = 5;
const footerBytes = 8;
const entryBytes = 28;
/** CRC, type and the shortest timestamps. */
const shortestBlock = 4 + 1 + 1 + 9;

/**
 * One TSM file (tsdb/engine/tsm1/DESIGN.md): a header, blocks, an index sorted by key, and a footer that says where the
 * index begins. It is walked key by key; nothing of it is held but the key at hand.
 */
export class TsmFile {
  /** The key that `next` moved to: a series, `#!~#` and a field. */
  key = Buffer.alloc(0);
  entries: IndexEntry[] = [];
  readonly #blocks: WindowReader;
  readonly #index: WindowReader;
  readonly #indexStart: number;
  #at: number;

  private constructor(blocks: WindowReader, indexStart: number) {
    this.#blocks = blocks;
    this.#index = blocks.another();
    this.#indexStart = indexStart;
    this.#at = indexStart;
  }

  static async open(path: string): Promise<TsmFile> {
    const reader = await WindowReader.open(path);
    try {
      if (reader.bytes < headerBytes + footerBytes) throw damage('a TSM file is too short');
      const header = await reader.load(0, headerBytes);
      if (header.readUInt32BE(0) !== magic || header[4] !== version) throw damage('a file is no TSM file of version 1');
      const indexStart = Number((await reader.load(reader.bytes - footerBytes, footerBytes)).readBigUInt64BE(0));
      if (indexStart < headerBytes || indexStart > reader.bytes - footerBytes) {
        throw damage('the index of a TSM file lies outside of it');
      }
      return new TsmFile(reader, indexStart);
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /** Moves to the next key; false after the last one. */
  async next(): Promise<boolean> {
    if (this.#at === this.#indexEnd) return false;
    const keyLength = (await this.#take(2)).readUInt16BE(0);
    const key = Buffer.from(await this.#take(keyLength));
    if (Buffer.compare(key, this.key) <= 0) throw damage('the keys of a TSM file are not in order');
    const head = await this.#take(3);
    const type = head[0] ?? 0;
    const count = head.readUInt16BE(1);
    if (count === 0) throw damage('a key of a TSM file has no block');
    this.key = key;
    this.entries = this.#parse(await this.#take(count * entryBytes), count, type);
    return true;
  }

  async block(entry: IndexEntry): Promise<Block> {
    const { offset, size } = entry;
    return new Block(this.#blocks.peek(offset, size) ?? (await this.#blocks.load(offset, size)), entry);
  }

  async close() {
    await this.#blocks.close();
  }

  get #indexEnd(): number {
    return this.#index.bytes - footerBytes;
  }

  async #take(length: number): Promise<Buffer> {
    const at = this.#at;
    this.#at += length;
    if (this.#at > this.#indexEnd) throw damage('the index of a TSM file breaks off');
    return this.#index.peek(at, length) ?? this.#index.load(at, length);
  }

  #parse(bytes: Buffer, count: number, type: number): IndexEntry[] {
    const entries: IndexEntry[] = [];
    for (let at = 0; at < count * entryBytes; at += entryBytes) {
      const [min, max] = [bytes.readBigInt64BE(at), bytes.readBigInt64BE(at + 8)];
      const [offset, size] = [Number(bytes.readBigUInt64BE(at + 16)), bytes.readUInt32BE(at + 24)];
      if (offset < headerBytes || size < shortestBlock || offset + size > this.#indexStart || min > max) {
        throw damage('an index entry of a TSM file points to no block');
      }
      entries.push({ min, max, offset, size, type });
    }
    return entries;
  }
}
