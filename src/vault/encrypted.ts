import { Readable } from 'node:stream';
import { FiredrillError, isFiredrillError, messageOf } from '../kit/errors.ts';
import { parseUntrustedJson } from '../kit/json.ts';
import { collect, digestOf } from '../kit/streams.ts';
import { describeMember, type MemberRef, manifestFile } from '../model/backup-set.ts';
import {
  encryptedManifest,
  namesFile,
  namesSchema,
  type SealedName,
  type StoredFile,
  type StoredRecord,
  storedFile,
  storedSchema,
} from '../model/encrypted-member.ts';
import { maxManifestBytes } from '../model/manifest.ts';
import { type AgeIdentities, ageDecrypted, ageEncrypter } from './age.ts';
import { EncryptedWriter } from './encrypted-writer.ts';
import type { ListedMember, StoredAudit, Vault } from './vault.ts';

export interface VaultKeys {
  /** Public keys: what is written is encrypted to each of them. */
  recipients: readonly string[];
  /** Private keys; absent on a machine that may write and not read. */
  identities?: AgeIdentities;
}

/**
 * Keeps what lies in a vault secret from whoever holds it: content, names and sizes. Without a private key it lists, copies,
 * audits, removes; members that were stored in clear before stay readable. KEY_INVALID where a key is needed and not there.
 */
export function encryptedVault(inner: Vault, keys: VaultKeys): Vault {
  const encrypt = keys.recipients.length > 0 ? ageEncrypter(keys.recipients) : undefined;
  const reader = new EncryptedReader(inner, keys.identities);
  return {
    // A vault is an object of functions, so that this takes over all that has to do with no content.
    ...inner,
    list: async (service) => {
      const listing = await inner.list(service);
      return { ...listing, members: listing.members.map(withManifest) };
    },
    create: async (ref) => {
      if (!encrypt) throw new FiredrillError('KEY_INVALID', `vault ${inner.label} has no recipients to encrypt to`);
      return new EncryptedWriter(await inner.create(ref), encrypt);
    },
    inspect: (listed) => reader.inspect(listed),
    read: (ref, file) => reader.read(ref, file),
    audit: async (listed, bytes) => (isEncrypted(listed) ? audit(inner, listed, bytes) : undefined),
  };
}

const isEncrypted = ({ files }: ListedMember) => files.some(({ name }) => name === storedFile);

