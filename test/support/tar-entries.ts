import { Readable } from 'node:stream';
import { collect } from '../../src/kit/streams.ts';
import { readTar } from '../../src/kit/tar.ts';

/** All files of a small archive. */
export async function tarEntries(tar: Buffer): Promise<{ name: string; content: Buffer }[]> {
  const entries: { name: string; content: Buffer }[] = [];
  for await (const { name, content } of readTar(Readable.from([tar]))) {
    entries.push({ name, content: await collect(content, 1 << 28, name) });
  }
  return entries;
}
