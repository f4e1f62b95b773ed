import { Readable } from 'node:stream';
import { FiredrillError } from '../kit/errors.ts';
import { describeMember, type MemberRef, parseMemberId } from '../model/backup-set.ts';
import type { ListedMember, Listing, ReadableVault, Whereabouts } from '../vault/vault.ts';

/** New content of one file: what it is to look like, byte for byte. */
export interface NewContent {
  bytes: number;
  open(): Readable;
}

/**
 * A copy of a vault, to be spoiled. It costs nothing: it knows only what was changed in it, and reads all else from the
 * original, which is never written to.
 */
export class SpoiledVault implements ReadableVault {
  readonly label: string;
  readonly #original: ReadableVault;
  readonly #listing: Listing;
  /** Members whose files are listed as their manifest speaks of them. */
  readonly #inspected: Set<string>;
  /** How a file is read, where that is not as in the original. */
  readonly #files = new Map<string, () => Readable>();

  private constructor(original: ReadableVault, listing: Listing, inspected: readonly ListedMember[]) {
    this.label = original.label;
    this.#original = original;
    this.#listing = listing;
    this.#inspected = new Set(inspected.map(describeMember));
  }

  /** `inspected`: members that may be spoiled, as they are when they are open. */
  static async over(original: ReadableVault, inspected: readonly ListedMember[] = []): Promise<SpoiledVault> {
    const listing = await original.list();
    const members = listing.members.map(
      (each) => inspected.find((open) => describeMember(open) === describeMember(each)) ?? each,
    );
    return new SpoiledVault(original, structuredClone({ ...listing, members }), inspected);
  }

  get members(): readonly ListedMember[] {
    return this.#listing.members;
  }

  async list(): Promise<Listing> {
    return structuredClone(this.#listing);
  }

  read(ref: MemberRef, file: string): Readable {
    return this.readerOf(ref, file)();
  }

  async inspect(listed: ListedMember): Promise<ListedMember> {
    return this.#inspected.has(describeMember(listed)) ? listed : this.#original.inspect(listed);
  }

  whereabouts(): Promise<Whereabouts> {
    return this.#original.whereabouts();
  }

  freeBytes(): Promise<number | undefined> {
    return this.#original.freeBytes();
  }

  /** How a file is read now, whatever is put in its place later. */
  readerOf(ref: MemberRef, file: string): () => Readable {
    return this.#files.get(keyOf(ref, file)) ?? (() => this.#original.read(ref, file));
  }

  /** As it lies in this copy; undefined when it does not. */
  find(ref: MemberRef): ListedMember | undefined {
    return this.#listing.members.find((each) => describeMember(each) === describeMember(ref));
  }

  isChanged(ref: MemberRef, file: string): boolean {
    return this.#files.has(keyOf(ref, file));
  }

  removeMember(ref: MemberRef): void {
    const { members } = this.#listing;
    const at = members.findIndex((each) => describeMember(each) === describeMember(ref));
    if (at >= 0) members.splice(at, 1);
  }

  /** As if the backup had been killed: what there is of it lies under its temporary name. */
  makePartial(ref: MemberRef): void {
    this.removeMember(ref);
    this.#listing.partial.push(ref);
  }

  /** Puts the bytes of one member in the place of another, or where there was none. */
  copyMember(from: ListedMember, to: MemberRef): void {
    const { files, strange } = from;
    const reads = files.map(({ name }) => [name, this.readerOf(from, name)] as const);
    this.removeMember(to);
    const { set, service, id } = to;
    this.#listing.members.push({ set, service, id, files: structuredClone(files), strange: [...strange] });
    this.#listing.members.sort(bySetServiceStart);
    this.#inspected.add(describeMember(to));
    for (const [name, read] of reads) this.#files.set(keyOf(to, name), read);
  }

  removeFile(ref: MemberRef, file: string): void {
    const { files } = this.#member(ref);
    files.splice(0, files.length, ...files.filter(({ name }) => name !== file));
  }

  /** Replaces a file, or adds it. */
  putFile(ref: MemberRef, file: string, { bytes, open }: NewContent): void {
    this.removeFile(ref, file);
    this.#member(ref).files.push({ name: file, bytes });
    this.#files.set(keyOf(ref, file), open);
  }

  putBytes(ref: MemberRef, file: string, content: Buffer): void {
    this.putFile(ref, file, { bytes: content.length, open: () => Readable.from([content]) });
  }

  #member(ref: MemberRef): ListedMember {
    const member = this.find(ref);
    if (!member) throw new FiredrillError('INTERNAL', `${describeMember(ref)} is not in the copy`);
    return member;
  }
}

const keyOf = (ref: MemberRef, file: string) => `${describeMember(ref)}/${file}`;

/** The order that a listing promises. */
function bySetServiceStart(a: MemberRef, b: MemberRef): number {
  const [x, y] = [`${a.set}/${a.service}`, `${b.set}/${b.service}`];
  if (x !== y) return x < y ? -1 : 1;
  return startOf(a) - startOf(b);
}

const startOf = (ref: MemberRef) => parseMemberId(ref.id)?.startedAt.getTime() ?? 0;
