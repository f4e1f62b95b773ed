import type { MemberRef } from './backup-set.ts';
import { manifestFile, parseMemberId } from './backup-set.ts';

/** What a plan needs to know of a member that lies in a vault. */
export interface PlannedMember extends MemberRef {
  files: readonly { name: string }[];
}

/** What to restore of one service: the full, then its increments; empty when there is nothing. */
export interface ServicePlan<M extends PlannedMember> {
  service: string;
  chain: M[];
  /** How many members could be restored in all. */
  restorable: number;
  /** Members' folders without a manifest that are newer than the chain: completed backups always have one. */
  unsealed: M[];
}

/**
 * Picks the newest restore point at or before `asOf` (by the members' names; the manifests are untrusted here and are
 * read later). Pure: from a listing to a list.
 */
export function planRestore<M extends PlannedMember>(
  members: readonly M[],
  service: string,
  asOf: Date,
): ServicePlan<M> {
  const own = members.filter((member) => member.service === service && startOf(member) <= asOf.getTime());
  const sealed = own.filter((member) => member.files.some((file) => file.name === manifestFile));
  const full = sealed.findLast((member) => parseMemberId(member.id)?.kind === 'full');
  const chain = full ? [full] : [];
  const newest = full ? startOf(full) : Number.NEGATIVE_INFINITY;
  const unsealed = own.filter((member) => !sealed.includes(member) && startOf(member) > newest);
  return { service, chain, restorable: sealed.length, unsealed };
}

function startOf(member: PlannedMember): number {
  return parseMemberId(member.id)?.startedAt.getTime() ?? Number.NaN;
}
