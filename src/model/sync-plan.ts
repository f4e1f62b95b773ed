import { describeMember, parseMemberId } from './backup-set.ts';
import { isSealed, type PlannedMember } from './restore-plan.ts';

/** One service, as far as copying it is concerned. */
export interface SyncedService {
  service: string;
  retentionDays: number;
}

export interface SyncPlan<M extends PlannedMember> {
  /** What is to be copied, oldest first. */
  missing: M[];
  /** How many members are there already. */
  there: number;
  /** What the copy holds and the original has lost, though its retention has not ended. */
  lost: LostMembers<M>[];
}

export interface LostMembers<M extends PlannedMember> {
  service: string;
  members: M[];
  /** Of how many members of the copy, inside the retention. */
  of: number;
}

const dayMs = 86_400_000;

/** More than this part of a service's members is lost at once by no night's work. */
const massLoss = 0.3;

/** What a copy lacks, and what the original has lost. Pure: from two listings, in the order of start. */
export function planSync<M extends PlannedMember>(
  original: readonly M[],
  copy: readonly M[],
  services: readonly SyncedService[],
  now: Date,
): SyncPlan<M> {
  const originalNames = new Set(original.filter(isSealed).map(describeMember));
  const copyNames = new Set(copy.map(describeMember));
  const names = new Set(services.map(({ service }) => service));
  const own = original.filter((member) => names.has(member.service) && isSealed(member));
  const missing = own.filter((member) => !copyNames.has(describeMember(member)));
  const lost = services.flatMap(({ service, retentionDays }) => {
    const from = now.getTime() - retentionDays * dayMs;
    const held = copy.filter((member) => member.service === service && isSealed(member) && startOf(member) >= from);
    const members = held.filter((member) => !originalNames.has(describeMember(member)));
    return members.length === 0 ? [] : [{ service, members, of: held.length }];
  });
  return { missing: missing.toSorted((a, b) => startOf(a) - startOf(b)), there: own.length - missing.length, lost };
}

/** Services of which so much has disappeared that somebody, or something, must have done it. */
export function massLosses<M extends PlannedMember>({ lost }: SyncPlan<M>): LostMembers<M>[] {
  return lost.filter(({ members, of }) => members.length > massLoss * of);
}

const startOf = ({ id }: PlannedMember) => parseMemberId(id)?.startedAt.getTime() ?? Number.NaN;
