import { type FileHandle, open } from 'node:fs/promises';
import type { SortedCursor } from './merge-sorted.ts';
import { WindowReader } from './window-reader.ts';

const flushBytes = 64 * 1024;

/** Keys in ascending order, in a scratch file: merged later, to count how many there are in several shards. */
export class KeyRun {
  readonly path: string;
  readonly #file: FileHandle;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<KeyRun> {
    return new KeyRun(path, await open(path, 'wx', 0o600));
  }

  /** Awaited where it is a promise: then it is written. */
  append(key: Buffer): Promise<void> | undefined {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(key.length);
    this.#pending.push(length, key);
    this.#pendingBytes += length.length + key.length;
    return this.#pendingBytes >= flushBytes ? this.#flush() : undefined;
  }

  async close() {
    try {
      await this.#flush();
    } finally {
      await this.#file.close();
    }
  }

  async #flush() {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#file.write(bytes);
  }
}

export class KeyRunCursor implements SortedCursor {
  key = Buffer.alloc(0);
  readonly #reader: WindowReader;
  #at = 0;

  private constructor(reader: WindowReader) {
    this.#reader = reader;
  }

  static async open(path: string): Promise<KeyRunCursor> {
    return new KeyRunCursor(await WindowReader.open(path));
  }

  async next(): Promise<boolean> {
    if (this.#at === this.#reader.bytes) return false;
    const length = (await this.#take(4)).readUInt32BE(0);
    this.key = Buffer.from(await this.#take(length));
    return true;
  }

  async close() {
    await this.#reader.close();
  }

  async #take(length: number): Promise<Buffer> {
    const at = this.#at;
    this.#at += length;
    return this.#reader.peek(at, length) ?? this.#reader.load(at, length);
  }
}
