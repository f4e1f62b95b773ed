import { constants, createWriteStream, type Dirent } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FiredrillError, messageOf, systemCode } from '../kit/errors.ts';
import { exists, isRunning, syncFolder } from '../kit/files.ts';
import { describeMember, type MemberRef, parseMemberId, parseSetName } from '../model/backup-set.ts';
import type { ListedMember, Listing, MemberWriter, Vault } from './vault.ts';

const partialName = /^\.partial-(.+)\.(\d+)$/;

/** A vault in a folder of this machine. */
export function directoryVault(label: string, folder: string): Vault {
  const folderOf = (ref: MemberRef) => join(folder, ref.set, ref.service, ref.id);
  return {
    label,
    list: async () => {
      await assertThere(label, folder, 'VAULT_READ');
      return readingFails(label, () => listFolder(folder));
    },
    create: async (ref) => {
      await assertThere(label, folder, 'VAULT_WRITE');
      return createMember(label, join(folder, ref.set, ref.service), ref);
    },
    read: (ref, file) => readFileOf(label, join(folderOf(ref), file), `${describeMember(ref)}/${file}`),
  };
}

/** A vault that is not mounted must not be made anew beneath its mount point: that copy would be nowhere to be found. */
async function assertThere(label: string, folder: string, code: 'VAULT_READ' | 'VAULT_WRITE') {
  try {
    await stat(folder);
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') return;
    const hint = `Mount it. If the vault is new, make its folder: mkdir -p ${folder}`;
    throw new FiredrillError(code, `vault ${label}: there is no folder ${folder}`, { cause, hint });
  }
}

async function listFolder(folder: string): Promise<Listing> {
  const listing: Listing = { members: [], partial: [], foreign: [] };
  for (const set of await entriesOf(folder)) {
    if (!set.isDirectory() || !parseSetName(set.name)) {
      listing.foreign.push(set.name);
      continue;
    }
    for (const service of await entriesOf(join(folder, set.name))) {
      if (!service.isDirectory()) listing.foreign.push(`${set.name}/${service.name}`);
      else await listService(join(folder, set.name, service.name), set.name, service.name, listing);
    }
  }
  return listing;
}

async function listService(folder: string, set: string, service: string, listing: Listing) {
  const members: ListedMember[] = [];
  for (const entry of await entriesOf(folder)) {
    const partial = partialName.exec(entry.name)?.[1];
    if (partial) listing.partial.push({ set, service, id: partial });
    else if (!entry.isDirectory() || !parseMemberId(entry.name))
      listing.foreign.push(`${set}/${service}/${entry.name}`);
    else members.push({ set, service, id: entry.name, ...(await filesOf(join(folder, entry.name))) });
  }
  // By start, not by name: `full-` and `incr-` of one week are one sequence.
  const start = (m: ListedMember) => parseMemberId(m.id)?.startedAt.getTime() ?? 0;
  listing.members.push(...members.sort((a, b) => start(a) - start(b)));
}

async function filesOf(folder: string): Promise<Pick<ListedMember, 'files' | 'strange'>> {
  const files: ListedMember['files'] = [];
  const strange: string[] = [];
  for (const entry of await entriesOf(folder)) {
    if (entry.isFile()) files.push({ name: entry.name, bytes: (await stat(join(folder, entry.name))).size });
    else strange.push(entry.name);
  }
  return { files, strange };
}

/** Directory entries by name; links are not followed, so that a link is never a folder or a file here. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
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
  return {
    write: async (file, content) => {
      // `wx`: nothing is ever overwritten. `flush`: on the disk before the write counts as done.
      const to = createWriteStream(join(temporary, file), { flags: 'wx', flush: true });
      await writingFails(label, () => pipeline(content, to));
    },
    commit: () =>
      writingFails(label, async () => {
        await syncFolder(temporary);
        await rename(temporary, final);
        open = false;
        await syncFolder(serviceFolder);
      }),
    abandon: async () => {
      if (open) await rm(temporary, { recursive: true, force: true });
      open = false;
    },
  };
}

/** Removes what crashed backups of this machine left: their process is gone. */
async function removeAbandoned(serviceFolder: string) {
  for (const name of await readdir(serviceFolder)) {
    const pid = partialName.exec(name)?.[2];
    if (pid && !isRunning(Number(pid))) await rm(join(serviceFolder, name), { recursive: true, force: true });
  }
}

function readFileOf(label: string, path: string, shown: string): Readable {
  const bytes = async function* () {
    try {
      // O_NOFOLLOW: a backup cannot make the drill read a file of the host. O_NONBLOCK: nor wait for a pipe.
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      yield* handle.createReadStream({ highWaterMark: 1 << 18 });
    } catch (error) {
      throw asVaultError(error, 'VAULT_READ', `vault ${label}: cannot read ${shown}`);
    }
  };
  return Readable.from(bytes(), { objectMode: false, highWaterMark: 1 << 18 });
}

/** System errors become the vault's; an error of the content that was being written stays what it is. */
function asVaultError(error: unknown, code: 'VAULT_READ' | 'VAULT_WRITE', what: string): unknown {
  if (error instanceof FiredrillError || systemCode(error) === undefined) return error;
  return new FiredrillError(code, `${what} (${systemCode(error)})`, { cause: error, detail: [messageOf(error)] });
}

async function readingFails<T>(label: string, work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    throw asVaultError(error, 'VAULT_READ', `vault ${label} cannot be listed`);
  });
}

async function writingFails<T>(label: string, work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    const full = systemCode(error) === 'ENOSPC' || systemCode(error) === 'EDQUOT';
    throw asVaultError(error, 'VAULT_WRITE', full ? `vault ${label} is full` : `vault ${label} cannot be written`);
  });
}