/** That there is a manifest is no secret, and without it a member would not exist for any plan. */
function withManifest(listed: ListedMember): ListedMember {
  if (!isEncrypted(listed)) return listed;
  const files = listed.files.map(({ name, bytes }) => ({
    name: name === encryptedManifest ? manifestFile : name,
    bytes,
  }));
  return { ...listed, files: files.sort(byName) };
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

class EncryptedReader {
  readonly #inner: Vault;
  readonly #identities: AgeIdentities | undefined;
  /** Of members that were inspected, by their names. */
  readonly #names = new Map<string, readonly SealedName[]>();

  constructor(inner: Vault, identities: AgeIdentities | undefined) {
    this.#inner = inner;
    this.#identities = identities;
  }

  /** With the names and sizes of the content; what nothing was said of stays in the list. */
  async inspect(listed: ListedMember): Promise<ListedMember> {
    if (!isEncrypted(listed)) return listed;
    const names = await this.#namesOf(listed);
    const there = new Set(listed.files.map(({ name }) => (name === manifestFile ? encryptedManifest : name)));
    const known = new Set([namesFile, storedFile, manifestFile, ...names.map(({ stored }) => stored)]);
    const files = [
      ...names.filter(({ stored }) => there.has(stored)).map(({ name, bytes }) => ({ name, bytes })),
      ...listed.files.filter(({ name }) => !known.has(name)),
    ];
    return { ...listed, files: files.sort(byName) };
  }

  read(ref: MemberRef, file: string): Readable {
    if (!this.#identities) return this.#inner.read(ref, file);
    return Readable.from(this.#decrypted(ref, file), { objectMode: false, highWaterMark: 1 << 18 });
  }

  async *#decrypted(ref: MemberRef, file: string): AsyncGenerator<Buffer> {
    const shown = `${describeMember(ref)}/${file}`;
    const names = await this.#namesOf(ref).catch((error: unknown) => {
      if (isFiredrillError(error, 'VAULT_READ')) return undefined;
      throw error;
    });
    // A member that was stored in clear.
    if (!names) return yield* this.#inner.read(ref, file);
    const sealed = names.find(({ name }) => name === file);
    if (!sealed) throw new FiredrillError('VAULT_READ', `vault ${this.#inner.label}: cannot read ${shown} (ENOENT)`);
    let left = sealed.bytes;
    for await (const chunk of this.#open(ref, sealed.stored, shown)) {
      // What follows is padding; it is read as well, since only the end proves that nothing was cut.
      if (left > 0) yield chunk.subarray(0, left);
      left -= Math.min(left, chunk.length);
    }
  }

  async #namesOf(ref: MemberRef): Promise<readonly SealedName[]> {
    const key = describeMember(ref);
    const known = this.#names.get(key);
    if (known) return known;
    const text = await collect(this.#open(ref, namesFile, `${key}/${namesFile}`), maxManifestBytes, namesFile);
    const { files } = parsed(() => namesSchema.parse(parseUntrustedJson(text, namesFile)), `${key}/${namesFile}`);
    this.#names.set(key, files);
    return files;
  }

  /** What was stored, decrypted. A damaged header looks as if it was meant for another key: the stored record tells. */
  #open(ref: MemberRef, stored: string, shown: string): Readable {
    const { label } = this.#inner;
    const identities = this.#identities;
    if (!identities) {
      const hint = 'Name the file of a private key that opens it: --identity <file>';
      throw new FiredrillError('KEY_INVALID', `vault ${label} is encrypted, and there is no key to open it`, { hint });
    }
    const bytes = async function* (this: EncryptedReader) {
      try {
        yield* ageDecrypted(this.#inner.read(ref, stored), identities, `${shown} of vault ${label}`);
      } catch (error) {
        if (!isFiredrillError(error, 'KEY_WRONG')) throw error;
        throw (await damageOf(this.#inner, ref, stored)) ?? error;
      }
    };
    return Readable.from(bytes.call(this), { objectMode: false, highWaterMark: 1 << 18 });
  }
}

/** Why a file is not the one that was stored, by the record beside it; undefined when it is. */
async function damageOf(inner: Vault, ref: MemberRef, stored: string): Promise<FiredrillError | undefined> {
  const { files } = await recordOf(inner, ref);
  return damage(inner, ref, files.find(({ name }) => name === stored) ?? { name: stored, bytes: 0, sha256: '' });
}

async function damage(inner: Vault, ref: MemberRef, { name, bytes, sha256 }: StoredFile) {
  const found = await digestOf(inner.read(ref, name));
  if (found.bytes === bytes && found.sha256 === sha256) return undefined;
  const sentence = `${describeMember(ref)}/${name} of vault ${inner.label} is not what was stored`;
  return new FiredrillError('ARTIFACT_DAMAGED', `${sentence}: it has ${found.bytes} of ${bytes} bytes, or other ones`);
}

async function recordOf(inner: Vault, ref: MemberRef): Promise<StoredRecord> {
  const shown = `${describeMember(ref)}/${storedFile}`;
  const text = await collect(inner.read(ref, storedFile), maxManifestBytes, shown);
  return parsed(() => storedSchema.parse(parseUntrustedJson(text, shown)), shown);
}

function parsed<T>(parse: () => T, shown: string): T {
  try {
    return parse();
  } catch (cause) {
    if (isFiredrillError(cause)) throw cause;
    throw new FiredrillError('MANIFEST_INVALID', `${shown} cannot be understood`, {
      cause,
      detail: [messageOf(cause)],
    });
  }
}

async function audit(inner: Vault, listed: ListedMember, bytes: boolean): Promise<StoredAudit> {
  const { facts, files } = await recordOf(inner, listed);
  const damaged: FiredrillError[] = [];
  for (const file of bytes ? files : []) {
    try {
      const found = await damage(inner, listed, file);
      if (found) damaged.push(found);
    } catch (error) {
      if (!isFiredrillError(error, 'VAULT_READ')) throw error;
      damaged.push(error);
    }
  }
  return { facts, damaged };
}
