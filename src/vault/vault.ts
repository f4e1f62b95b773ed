import type { Readable } from 'node:stream';
import type { FiredrillError } from '../kit/errors.ts';
import type { HeldLock } from '../kit/lock.ts';
import type { Digest } from '../kit/streams.ts';
import type { MemberRef } from '../model/backup-set.ts';
import type { MemberFacts } from '../model/retention.ts';

/** One member's folder as it lies in the vault. Nothing in it has been verified. */
export interface ListedMember extends MemberRef {
  /** Regular files, sorted by name. */
  files: { name: string; bytes: number }[];
  /** Entries that are no regular files (links, folders, sockets …): a member has none. */
  strange: string[];
}

export interface Listing {
  /** Sorted by set, service, start. */
  members: ListedMember[];
  /** Members that a backup is writing, or that a crash left half-written. */
  partial: MemberRef[];
  /** Entries whose names are not firedrill's: reported, never touched. */
  foreign: string[];
}

/** A member being written under a temporary name: nobody sees it before `commit`. */
export interface MemberWriter {
  /** Writes and syncs one file, of chunks that are buffers. Rejects when the content breaks (with its error) or the vault cannot write (VAULT_WRITE). */
  write(file: string, content: Readable): Promise<void>;
  /**
   * As `write`, for content that is known before and can be read again: it goes on where an interrupted writer of the same
   * member ended, where the vault can. `open` is called once, or again when what was there was something else.
   */
  copy(file: string, known: Digest, open: () => Readable): Promise<void>;
  /** Makes the member visible, whole and durable. */
  commit(): Promise<void>;
  /** Removes what was written. Safe after `commit` (does nothing) and twice. */
  abandon(): Promise<void>;
  /** Leaves what was written to a later writer of the same member, where the vault can go on from it; else as `abandon`. */
  suspend(): Promise<void>;
}

/** Where a vault lies in truth: by this two vaults are seen to be one. */
export type Whereabouts =
  | { kind: 'folder' /** With all links followed. */; path: string; device: number; inode: number }
  | {
      kind: 'host';
      host: string;
      /** Fingerprint of its host key. */
      hostKey: string;
      /** Why that host is this machine, in words; null when it is not. */
      thisMachine: string | null;
    };

/** What can be said of a member without a key. */
export interface StoredAudit {
  /** Of the manifest in clear. */
  facts: MemberFacts | null;
  damaged: FiredrillError[];
}

/** What is needed of a vault by whoever changes nothing in it, such as a drill. */
export interface ReadableVault {
  /** For people: `onsite`. */
  readonly label: string;
  /** With a service: only what lies in its folders. */
  list(service?: string): Promise<Listing>;
  /** The raw bytes of one file. Breaks with VAULT_READ when it is missing, unreadable or a link. */
  read(ref: MemberRef, file: string): Readable;
  /**
   * The same member with the names and sizes that its manifest speaks of, where the vault keeps them secret; to be asked
   * before anything of the member is read. KEY_INVALID or KEY_WRONG where the vault cannot be opened.
   */
  inspect(listed: ListedMember): Promise<ListedMember>;
  /**
   * What can be said of a member without any key; with `bytes` every stored byte is read. undefined, or no such function, where its own manifest tells as
   * much. Whoever can write there can also forge this: only a drill, or verify with a key, knows.
   */
  audit?(listed: ListedMember, bytes: boolean): Promise<StoredAudit | undefined>;
  /** Rejects with VAULT_READ when the vault is not there. */
  whereabouts(): Promise<Whereabouts>;
  /** For this user, where it can be known. */
  freeBytes(): Promise<number | undefined>;
}

/**
 * A place where sealed members lie. All implementations pass `test/contract/vault.ts`. A vault knows names and bytes;
 * it does not know whether they are good: see `verified-member.ts`. Nothing is retried here, but that a link which is cut
 * is opened again, and a file goes on where it was.
 */
export interface Vault extends ReadableVault {
  /** Rejects with VAULT_WRITE when the member exists already. */
  create(ref: MemberRef): Promise<MemberWriter>;
  /**
   * Takes a member out of the listing at once, and then frees its bytes; what a crash leaves between the two, `tidy`
   * frees. Does nothing when there is no such member.
   */
  remove(ref: MemberRef): Promise<void>;
  /**
   * Frees what interrupted removals of a service left, and what dead writers left that nobody can go on from, and removes
   * folders that hold nothing any more. For whoever holds the lock of the service.
   */
  tidy(service: string): Promise<void>;
  /**
   * The one lock for all who change what the vault holds of a service: two backups of it never interleave, nor does an
   * expiry with a sync. Readers need none. LOCKED when somebody has it; a lock that was left is taken over (`takeLock`).
   * @param purpose for sentences: `backup`
   */
  lock(service: string, purpose: string): Promise<HeldLock>;
}
