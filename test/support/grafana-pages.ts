import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { applyDelta } from '../../src/engines/grafana/pages/apply-delta.ts';
import { listBlocks } from '../../src/engines/grafana/pages/blocks.ts';
import { writeDelta } from '../../src/engines/grafana/pages/write-delta.ts';
import { scratchFolder } from './scratch.ts';

export const pageBytes = 512;

/** A file of such pages, each filled with one byte, with the page size where SQLite has it. */
export function pagesFile(pages: readonly number[]): Buffer {
  const file = Buffer.concat(pages.map((byte) => Buffer.alloc(pageBytes, byte)));
  file.writeUInt16BE(pageBytes, 16);
  return file;
}

export const digestOf = (content: Buffer) => ({
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
});

/** The delta from one file to another. `blockBytes`: other than what fits. */
export async function deltaBetween(base: Buffer, result: Buffer, blockBytes?: number): Promise<Buffer> {
  await using scratch = await scratchFolder();
  const [before, after] = [join(scratch.path, 'base'), join(scratch.path, 'result')];
  await writeFile(before, base);
  await writeFile(after, result);
  const list = await listBlocks(before, blockBytes === undefined ? undefined : { blockBytes });
  return Buffer.concat(await writeDelta(after, list, await listBlocks(after, list)).toArray());
}

/** What a delta makes of a base; it arrives in chunks of `chunkBytes`. */
export async function applied(base: Buffer, delta: Buffer, chunkBytes = 1000): Promise<Buffer> {
  await using scratch = await scratchFolder();
  const path = join(scratch.path, 'pages');
  await writeFile(path, base);
  await applyDelta(inChunks(delta, chunkBytes), path, digestOf(base));
  return await readFile(path);
}

export function inChunks(content: Buffer, chunkBytes: number): Readable {
  const count = Math.ceil(content.length / chunkBytes);
  const chunks = Array.from({ length: count }, (_, i) => content.subarray(i * chunkBytes, (i + 1) * chunkBytes));
  return Readable.from(chunks, { objectMode: false });
}
