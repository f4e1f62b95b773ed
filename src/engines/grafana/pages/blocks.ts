import { createHash, hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { FiredrillError } from '../../../kit/errors.ts';
import { blockHashBytes, blocksIn } from './delta-format.ts';

/** A database file as a list of hashed blocks. */
export interface BlockList {
  pageBytes: number;
  blockBytes: number;
  bytes: number;
  sha256: string;
  /** The first bytes of each block's SHA-256, one after the other. */
  hashes: Buffer;
}

/** 96 bits for a block: 12 KB for 1,000 pages. What they could miss, the SHA-256 of the whole does not. */
export const blockHash = (content: Buffer): Buffer => hash('sha256', content, 'buffer').subarray(0, blockHashBytes);

/** The list must fit into a manifest: about 2 MB of base64, for a database of any size. */
const maxBlocks = 131_072;
const readBytes = 1024 * 1024;

/** The size of blocks for a file: a page, doubled until there are few enough. */
export function blockBytesFor(bytes: number, pageBytes: number): number {
  let blockBytes = pageBytes;
  while (blocksIn(bytes, blockBytes) > maxBlocks) blockBytes *= 2;
  return blockBytes;
}

/** Hashes a whole file. `blockBytes`: as another list has it. INTERRUPTED soon after `signal`. */
export async function listBlocks(
  path: string,
  wanted?: { blockBytes: number },
  signal?: AbortSignal,
): Promise<BlockList> {
  await using file = await open(path);
  const { size: bytes } = await file.stat();
  const pageBytes = await pageBytesOf(file);
  const blockBytes = wanted?.blockBytes ?? blockBytesFor(bytes, pageBytes);
  const whole = createHash('sha256');
  const hashes = Buffer.alloc(blocksIn(bytes, blockBytes) * blockHashBytes);
  for await (const { number, content } of blocksOf(file, bytes, blockBytes)) {
    if (signal?.aborted) throw new FiredrillError('INTERRUPTED', 'the pages of grafana.db were read no further');
    whole.update(content);
    blockHash(content).copy(hashes, number * blockHashBytes);
  }
  return { pageBytes, blockBytes, bytes, sha256: whole.digest('hex'), hashes };
}

/** From the header of an SQLite file (sqlite.org/fileformat.html). */
async function pageBytesOf(file: FileHandle): Promise<number> {
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 16);
  const stored = buffer.readUInt16BE();
  return stored === 1 ? 65_536 : stored;
}

/** Block by block; `content` is valid until the next is asked for. */
async function* blocksOf(file: FileHandle, bytes: number, blockBytes: number) {
  const buffer = Buffer.alloc(Math.max(blockBytes, readBytes));
  for (let at = 0; at < bytes; at += buffer.length) {
    const length = await fill(file, buffer.subarray(0, Math.min(buffer.length, bytes - at)), at);
    for (let from = 0; from < length; from += blockBytes) {
      const content = buffer.subarray(from, Math.min(from + blockBytes, length));
      yield { number: (at + from) / blockBytes, content };
    }
  }
}

/** A read may return less than was asked for. */
export async function fill(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** The blocks of `now` that `base` does not have in their place, ascending. Both have blocks of one size. */
export function changedBlocks(base: BlockList, now: BlockList): number[] {
  const hashAt = ({ hashes }: BlockList, number: number) =>
    hashes.subarray(number * blockHashBytes, (number + 1) * blockHashBytes);
  const numbers = Array.from({ length: now.hashes.length / blockHashBytes }, (_, number) => number);
  return numbers.filter((number) => !hashAt(now, number).equals(hashAt(base, number)));
}
