import { randomBytes } from 'node:crypto';
import pMap from 'p-map';
import { unlessGone } from '../kit/errors.ts';
import { parseMemberId, parseSetName } from '../model/backup-set.ts';
import type { ListedMember, Listing } from './vault.ts';

/** What lies in a folder of a vault. A link is neither a file nor a folder here: links are not followed. */
export interface VaultEntry {
  name: string;
  kind: 'file' | 'folder' | 'other';
  bytes: number;
}

/** The entries of a folder, by its way from the vault's own folder. */
export type EntriesOf = (...way: string[]) => Promise<readonly VaultEntry[]>;

/** A member being written: `.partial-<member>.<who writes it>`. */
export const partialName = /^\.partial-(.+)\.([a-z0-9]+)$/;

/** Beside the sets, for locks: one record of each service. */
export const locksFolder = '.locks';

/** Beside the sets: says that an empty folder is meant to be a vault (`mark.ts`). */
export const markFile = '.firedrill-vault';

/** A member that was taken out of the listing, and whose bytes are not all free yet. */
export const removedName = /^\.removed-/;

/** Nobody can guess it, so that nothing lies in its way. */
export const removedNameOf = (id: string) => `.removed-${id}-${randomBytes(4).toString('hex')}`;

/** Folders that are read at once: each costs a round trip where the vault is far away. */
const atOnce = 16;

/**
 * Reads a vault's tree: sets, services, members, files.
 * @param only one service: the folders of others are not read, and nothing beside them is called foreign
 */
export async function listVault(entriesOf: EntriesOf, only?: string): Promise<Listing> {
  const sorted: EntriesOf = async (...way) => (await entriesOf(...way)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const listing: Listing = { members: [], partial: [], foreign: [] };
  for (const set of (await sorted()).filter(({ name }) => name !== locksFolder && name !== markFile)) {
    if (set.kind !== 'folder' || !parseSetName(set.name)) {
      if (only === undefined) listing.foreign.push(set.name);
      continue;
    }
    for (const service of await sorted(set.name)) {
      if (only !== undefined && service.name !== only) continue;
      if (service.kind !== 'folder') listing.foreign.push(`${set.name}/${service.name}`);
      else await listService(sorted, set.name, service.name, listing);
    }
  }
  return listing;
}

async function listService(entriesOf: EntriesOf, set: string, service: string, listing: Listing) {
  const found: string[] = [];
  // An expiry may be at work while the vault is listed.
  const entries = (await unlessGone(entriesOf(set, service))) ?? [];
  for (const entry of entries.filter(({ name }) => !removedName.test(name))) {
    const partial = partialName.exec(entry.name)?.[1];
    if (partial) listing.partial.push({ set, service, id: partial });
    else if (entry.kind !== 'folder' || !parseMemberId(entry.name))
      listing.foreign.push(`${set}/${service}/${entry.name}`);
    else found.push(entry.name);
  }
  const open = async (id: string): Promise<ListedMember[]> => {
    const files = await unlessGone(entriesOf(set, service, id));
    return files ? [{ set, service, id, ...filesOf(files) }] : [];
  };
  const members = (await pMap(found, open, { concurrency: atOnce })).flat();
  // By start, not by name: `full-` and `incr-` of one week are one sequence.
  const starts = new Map(members.map((member) => [member, parseMemberId(member.id)?.startedAt.getTime() ?? 0]));
  const start = (member: ListedMember) => starts.get(member) ?? 0;
  for (const member of members.toSorted((a, b) => start(a) - start(b))) listing.members.push(member);
}

function filesOf(entries: readonly VaultEntry[]): Pick<ListedMember, 'files' | 'strange'> {
  const [files, strange] = [entries.filter((e) => e.kind === 'file'), entries.filter((e) => e.kind !== 'file')];
  return { files: files.map(({ name, bytes }) => ({ name, bytes })), strange: strange.map(({ name }) => name) };
}
