import pMap from 'p-map';
import type { Activity } from '../kit/activity.ts';
import { FiredrillError, isFiredrillError, messageOf } from '../kit/errors.ts';
import { describeMember } from '../model/backup-set.ts';
import type { KnownManifests } from '../model/known-manifests.ts';
import { type DrilledService, proofOf } from '../model/proof.ts';
import { type KeptMember, type MemberFacts, planExpiry, type ServiceExpiry } from '../model/retention.ts';
import { openRecord } from '../vault/open-record.ts';
import type { TrustedKey } from '../vault/signature.ts';
import type { ListedMember, Vault } from '../vault/vault.ts';
import { lockService } from './lock-service.ts';

export interface ExpireOrder {
  vault: Vault;
  trusted: readonly TrustedKey[];
  service: string;
  retentionDays: number;
  /** What drills have said, newest first; see `proofOf`. */
  history: readonly DrilledService[];
  /** Manifests that were found genuine before; absent: each is verified. */
  known?: KnownManifests;
}

/** What these say is about one member; anything else is about the vault. */
const faults = ['MANIFEST_INVALID', 'ARTIFACT_DAMAGED', 'LIMIT_EXCEEDED', 'VAULT_READ'] as const;
/** Manifests that are read at once. */
const atOnce = 4;
const whole = 'Each chain is whole, or shorter from its end; run the command again.';

export type ListedExpiry = ServiceExpiry<ListedMember & KeptMember>;

/**
 * What would expire of a service at this moment; nothing is changed.
 * @param listed what lies in the vault, where it was listed just now
 */
export async function planExpiryOf(
  order: ExpireOrder,
  { clock }: Activity,
  listed?: readonly ListedMember[],
): Promise<ListedExpiry> {
  const { vault, service, retentionDays, history } = order;
  const members = (listed ?? (await vault.list(service)).members).filter((each) => each.service === service);
  const opened = await pMap(members, (each) => withFacts(each, order), { concurrency: atOnce });
  const proof = proofOf(history, vault.label, service);
  return planExpiry({ service, retentionDays, now: clock.now(), members: opened, proof });
}

/** Manifests may be large: of each nothing is kept but what is judged. */
async function withFacts(member: ListedMember, { vault, trusted, known }: ExpireOrder) {
  const bytes = member.files.reduce((sum, file) => sum + file.bytes, 0);
  try {
    return { ...member, bytes, facts: (await openRecord(vault, member, trusted, known)).record };
  } catch (error) {
    if (isFiredrillError(error, 'KEY_INVALID'))
      return { ...member, bytes, facts: await factsInClear(vault, member, error) };
    if (!isFiredrillError(error, ...faults)) throw error;
    return { ...member, bytes, facts: messageOf(error) };
  }
}

/** Whoever may only encrypt: what the vault tells in clear is enough to be removed by, and for nothing else. */
async function factsInClear(vault: Vault, member: ListedMember, closed: FiredrillError): Promise<MemberFacts | string> {
  return (await vault.audit?.(member, false))?.facts ?? messageOf(closed);
}

/**
 * Removes what expires of a service, and returns the plan that was followed. The newest member of a chain goes first and
 * its full last, so that a chain is whole or shorter from its end at any moment; what a crash leaves, the next run removes.
 * LOCKED when the service is being backed up.
 */
export async function expire(order: ExpireOrder, activity: Activity): Promise<ListedExpiry> {
  const { vault, service } = order;
  await using lock = await lockService(vault, service, 'expire', activity);
  await vault.tidy(service);
  const plan = await planToFollow(order, activity);
  for (const { members } of plan.chains.filter(({ fate }) => fate === 'expire')) {
    for (const member of members.toReversed()) {
      if (activity.signal.aborted)
        throw new FiredrillError('INTERRUPTED', 'the expiry was interrupted', { hint: whole });
      await lock.assertHeld();
      activity.tell({ service, phase: 'expire', text: `remove ${describeMember(member)}` });
      await vault.remove(member);
    }
  }
  await vault.tidy(service);
  return plan;
}

/** What was known before may say that nothing expires; what goes, goes by signatures that are verified now. */
async function planToFollow({ known, ...order }: ExpireOrder, activity: Activity): Promise<ListedExpiry> {
  const { members } = await order.vault.list(order.service);
  const plan = await planExpiryOf(known ? { ...order, known } : order, activity, members);
  if (!known || plan.chains.every(({ fate }) => fate !== 'expire')) return plan;
  return planExpiryOf(order, activity, members);
}
