import { open, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
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

const partialName = /^\.partial-.+\.(\d+)$/;

/** Removes what crashed processes of this machine left half-written in a folder: `.partial-<name>.<pid>`. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = partialName.exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** A new file, on the disk when it returns; never over a file, or through a link, that is there already. */
export async function writeNewFile(path: string, content: string, mode = 0o640): Promise<void> {
  const handle = await open(path, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
