import type { Activity } from '../kit/activity.ts';
import { type FiredrillError, isFiredrillError, messageOf } from '../kit/errors.ts';
import { describeMember, parseMemberId } from '../model/backup-set.ts';
import { isSealed } from '../model/restore-plan.ts';
import { chainsOf } from '../model/restore-points.ts';
import type { SyncedService } from '../model/sync-plan.ts';
import type { TrustedKey } from '../vault/signature.ts';
import type { ListedMember, ReadableVault } from '../vault/vault.ts';
import { VerifiedMember } from '../vault/verified-member.ts';

export interface ParityOrder {
  original: ReadableVault;
  copy: ReadableVault;
  trusted: readonly TrustedKey[];
  services: readonly SyncedService[];
  /** Reads every byte of every member in both, not of the newest chains only. */
  all: boolean;
  /** For so long a member may be missing in the copy, in ms. */
  allowedLagMs: number;
}

export interface ServiceParity {
  service: string;
  /** How many members each vault holds. */
  original: number;
  copy: number;
  /** How many are not in the copy yet, and may be. */
  waiting: number;
  /** How much newer the original's newest member is than the copy's; null when the copy has none. */
  lagMs: number | null;
  /** How many members were compared to their last byte. */
  compared: number;
  /** What is not as it should be, one sentence each. */
  differences: string[];
}

/**
 * Compares what two vaults hold of each service: members by name, their manifests by hash, and of the newest chain, or of all,
 * every byte on both sides with its manifest. Of a copy that cannot be opened here its own record of what was stored is
 * taken.
 */
export async function compareVaults(order: ParityOrder, activity: Activity): Promise<ServiceParity[]> {
  const [original, copy] = await Promise.all([order.original.list(), order.copy.list()]);
  const found: ServiceParity[] = [];
  for (const each of order.services) {
    found.push(await compareService(order, each, original.members, copy.members, activity));
  }
  return found;
}

async function compareService(
  order: ParityOrder,
  { service, retentionDays }: SyncedService,
  originals: readonly ListedMember[],
  copies: readonly ListedMember[],
  activity: Activity,
): Promise<ServiceParity> {
  const now = activity.clock.now().getTime();
  const own = (members: readonly ListedMember[]) =>
    members.filter((each) => each.service === service && isSealed(each));
  const [first, second] = [own(originals), own(copies)];
  const inCopy = new Map(second.map((each) => [describeMember(each), each]));
  const names = new Set(first.map(describeMember));
  const missing = first.filter((each) => !inCopy.has(describeMember(each)));
  const late = missing.filter((each) => now - startOf(each) > order.allowedLagMs);
  const kept = now - retentionDays * 86_400_000;
  const alone = second.filter((each) => !names.has(describeMember(each)) && startOf(each) >= kept);
  const differences = [
    ...late.map((each) => `${describeMember(each)} is not in vault ${order.copy.label}`),
    ...alone.map((each) => `${describeMember(each)} is in vault ${order.copy.label} only`),
  ];
  const newest = new Set(order.all ? first : chainsOf(first, service).at(-1));
  let compared = 0;
  for (const member of first) {
    const copied = inCopy.get(describeMember(member));
    if (!copied) continue;
    activity.tell({ service, phase: 'verify', text: member.id });
    differences.push(...(await compareMember(order, member, copied, newest.has(member))));
    if (newest.has(member)) compared += 1;
  }
  const [ahead, behind] = [first.at(-1), second.at(-1)];
  const lagMs = behind ? Math.max(ahead ? startOf(ahead) - startOf(behind) : 0, 0) : null;
  const counts = { original: first.length, copy: second.length, waiting: missing.length - late.length };
  return { service, ...counts, lagMs, compared, differences };
}

/** What can be wrong with one member in one vault, without any other. */
interface Seen {
  manifestSha256: string | null;
  problems: string[];
}

async function compareMember(
  { original, copy, trusted }: ParityOrder,
  member: ListedMember,
  copied: ListedMember,
  bytes: boolean,
): Promise<string[]> {
  const [first, second] = [await look(original, member, trusted, bytes), await look(copy, copied, trusted, bytes)];
  const problems = [...first.problems, ...second.problems];
  if (problems.length > 0 || first.manifestSha256 === second.manifestSha256) return problems;
  return [`${describeMember(member)} is another backup in vault ${copy.label}: the manifests differ`];
}

async function look(
  vault: ReadableVault,
  listed: ListedMember,
  trusted: readonly TrustedKey[],
  bytes: boolean,
): Promise<Seen> {
  try {
    const member = await VerifiedMember.open(vault, listed, trusted);
    const seen = bytes ? [...(await member.verifyAll()).values()] : [];
    const bad = seen.filter((each) => each !== 'whole');
    return { manifestSha256: member.manifestSha256, problems: bad.map((each) => sentence(vault, each)) };
  } catch (error) {
    if (isFiredrillError(error, 'KEY_INVALID') && vault.audit) return auditOf(vault, listed, bytes);
    if (!isAboutMember(error)) throw error;
    return { manifestSha256: null, problems: [sentence(vault, error)] };
  }
}

async function auditOf(vault: ReadableVault, listed: ListedMember, bytes: boolean): Promise<Seen> {
  try {
    const audit = await vault.audit?.(listed, bytes);
    const problems = audit?.damaged.map((each) => sentence(vault, each)) ?? [];
    return { manifestSha256: audit?.facts?.manifestSha256 ?? null, problems };
  } catch (error) {
    if (!isAboutMember(error)) throw error;
    return { manifestSha256: null, problems: [sentence(vault, error)] };
  }
}

const sentence = (vault: ReadableVault, error: FiredrillError) => `vault ${vault.label}: ${messageOf(error)}`;

/** Anything else, such as a machine that is not reachable, is no word about the backups. */
function isAboutMember(error: unknown): error is FiredrillError {
  return isFiredrillError(error, 'MANIFEST_INVALID', 'ARTIFACT_DAMAGED', 'LIMIT_EXCEEDED', 'VAULT_READ');
}

const startOf = ({ id }: ListedMember) => parseMemberId(id)?.startedAt.getTime() ?? Number.NaN;
