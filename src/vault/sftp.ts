import { Readable } from 'node:stream';
import { fingerprintOf } from '../hosts/known-hosts.ts';
import { SftpClient, type SftpOptions } from '../hosts/sftp.ts';
import { whyThisMachine } from '../hosts/this-machine.ts';
import { FiredrillError, isFiredrillError } from '../kit/errors.ts';
import { takeLock } from '../kit/lock.ts';
import { chain, type Digest, DigestStream } from '../kit/streams.ts';
import { describeMember, type MemberRef, parseSetName } from '../model/backup-set.ts';
import { listVault, locksFolder, markFile, removedName, removedNameOf } from './listing.ts';
import { assertMarked, type Known, type Markable, markText, newVaultHint } from './mark.ts';
import { oneChunk, sftpLock } from './sftp-lock.ts';
import type { MemberWriter, Vault } from './vault.ts';
import { asVaultError, listingFails, writingFails } from './vault-errors.ts';

export interface SftpVaultOptions extends SftpOptions, Known {
  label: string;
  /** A folder of that machine; relative to where the account's SFTP begins. */
  folder: string;
}

export type SftpVault = Vault & Markable & AsyncDisposable;

/**
 * A vault behind SFTP: an account without a shell, kept in a folder by chroot, is enough. Each file is verified once it was
 * written: by the server's own SHA-256 where the account may run `sha256sum`, else by reading it back.
 */
