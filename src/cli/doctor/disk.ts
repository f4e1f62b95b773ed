import { access, constants, mkdtemp, rmdir, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Diagnosis } from '../../engines/engine.ts';
import { messageOf, systemCode } from '../../kit/errors.ts';
import { formatBytes } from '../../kit/units.ts';
import { ok, problem } from './examine.ts';

const leastBytes = 1024 ** 3;

/** A place that needs room, and how much. */
export interface Place {
  what: string;
  folder: string;
  neededBytes: number;
}

const atLeast = (bytes: number) => Math.max(leastBytes, bytes);

/** Room in a vault for the next backup, by the size of the newest. */
export const neededInVault = (storedBytes: number) => atLeast(2 * storedBytes);

/** Room for the next backup and the next drill, reckoned from the newest backups; a gibibyte at least. */
export function placesOf(
  sizes: { stored: number; content: number },
  folders: { vaults: readonly { label: string; folder: string }[]; dockerRoot: string | undefined },
): Place[] {
  const places = [
    ...folders.vaults.map(({ label, folder }) => ({
      ...{ what: `vault ${label}`, folder },
      neededBytes: neededInVault(sizes.stored),
    })),
    { what: 'temporary files', folder: tmpdir(), neededBytes: atLeast(sizes.stored) },
  ];
  if (folders.dockerRoot === undefined) return places;
  // Measured: indexes and logs make restored data up to 1.5 times as large as its dump.
  return [...places, { what: 'Docker', folder: folders.dockerRoot, neededBytes: atLeast(2 * sizes.content) }];
}

export async function diagnoseRoom({ what, folder, neededBytes }: Place): Promise<Diagnosis> {
  const existing = await nearestFolder(folder);
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const sentence = `${what}: ${formatBytes(free)} free in ${existing}, about ${formatBytes(neededBytes)} needed`;
  return free >= neededBytes ? ok(sentence) : problem(sentence, `Free space there, or move the folder.`);
}

/** Whether this user can write there, tried with a folder that is removed again. */
export async function diagnoseWritable(what: string, folder: string): Promise<Diagnosis> {
  const existing = await nearestFolder(folder);
  try {
    if (!(await stat(existing)).isDirectory()) return problem(`${what}: ${existing} is no folder`, 'Name a folder.');
    await rmdir(await mkdtemp(join(existing, '.firedrill-doctor-')));
    return ok(existing === folder ? `${what}: ${folder} is writable` : `${what}: ${folder} can be made`);
  } catch (error) {
    const why = systemCode(error) ?? messageOf(error);
    return problem(`${what}: ${existing} cannot be written (${why})`, 'Check its owner, mode and free space.');
  }
}

/** The folder, or the nearest one above it that exists. */
async function nearestFolder(folder: string): Promise<string> {
  try {
    await access(folder, constants.F_OK);
    return folder;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && dirname(folder) !== folder) return nearestFolder(dirname(folder));
    return folder;
  }
}
