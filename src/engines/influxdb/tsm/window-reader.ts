import { type FileHandle, open } from 'node:fs/promises';
import { damage } from './damage.ts';

const windowBytes = 256 * 1024;
/** The server writes at most 1,000 values a block; a value has at most 64 KiB. */
const longestBytes = 128 * 1024 * 1024;

const nothing = Buffer.alloc(0);

/** Reads a file through a window that moves forward, so that memory stays flat whatever the file's size. */
export class WindowReader {
  readonly bytes: number;
  readonly #file: FileHandle;
  /** For all windows of the usual size, one after the other. */
  #usual: Buffer<ArrayBuffer> | undefined;
  #window = nothing;
  #start = 0;

  private constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.bytes = bytes;
  }

  static async open(path: string): Promise<WindowReader> {
    const file = await open(path, 'r');
    return new WindowReader(file, (await file.stat()).size);
  }

  /** Another window on the same file; the first one closes it. */
  another(): WindowReader {
    return new WindowReader(this.#file, this.bytes);
  }

  /** The bytes when they are in the window; else `load` them. */
  peek(offset: number, length: number): Buffer | undefined {
    const from = offset - this.#start;
    return from >= 0 && from + length <= this.#window.length ? this.#window.subarray(from, from + length) : undefined;
  }

  /** What it hands out, and `peek` after it, is valid until the next one. */
  async load(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || offset + length > this.bytes) throw damage('a TSM file points beyond its end');
    if (length > longestBytes) throw damage(`a TSM file has a part of ${length} bytes`);
    const wanted = Math.min(Math.max(length, windowBytes), this.bytes - offset);
    const buffer = this.#bufferOf(wanted);
    this.#window = nothing;
    for (let done = 0; done < wanted; ) {
      const { bytesRead } = await this.#file.read(buffer, done, wanted - done, offset + done);
      if (bytesRead === 0) throw damage('a TSM file became shorter while it was read');
      done += bytesRead;
    }
    this.#window = buffer;
    this.#start = offset;
    return buffer.subarray(0, length);
  }

  #bufferOf(length: number): Buffer<ArrayBuffer> {
    if (length > windowBytes) return Buffer.allocUnsafe(length);
    this.#usual ??= Buffer.allocUnsafe(Math.min(windowBytes, this.bytes));
    return this.#usual.subarray(0, length);
  }

  async close() {
    await this.#file.close();
  }
}
