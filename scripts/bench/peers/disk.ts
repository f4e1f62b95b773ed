import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { formatBytes } from '../../../src/kit/units.ts';
import { run } from '../../docker.ts';
import type { PeersOptions } from './options.ts';

const gib = 1024 ** 3;

/**
 * What a measurement takes at most at once: of MySQL the source and its clone, or a restored server with its binary log, each 1.7
 * times the rows with their keys, and five backups of a third of the rows each, or of all where these do not compress; of InfluxDB
 * about the same, at 20 bytes a point. Beside it what a server takes for itself.
 */
export function neededBytes({
  engines,
  gib: size,
  shape,
  points,
}: Pick<PeersOptions, 'engines' | 'gib' | 'shape' | 'points'>) {
  const mysql = engines.includes('mysql') ? (shape === 'blobs' ? 8 : 6) * size * gib + 4 * gib : 0;
  const influxdb = engines.includes('influxdb') ? 100 * points + gib : 0;
  // One after the other.
  return Math.max(mysql, influxdb);
}

/** Before anything is started. Both places count for all of it: which of them lies where is not asked. */
export async function checkDisk(options: PeersOptions): Promise<void> {
  const needed = neededBytes(options);
  const { text: dockerFolder } = await run('docker', ['info', '--format', '{{.DockerRootDir}}'], 60_000);
  for (const folder of [tmpdir(), dockerFolder]) {
    const free = await freeBytes(folder);
    if (free === undefined || free >= needed) continue;
    throw new FiredrillError(
      'DISK_FULL',
      `${folder} has ${formatBytes(free)} free; this measurement needs ${formatBytes(needed)}`,
    );
  }
}

/** undefined where we may not look. */
async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
