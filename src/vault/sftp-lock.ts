import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { type SftpClient, SftpRefusal } from '../hosts/sftp.ts';
import { unlessGone } from '../kit/errors.ts';
import { type LockRecords, recordName, recordNumbers } from '../kit/lock.ts';
import { collect } from '../kit/streams.ts';

const recordFile = 'holder.json';
const maxRecordBytes = 65_536;

/** A lock's records behind SFTP, as `kit/lock-folder.ts` keeps them: a folder each, since a rename replaces none. */
export function sftpLock(client: SftpClient, folder: string, name: string, what: string): LockRecords {
  const placeOf = (number: number) => `${folder}/${recordName(name, number)}`;
  const fileOf = (number: number) => `${placeOf(number)}/${recordFile}`;
  return {
    what,
    placeOf,
    numbers: async () => {
      const entries = (await unlessGone(client.entries(folder))) ?? [];
      return recordNumbers(
        entries.map((each) => each.name),
        name,
      );
    },
    read: (number) =>
      unlessGone(
        collect(Readable.from(client.read(fileOf(number))), maxRecordBytes, `the lock of ${what}`).then(String),
      ),
    create: async (number, text) => {
      const temporary = `${folder}/.partial-${randomBytes(8).toString('hex')}`;
      await client.makeFolder(folder);
      await client.makeFolder(temporary);
      await client.write(`${temporary}/${recordFile}`, oneChunk(text));
      try {
        await client.rename(temporary, placeOf(number));
        return true;
      } catch (error) {
        if (!(error instanceof SftpRefusal)) throw error;
        await client.removeTree(temporary);
        if (await client.look(placeOf(number))) return false;
        throw error;
      }
    },
    replace: async (number, text) => {
      const temporary = `${placeOf(number)}/${randomBytes(8).toString('hex')}`;
      const replaced = client
        .write(temporary, oneChunk(text))
        .then(() => client.replace(temporary, fileOf(number)))
        .then(() => true);
      return (await unlessGone(replaced)) ?? false;
    },
    remove: (number) => client.removeTree(placeOf(number)),
  };
}

/** A small file's content. */
export async function* oneChunk(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
