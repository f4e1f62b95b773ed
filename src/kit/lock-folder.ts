import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode, unlessGone } from './errors.ts';
import { removeAbandoned, syncFolder, writeNewFile } from './files.ts';
import { type LockRecords, recordName, recordNumbers } from './lock.ts';

const recordFile = 'holder.json';

/**
 * A lock's records in a folder of this machine: `<folder>/<name>.<number>/holder.json`. Each is a folder, since a folder
 * that holds something is never replaced by a rename, on any file system.
 */
export function lockFolder(folder: string, name: string, what: string): LockRecords {
  const placeOf = (number: number) => join(folder, recordName(name, number));
  const fileOf = (number: number) => join(placeOf(number), recordFile);
  return {
    what,
    placeOf,
    numbers: async () => recordNumbers((await unlessGone(readdir(folder))) ?? [], name),
    read: (number) => unlessGone(readFile(fileOf(number), 'utf8')),
    create: (number, text) => createRecord(folder, placeOf(number), text),
    replace: async (number, text) => {
      const temporary = join(placeOf(number), randomBytes(8).toString('hex'));
      const replaced = async () => {
        await writeNewFile(temporary, text);
        await rename(temporary, fileOf(number));
        return true;
      };
      return (await unlessGone(replaced())) ?? false;
    },
    remove: (number) => rm(placeOf(number), { recursive: true, force: true }),
  };
}

async function createRecord(folder: string, place: string, text: string): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o750 });
  await removeAbandoned(folder);
  const temporary = join(folder, `.partial-${randomBytes(8).toString('hex')}.${process.pid}`);
  await mkdir(temporary);
  try {
    await writeNewFile(join(temporary, recordFile), text);
    await rename(temporary, place);
    await syncFolder(folder);
    return true;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // There is one; or another host has taken what is being made for something left.
    if (['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}
