import type { MemberRef } from './backup-set.ts';
import { manifestFile, parseMemberId } from './backup-set.ts';

/** What a plan needs to know of a member that lies in a vault. */
export interface PlannedMember extends MemberRef {
  files: readonly { name: string }[];
}

/** What may be needed to restore one service: a full, then its increments; empty when there is nothing. */
export interface ServicePlan<M extends PlannedMember> {
  service: string;
  /** By names alone: which of them are genuine, and which are needed, the manifests tell when they are open. */
  chain: M[];
  /** How many members could be restored in all. */
  restorable: number;
  /** Members' folders without a manifest that are newer than the chain's full: completed backups always have one. */
  unsealed: M[];
}

/**
 * Picks the chain of the newest member that began at or before `asOf`; with `coverAsOf` also the one after it, whose log
 * reaches beyond that moment. Pure: from a listing, in the order of start, to a list.
 */
export function planRestore<M extends PlannedMember>(
  members: readonly M[],
  service: string,
  asOf: Date,
  coverAsOf = false,
): ServicePlan<M> {
  const own = members.filter((member) => member.service === service);
  const sealed = own.filter(isSealed);
  const points = sealed.filter((member) => startOf(member) <= asOf.getTime());
  const newest = points.at(-1);
  const chain = newest ? chainOf(sealed, newest) : [];
  const next = sealed[points.length];
  if (coverAsOf && next && newest?.set === next.set && kindOf(next) === 'incremental') chain.push(next);
  const from = chain[0] ? startOf(chain[0]) : Number.NEGATIVE_INFINITY;
  const unsealed = own.filter(
    (member) => !sealed.includes(member) && startOf(member) > from && startOf(member) <= asOf.getTime(),
  );
  return { service, chain, restorable: points.length, unsealed };
}

/** A chain lies in one set: from its full to `newest`. Where there is no full, all that should have one. */
function chainOf<M extends PlannedMember>(sealed: readonly M[], newest: M): M[] {
  const set = sealed.filter((member) => member.set === newest.set && startOf(member) <= startOf(newest));
  return set.slice(
    Math.max(
      set.findLastIndex((member) => kindOf(member) === 'full'),
      0,
    ),
  );
}

/** By its files alone: a member without a manifest does not exist. */
export function isSealed({ files }: PlannedMember): boolean {
  return files.some((file) => file.name === manifestFile);
}

const kindOf = (member: PlannedMember) => parseMemberId(member.id)?.kind;

function startOf(member: PlannedMember): number {
  return parseMemberId(member.id)?.startedAt.getTime() ?? Number.NaN;
}
