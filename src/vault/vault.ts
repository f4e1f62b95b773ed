import type { Readable } from 'node:stream';
import type { MemberRef } from '../model/backup-set.ts';

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
  /** Writes and syncs one file. Rejects when the content breaks (with its error) or the vault cannot write (VAULT_WRITE). */
  write(file: string, content: Readable): Promise<void>;
  /** Makes the member visible, whole and durable. */
  commit(): Promise<void>;
  /** Removes what was written. Safe after `commit` (does nothing) and twice. */
  abandon(): Promise<void>;
}

/**
 * A place where sealed members lie. All implementations pass `test/contract/vault.ts`. A vault knows names and bytes;
 * it does not know whether they are good: see `verified-member.ts`. Nothing is retried here.
 */
export interface Vault {
  /** For people: `onsite`. */
  readonly label: string;
  list(): Promise<Listing>;
  /** Rejects with VAULT_WRITE when the member exists already. */
  create(ref: MemberRef): Promise<MemberWriter>;
  /** The raw bytes of one file. Breaks with VAULT_READ when it is missing, unreadable or a link. */
  read(ref: MemberRef, file: string): Readable;
}
