import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { collect } from '../../src/kit/streams.ts';
import { writeTar } from '../../src/kit/tar.ts';
import { tarEntries } from './tar-entries.ts';

/** Changes files within a shard's archive and packs it again, so that gzip and tar are in order. */
export async function repackShard(
  archive: Buffer,
  change: (name: string, content: Buffer) => { name: string; content: Buffer } | undefined,
): Promise<{ archive: Buffer; tarBytes: number }> {
  const entries = await tarEntries(gunzipSync(archive));
  const changed = entries.map(({ name, content }) => change(name, content)).filter((entry) => entry !== undefined);
  const packed = writeTar(changed.map(({ name, content }) => ({ name, size: content.length, content })));
  const tar = await collect(packed, 1 << 28, 'a repacked archive');
  return { archive: gzipSync(tar), tarBytes: tar.length };
}

/** The files of an archive, as the facts of a backup name them, and the size of its tar archive. */
export async function dataFiles(archive: Buffer) {
  const tar = gunzipSync(archive);
  const files = (await tarEntries(tar)).map(({ name, content }) => ({
    ...{ name: basename(name), bytes: content.length },
    sha256: createHash('sha256').update(content).digest('hex'),
  }));
  return { tarBytes: tar.length, files };
}
