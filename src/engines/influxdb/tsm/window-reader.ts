import { type FileHandle, open } from 'node:fs/promises';
import { damage } from './damage.ts';

const windowBytes = 256 * 1024;
/** The server writes at most 1,000 values a block; a value has at most 64 KiB. */
const longestBytes = 128 * 1024 * 1024;

/** Reads a file through a window that moves forward, so that memory stays flat whatever the file's size. */
export class WindowReader {
  readonly bytes: number;
  readonly #file: FileHandle;
  #window = Buffer.alloc(0);
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

  /** The bytes when they are in the window; else `load` them. Valid until the next `load`. */
  peek(offset: number, length: number): Buffer | undefined {
    const from = offset - this.#start;
    return from >= 0 && from + length <= this.#window.length ? this.#window.subarray(from, from + length) : undefined;
  }

  async load(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || offset + length > this.bytes) throw damage('a TSM file points beyond its end');
    if (length > longestBytes) throw damage(`a TSM file has a part of ${length} bytes`);
    const wanted = Math.min(Math.max(length, windowBytes), this.bytes - offset);
    // A fresh buffer: what was handed out before may still be in use.
    const buffer = Buffer.allocUnsafe(wanted);
    for (let done = 0; done < wanted; ) {
      const { bytesRead } = await this.#file.read(buffer, done, wanted - done, offset + done);
      if (bytesRead === 0) throw damage('a TSM file became shorter while it was read');
      done += bytesRead;
    }
    this.#window = buffer;
    this.#start = offset;
    return buffer.subarray(0, length);
  }

  async close() {
    await this.#file.close();
  }
}
