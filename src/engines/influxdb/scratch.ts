import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FiredrillError, isFiredrillError, systemCode } from '../../kit/errors.ts';

/** Runs `work` with a private folder for scratch files on this machine, and removes it. DISK_FULL when it has no room. */
export async function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-influxdb-'));
  try {
    return await work(folder);
  } catch (error) {
    if (isFiredrillError(error) || !['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')) throw error;
    const hint = 'Free space in the folder for temporary files (TMPDIR): the two largest shards must fit in there.';
    throw new FiredrillError('DISK_FULL', 'there is no room to look into a shard', { hint, cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
