import { open, stat, statfs } from 'node:fs/promises';
import { FiredrillError, systemCode } from './errors.ts';
import { formatBytes } from './units.ts';

/** Whether a process of this machine runs, ours or somebody else's. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Makes renames and new names in a folder outlive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/** What is left free on this machine, whatever a backup asks for. */
const reserveBytes = 512 * 1024 * 1024;

/** DISK_FULL, before anything is written, when a folder's disk has not got that much room. */
export async function assertRoom(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const room = bavail * bsize - reserveBytes;
  if (bytes <= room) return;
  const sentence = `${what} needs ${formatBytes(bytes)}, and this machine has ${formatBytes(Math.max(room, 0))} of disk to spare`;
  throw new FiredrillError('DISK_FULL', sentence, {
    hint: 'Free space in the folder for temporary files (TMPDIR), then run the command again.',
  });
}
