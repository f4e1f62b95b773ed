import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { FiredrillError } from '../../../kit/errors.ts';
import type { Digest } from '../../../kit/streams.ts';
import { diskFault } from '../source/scratch-space.ts';
import { listBlocks } from './blocks.ts';
import { badDelta, type DeltaHeader } from './delta-format.ts';
import { DeltaReader } from './read-delta.ts';

/**
 * Turns the base at `path` into the file that the delta was made of, proven by its SHA-256. ARTIFACT_INCOMPLETE when
 * `base`, what lies at `path`, is not the file that the delta was made on.
 */
export async function applyDelta(
  content: Readable,
  path: string,
  base: Digest,
  signal?: AbortSignal,
): Promise<DeltaHeader> {
  const delta = await DeltaReader.open(content);
  const { header } = delta;
  if (header.base.sha256 !== base.sha256 || header.base.bytes !== base.bytes) {
    await delta.close();
    const sentence = 'the page delta of grafana.db was made on another database than that of its full';
    const detail = [
      `made on ${header.base.sha256}, ${header.base.bytes} bytes`,
      `full ${base.sha256}, ${base.bytes} bytes`,
    ];
    throw new FiredrillError('ARTIFACT_INCOMPLETE', sentence, { detail });
  }
  try {
    await using file = await open(path, 'r+');
    for await (const { number, content: block } of delta.blocks()) {
      await put(file, block, number * header.blockBytes);
    }
    await file.truncate(header.result.bytes);
  } catch (cause) {
    throw diskFault(cause);
  }
  const { sha256 } = await listBlocks(path, header, signal);
  if (sha256 !== header.result.sha256)
    throw badDelta('what it makes of its base is not the database that was backed up');
  return header;
}

/** A write may take less than it was given. */
async function put(file: FileHandle, content: Buffer, position: number): Promise<void> {
  for (let done = 0; done < content.length; ) {
    done += (await file.write(content, done, content.length - done, position + done)).bytesWritten;
  }
}