export function sftpVault({ label, folder, marked = false, ...options }: SftpVaultOptions): SftpVault {
  const client = new SftpClient(options);
  const { host } = options.login;
  const at = (...way: string[]) => [folder, ...way].join('/');
  const assertThere = async (code: 'VAULT_READ' | 'VAULT_WRITE') => {
    if ((await client.look(folder))?.kind === 'folder') return;
    const hint = marked
      ? newVaultHint(label)
      : 'Mount its disk there. If the vault is new, make that folder, and let it belong to the account.';
    throw new FiredrillError(code, `vault ${label}: there is no folder ${folder} on ${host}`, { hint });
  };
  const assertUsable = async (code: 'VAULT_READ' | 'VAULT_WRITE') => {
    await assertThere(code);
    if (marked) assertMarked(label, `${folder} on ${host}`, await client.entries(folder), code);
  };
  return {
    label,
    list: (service) =>
      listingFails(label, async () => {
        await assertUsable('VAULT_READ');
        return listVault((...way) => client.entries(at(...way)), service);
      }),
    create: (ref) =>
      writingFails(label, async () => {
        await assertUsable('VAULT_WRITE');
        return createMember(client, label, at, ref);
      }),
    read: (ref, file) => {
      const path = at(ref.set, ref.service, ref.id, file);
      const bytes = readFile(client, label, path, `${describeMember(ref)}/${file}`);
      return Readable.from(bytes, { objectMode: false, highWaterMark: 1 << 18 });
    },
    remove: (ref) =>
      writingFails(label, async () => {
        const removed = at(ref.set, ref.service, removedNameOf(ref.id));
        if (!(await client.look(at(ref.set, ref.service, ref.id)))) return;
        await client.rename(at(ref.set, ref.service, ref.id), removed);
        await client.removeTree(removed);
      }),
    tidy: (service) => writingFails(label, () => tidyService(client, at, service)),
    lock: (service, purpose) =>
      writingFails(label, async () => {
        await assertUsable('VAULT_WRITE');
        return takeLock(sftpLock(client, at(locksFolder), service, `${service} in vault ${label}`), purpose);
      }),
    inspect: async (listed) => listed,
    whereabouts: () =>
      listingFails(label, async () => {
        await assertThere('VAULT_READ');
        const key = await client.hostKey();
        return { kind: 'host', host, hostKey: fingerprintOf(key), thisMachine: await whyThisMachine(host, key) };
      }),
    freeBytes: () => listingFails(label, () => client.freeBytes(folder)),
    mark: () =>
      writingFails(label, async () => {
        await client.makeFolder(folder);
        if (await client.look(at(markFile))) return;
        await client.write(at(markFile), oneChunk(markText));
      }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

async function createMember(
  client: SftpClient,
  label: string,
  at: (...way: string[]) => string,
  ref: MemberRef,
): Promise<MemberWriter> {
  const { set, service, id } = ref;
  const [temporary, final] = [at(set, service, `.partial-${id}.copy`), at(set, service, id)];
  if (await client.look(final)) throw new FiredrillError('VAULT_WRITE', `${describeMember(ref)} exists already`);
  // What an interrupted writer left is kept: `copy` goes on from it.
  for (const folder of [at(set), at(set, service), temporary]) await client.makeFolder(folder);
  return new SftpWriter(client, label, temporary, final);
}

async function tidyService(client: SftpClient, at: (...way: string[]) => string, service: string): Promise<void> {
  for (const set of await client.entries(at())) {
    if (set.kind !== 'folder' || !parseSetName(set.name)) continue;
    await tidyMembers(client, at, set.name, service);
    // Also where the service is gone already: a crash may have come between the two.
    if ((await client.entries(at(set.name))).length === 0) await client.removeFolder(at(set.name));
  }
}

/** What an interrupted writer left stays: the next one goes on from it. */
async function tidyMembers(client: SftpClient, at: (...way: string[]) => string, set: string, service: string) {
  if (!(await client.look(at(set, service)))) return;
  const entries = await client.entries(at(set, service));
  for (const { name } of entries.filter((each) => removedName.test(each.name))) {
    await client.removeTree(at(set, service, name));
  }
  if (entries.every((each) => removedName.test(each.name))) await client.removeFolder(at(set, service));
}

class SftpWriter implements MemberWriter {
  readonly #client: SftpClient;
  readonly #label: string;
  readonly #temporary: string;
  readonly #final: string;
  readonly #written = new Set<string>();
  #open = true;

  constructor(client: SftpClient, label: string, temporary: string, final: string) {
    this.#client = client;
    this.#label = label;
    this.#temporary = temporary;
    this.#final = final;
  }

  async write(file: string, content: Readable): Promise<void> {
    const digest = new DigestStream();
    await this.#storing(file, async (path) => {
      await this.#client.write(path, chain(content, digest));
      if (!same(await this.#client.digest(path), digest.digest())) throw this.#notAsSent(file);
    });
  }

  async copy(file: string, known: Digest, open: () => Readable): Promise<void> {
    await this.#storing(file, async (path) => {
      const there = (await this.#client.look(path))?.bytes ?? 0;
      const starts = there > 0 && there <= known.bytes ? [there, 0] : [0];
      for (const start of starts) {
        if (start === 0 || start < known.bytes) await this.#client.write(path, rest(open(), start), start);
        // The whole is looked at, so that what was there before is proven with it.
        if (same(await this.#client.digest(path), known)) return;
      }
      throw this.#notAsSent(file);
    });
  }

  async commit(): Promise<void> {
    await writingFails(this.#label, async () => {
      const entries = await this.#client.entries(this.#temporary);
      for (const { name } of entries.filter((each) => !this.#written.has(each.name))) {
        await this.#client.removeFile(`${this.#temporary}/${name}`);
      }
      await this.#client.rename(this.#temporary, this.#final);
      this.#open = false;
    });
  }

  async abandon(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await writingFails(this.#label, () => this.#client.removeTree(this.#temporary)).catch((error: unknown) => {
      // It is no member, and the next writer of this member begins with it: why writing failed is what counts.
      if (!isFiredrillError(error, 'HOST_UNREACHABLE')) throw error;
    });
  }

  async suspend(): Promise<void> {
    this.#open = false;
  }

  async #storing(file: string, store: (path: string) => Promise<void>): Promise<void> {
    await writingFails(this.#label, () => store(`${this.#temporary}/${file}`));
    this.#written.add(file);
  }

  #notAsSent(file: string) {
    const sentence = `vault ${this.#label} has not stored ${file} as it was sent`;
    return new FiredrillError('VAULT_WRITE', sentence, { hint: 'Check the disk of that machine.' });
  }
}

const same = (a: Digest, b: Digest) => a.sha256 === b.sha256 && a.bytes === b.bytes;

async function* rest(content: Readable, start: number): AsyncGenerator<Buffer> {
  let toSkip = start;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    const skipped = Math.min(toSkip, chunk.length);
    toSkip -= skipped;
    if (skipped < chunk.length) yield chunk.subarray(skipped);
  }
}

async function* readFile(client: SftpClient, label: string, path: string, shown: string): AsyncGenerator<Buffer> {
  try {
    const there = await client.look(path);
    // A link could lead to another file of that machine.
    if (there && there.kind !== 'file') throw new FiredrillError('VAULT_READ', `vault ${label}: ${shown} is no file`);
    yield* client.read(path);
  } catch (error) {
    throw asVaultError(error, 'VAULT_READ', `vault ${label}: cannot read ${shown}`);
  }
}
