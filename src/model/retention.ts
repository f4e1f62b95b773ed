import type { MemberRef } from './backup-set.ts';
import { parseMemberId } from './backup-set.ts';
import { isProven, type ServiceProof } from './proof.ts';
import type { PlannedMember } from './restore-plan.ts';
import { chainsOf } from './restore-points.ts';

/** What of a service's backups expires. Pure: from what lies in a vault, and what drills have proven, to a list. */

export const dayMs = 86_400_000;

/** What a genuine manifest says of a member's age and place. */
export interface MemberFacts {
  manifestSha256: string;
  startedAt: string;
  dataAt: string;
  finishedAt: string;
  /** The member that it is built on. */
  parentId: string | null;
}

/** A member that lies in a vault. */
export interface KeptMember extends PlannedMember {
  /** As stored. */
  bytes: number;
  /** Of its genuine manifest, or in words why there is none. */
  facts: MemberFacts | string;
}

export interface ExpiryQuestion<M extends KeptMember> {
  service: string;
  retentionDays: number;
  now: Date;
  /** Of this service, in the order of their start. */
  members: readonly M[];
  proof: ServiceProof;
}

/** A chain, and what becomes of it. */
export interface ChainFate<M extends KeptMember> {
  fate: 'expire' | 'keep' | 'leave';
  /** The full first. */
  members: readonly M[];
  /** The instant that its newest data is from; null where no manifest tells. */
  newestAt: string | null;
  /** In words, for people. */
  because: string;
}

export interface ServiceExpiry<M extends KeptMember> {
  service: string;
  retentionDays: number;
  /** Why nothing expires, whatever its age; null when that is not so. */
  held: string | null;
  /** Oldest first. `leave`: reported, and never touched. */
  chains: ChainFate<M>[];
}

/**
 * A chain expires as a whole, when the data of its newest member is older than the retention: at exactly that age it is
 * kept. Never: the newest chain that a drill has proven, whatever its age; a chain on which one that stays is built; what
 * is not genuine, or dated in the future. Nothing at all while there is no evidence that a good chain stays.
 */
export function planExpiry<M extends KeptMember>(question: ExpiryQuestion<M>): ServiceExpiry<M> {
  const { service, retentionDays, members, now, proof } = question;
  const chains = chainsOf(members, service).map((chain) => judgedByAge(chain, retentionDays, now));
  const lastGood = chains.findLast(({ fate, members }) => fate !== 'leave' && isProvenChain(members, proof));
  const held = heldBecause(question, chains, lastGood);
  for (const chain of chains.filter(({ fate }) => fate === 'expire')) {
    if (chain === lastGood) keep(chain, 'the last chain that a drill has restored');
    else if (held !== null) keep(chain, `${chain.because}, but ${held}`);
  }
  keepWhatIsNeeded(chains);
  return { service, retentionDays, held, chains: [...chains, ...withoutManifest(members, chains)] };
}

function judgedByAge<M extends KeptMember>(members: readonly M[], retentionDays: number, now: Date): ChainFate<M> {
  const strange = members.flatMap(({ facts }) => (typeof facts === 'string' ? [facts] : []));
  if (strange[0] !== undefined) return { fate: 'leave', members, newestAt: null, because: strange[0] };
  const newestMs = Math.max(...members.map(({ facts }) => Date.parse((facts as MemberFacts).dataAt)));
  const newestAt = new Date(newestMs).toISOString();
  const future = members.find((each) => latestMs(each) > now.getTime());
  if (future) return { fate: 'leave', members, newestAt, because: `${future.id} is dated in the future` };
  const ageMs = now.getTime() - newestMs;
  const because = `its newest data is ${(ageMs / dayMs).toFixed(1)} days old`;
  return { fate: ageMs > retentionDays * dayMs ? 'expire' : 'keep', members, newestAt, because };
}

/** Of all instants that a member names. */
function latestMs({ id, facts }: KeptMember): number {
  const { startedAt, dataAt, finishedAt } = facts as MemberFacts;
  const named = parseMemberId(id)?.startedAt.getTime() ?? Number.NaN;
  return Math.max(named, ...[startedAt, dataAt, finishedAt].map((each) => Date.parse(each)));
}

/** Its full came back in a drill, with the manifest that it has today; so there is a good point in it. */
function isProvenChain<M extends KeptMember>([full]: readonly M[], proof: ServiceProof): boolean {
  if (!full || typeof full.facts === 'string' || parseMemberId(full.id)?.kind !== 'full') return false;
  return isProven(proof, full, full.facts.manifestSha256);
}

function heldBecause<M extends KeptMember>(
  { proof: { newest } }: ExpiryQuestion<M>,
  chains: readonly ChainFate<M>[],
  lastGood: ChainFate<M> | undefined,
): string | null {
  if (!newest) return 'no drill has restored this service from this vault yet';
  if (newest.outcome !== 'pass') {
    return `the newest drill of it, ${newest.drill}, ${newest.outcome === 'fail' ? 'failed' : 'was inconclusive'}`;
  }
  if (!lastGood) return 'no chain that a drill has restored lies in this vault any more, as it was';
  // Backups have ended, or this machine's clock is wrong.
  if (!chains.some(({ fate }) => fate === 'keep'))
    return 'no newer chain is there: do backups still run, is the clock right?';
  return null;
}

function keep<M extends KeptMember>(chain: ChainFate<M>, because: string): void {
  chain.fate = 'keep';
  chain.because = because;
}

/** Until nothing that stays is built on what does not. */
function keepWhatIsNeeded<M extends KeptMember>(chains: readonly ChainFate<M>[]): void {
  for (let changed = true; changed; ) {
    changed = false;
    const staying = chains.filter(({ fate }) => fate !== 'expire').flatMap(({ members }) => members);
    for (const chain of chains.filter(({ fate }) => fate === 'expire')) {
      const child = staying.find((each) => chain.members.some((member) => isParent(member, each)));
      if (!child) continue;
      keep(chain, `${child.id} is built on it`);
      changed = true;
    }
  }
}

function isParent(member: MemberRef, { set, facts }: KeptMember): boolean {
  return typeof facts !== 'string' && member.set === set && facts.parentId === member.id;
}

/** What carries a member's name and is in no chain. */
function withoutManifest<M extends KeptMember>(members: readonly M[], chains: readonly ChainFate<M>[]): ChainFate<M>[] {
  const inChains = new Set(chains.flatMap((chain) => chain.members));
  return members
    .filter((each) => !inChains.has(each))
    .map((each) => ({ fate: 'leave', members: [each], newestAt: null, because: String(each.facts) }));
}
