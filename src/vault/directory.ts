import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, realpath, rename, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FiredrillError, systemCode } from '../kit/errors.ts';
import { exists, removeAbandoned, syncFolder, writeNewFile } from '../kit/files.ts';
import { takeLock } from '../kit/lock.ts';
import { lockFolder } from '../kit/lock-folder.ts';
import type { AtOnce } from '../kit/streams.ts';
import { describeMember, type MemberRef, parseSetName } from '../model/backup-set.ts';
import { type FolderReader, readerFor, readingFlags } from './folder-reader.ts';
import { listVault, locksFolder, markFile, removedName, removedNameOf } from './listing.ts';
import { assertMarked, type Known, type Markable, markText, newVaultHint } from './mark.ts';
import type { MemberWriter, Vault } from './vault.ts';
import { asVaultError, listingFails, writingFails } from './vault-errors.ts';

/** A vault in a folder of this machine. */
export function directoryVault(label: string, folder: string, { marked = false }: Known = {}): Vault & Markable {
  const folderOf = (ref: MemberRef) => join(folder, ref.set, ref.service, ref.id);
  let known: FolderReader | undefined;
  const reader = async () => {
    known ??= await readerFor(folder);
    return known;
  };
  const entries = async (...way: string[]) => (await reader()).entries(join(folder, ...way));
  const assertUsable = async (code: 'VAULT_READ' | 'VAULT_WRITE') => {
    await assertThere(label, folder, code, marked);
    if (marked) assertMarked(label, folder, await listingFails(label, entries), code);
  };
  return {
    label,
    list: async (service) => {
      await assertUsable('VAULT_READ');
      return listingFails(label, () => listVault(entries, service));
    },
    create: async (ref) => {
      await assertUsable('VAULT_WRITE');
      return createMember(label, join(folder, ref.set, ref.service), ref);
    },
    read: (ref, file) => readFileOf(label, join(folderOf(ref), file), `${describeMember(ref)}/${file}`, reader),
    remove: (ref) => writingFails(label, () => removeMember(join(folder, ref.set, ref.service), ref.id)),
    tidy: (service) => writingFails(label, () => tidyService(folder, service)),
    lock: async (service, purpose) => {
      await assertUsable('VAULT_WRITE');
      const records = lockFolder(join(folder, locksFolder), service, `${service} in vault ${label}`);
      return writingFails(label, () => takeLock(records, purpose));
    },
    inspect: async (listed) => listed,
    whereabouts: async () => {
      await assertThere(label, folder, 'VAULT_READ', marked);
      const { dev: device, ino: inode } = await stat(folder);
      return { kind: 'folder', path: await realpath(folder), device, inode };
    },
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
    mark: () => writingFails(label, () => markFolder(folder)),
  };
}

async function markFolder(folder: string) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeNewFile(join(folder, markFile), markText, 0o644).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
  await syncFolder(folder);
}

/** A vault that is not mounted must not be made anew beneath its mount point: that copy would be nowhere to be found. */
async function assertThere(label: string, folder: string, code: 'VAULT_READ' | 'VAULT_WRITE', marked: boolean) {
  try {
    await stat(folder);
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') return;
    const hint = marked ? newVaultHint(label) : `Mount it. If the vault is new, make its folder: mkdir -p ${folder}`;
    throw new FiredrillError(code, `vault ${label}: there is no folder ${folder}`, { cause, hint });
  }
}

async function createMember(label: string, serviceFolder: string, ref: MemberRef): Promise<MemberWriter> {
  const temporary = join(serviceFolder, `.partial-${ref.id}.${process.pid}`);
  const final = join(serviceFolder, ref.id);
  await writingFails(label, async () => {
    await mkdir(serviceFolder, { recursive: true });
    await removeAbandoned(serviceFolder);
    if (await exists(final)) throw new FiredrillError('VAULT_WRITE', `${describeMember(ref)} exists already`);
    await mkdir(temporary);
  });
  let open = true;
  const write = async (file: string, content: Readable) => {
    // `wx`: nothing is ever overwritten. `flush`: on the disk before the write counts as done.
    const to = createWriteStream(join(temporary, file), { flags: 'wx', flush: true });
    await writingFails(label, () => pipeline(content, to));
  };
  const abandon = async () => {
    if (open) await rm(temporary, { recursive: true, force: true });
    open = false;
  };
  return {
    write,
    copy: (file, _known, content) => write(file, content()),
    commit: () =>
      writingFails(label, async () => {
        await syncFolder(temporary);
        await rename(temporary, final);
        open = false;
        await syncFolder(serviceFolder);
      }),
    abandon,
    suspend: abandon,
  };
}

/** A rename takes the whole member away at once. */
async function removeMember(serviceFolder: string, id: string) {
  const removed = join(serviceFolder, removedNameOf(id));
  try {
    await rename(join(serviceFolder, id), removed);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  await syncFolder(serviceFolder);
  await rm(removed, { recursive: true, force: true });
}

async function tidyService(folder: string, service: string) {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const set of entries.filter((each) => each.isDirectory() && parseSetName(each.name))) {
    await tidyMembers(join(folder, set.name, service));
    // Also where the service is gone already: a crash may have come between the two.
    await removeIfEmpty(join(folder, set.name));
  }
}

async function tidyMembers(serviceFolder: string) {
  if (!(await exists(serviceFolder))) return;
  await removeAbandoned(serviceFolder);
  for (const name of await readdir(serviceFolder)) {
    if (removedName.test(name)) await rm(join(serviceFolder, name), { recursive: true, force: true });
  }
  await removeIfEmpty(serviceFolder);
}

async function removeIfEmpty(folder: string) {
  await rmdir(folder).catch((error: unknown) => {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemCode(error) ?? '')) throw error;
  });
}

function readFileOf(
  label: string,
  path: string,
  shown: string,
  reader: () => Promise<FolderReader>,
): Readable & AtOnce {
  const asRead = (error: unknown) => asVaultError(error, 'VAULT_READ', `vault ${label}: cannot read ${shown}`);
  const bytes = async function* () {
    try {
      const handle = await open(path, readingFlags);
      // A buffer is made for each read: of the many small files, a small one.
      const { size } = await handle.stat();
      yield* handle.createReadStream({ highWaterMark: Math.min(size + 1, 1 << 18) });
    } catch (error) {
      throw asRead(error);
    }
  };
  const stream = Readable.from(bytes(), { objectMode: false, highWaterMark: 1 << 18 });
  const ask = async <T>(question: (reader: FolderReader) => Promise<T>) => {
    try {
      return await question(await reader());
    } catch (error) {
      throw asRead(error);
    }
  };
  return Object.assign(stream, {
    atOnce: () => ask((from) => from.smallFile(path)),
    digestAtOnce: () => ask((from) => from.smallDigest(path)),
  });
}
