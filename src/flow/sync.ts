import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import pMap from 'p-map';
import type { Activity } from '../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../kit/errors.ts';
import { collect } from '../kit/streams.ts';
import { count } from '../kit/text.ts';
import { describeMember, type MemberRef, manifestFile } from '../model/backup-set.ts';
import { maxManifestBytes } from '../model/manifest.ts';
import { type LostMembers, massLosses, planSync, type SyncedService, type SyncPlan } from '../model/sync-plan.ts';
import { togetherness } from '../vault/apart.ts';
import type { TrustedKey } from '../vault/signature.ts';
import type { ListedMember, MemberWriter, Vault } from '../vault/vault.ts';
import { VerifiedMember } from '../vault/verified-member.ts';
import { lockService } from './lock-service.ts';

export interface SyncOrder {
  from: Vault;
  to: Vault;
  trusted: readonly TrustedKey[];
  services: readonly SyncedService[];
  /** Copies although both vaults lie on one disk or machine. */
  sameMachineAllowed: boolean;
  /** Copies although much has disappeared from `from`. */
  despiteLoss: boolean;
}

export interface CopiedMember extends MemberRef {
  bytes: number;
  durationMs: number;
}

export interface SyncOutcome {
  /** Label of the vault that was copied to. */
  vault: string;
  copied: CopiedMember[];
  /** What was not copied, because it is not good. */
  refused: { member: MemberRef; error: FiredrillError }[];
  /** How many were there before. */
  there: number;
  /** What only the copy still holds. It is left there. */
  lost: LostMembers<ListedMember>[];
  /** What ended the copying before its end; what was copied stays. */
  stopped: FiredrillError | null;
}

/** Files of one member that are copied at once. */
const filesAtOnce = 4;

/** What these say is about one member; anything else ends the copying. */
const refusals = [
  'MANIFEST_INVALID',
  'ARTIFACT_DAMAGED',
  'ARTIFACT_FORMAT',
  'ARTIFACT_INCOMPLETE',
  'LIMIT_EXCEEDED',
  'VAULT_READ',
] as const;

/**
 * Copies what `to` lacks, oldest first, and deletes nothing anywhere. Every byte is compared with the signed manifest while it
 * is copied; a member appears when it is whole. VAULT_SHRUNK when much has disappeared from `from`, CONFIG_INVALID when
 * both vaults are one place in truth: nothing is copied then.
 */
export async function syncVaults(order: SyncOrder, activity: Activity): Promise<SyncOutcome> {
  await assertApart(order);
  const [original, copy] = await Promise.all([order.from.list(), order.to.list()]);
  const plan = planSync(original.members, copy.members, order.services, activity.clock.now());
  if (!order.despiteLoss) assertNotShrunk(plan, order);
  const { there, lost } = plan;
  const outcome: SyncOutcome = { vault: order.to.label, copied: [], refused: [], there, lost, stopped: null };
  for (const member of plan.missing) {
    try {
      outcome.copied.push(await copyMember(order, member, activity));
    } catch (error) {
      if (!(error instanceof FiredrillError)) throw error;
      if (isFiredrillError(error, ...refusals)) outcome.refused.push({ member, error });
      else return { ...outcome, stopped: error };
    }
  }
  return outcome;
}

async function assertApart({ from, to, sameMachineAllowed }: SyncOrder): Promise<void> {
  const [first, second] = await Promise.all([from.whereabouts(), to.whereabouts()]);
  const found = togetherness(first, second);
  if (!found || (found.same === 'machine' && sameMachineAllowed)) return;
  const sentence = `vault ${to.label} is no second copy beside vault ${from.label}: it ${found.reason}`;
  const hint =
    found.same === 'place'
      ? `Name another folder under vaults.${to.label}.`
      : `Put it on another machine. To try things out all the same: vaults.${to.label}.sameMachineAllowed: true`;
  throw new FiredrillError('CONFIG_INVALID', sentence, { hint });
}

function assertNotShrunk(plan: SyncPlan<ListedMember>, { from, to }: SyncOrder): void {
  const detail = massLosses(plan).map(
    ({ service, members, of }) =>
      `${service}: ${members.length} of ${count(of, 'backup')} that vault ${to.label} holds are gone from vault ${from.label}`,
  );
  if (detail.length === 0) return;
  const sentence = `backups have disappeared from vault ${from.label}; nothing was copied, and vault ${to.label} is as it was`;
  throw new FiredrillError('VAULT_SHRUNK', sentence, { detail });
}

async function copyMember(order: SyncOrder, listed: ListedMember, activity: Activity): Promise<CopiedMember> {
  const { from, to, trusted } = order;
  const { set, service, id } = listed;
  const startMs = activity.clock.monotonicMs();
  await using lock = await lockService(to, service, 'sync', activity);
  const member = await VerifiedMember.open(from, listed, trusted);
  const writer = await to.create({ set, service, id });
  try {
    await copyArtifacts(member, writer, activity);
    await copyManifest(from, member, writer);
    await lock.assertHeld();
    await writer.commit();
  } catch (error) {
    // What was cut off is gone on with by the next run; what is wrong, or has no room, is taken away.
    await (isFiredrillError(error, 'INTERRUPTED', 'HOST_UNREACHABLE') ? writer.suspend() : writer.abandon());
    throw error;
  }
  const bytes = member.manifest.artifacts.reduce((sum, each) => sum + each.bytes, 0);
  return { set, service, id, bytes, durationMs: activity.clock.monotonicMs() - startMs };
}

/** All have ended when this ends, well or not: the writer is then free for what comes next. */
async function copyArtifacts(member: VerifiedMember, writer: MemberWriter, activity: Activity): Promise<void> {
  const { artifacts, service, id } = member.manifest;
  const totalBytes = artifacts.reduce((sum, each) => sum + each.bytes, 0);
  const failed = new AbortController();
  const signal = AbortSignal.any([activity.signal, failed.signal]);
  let bytes = 0;
  let failure: unknown;
  const seen = (length: number) => {
    bytes += length;
    activity.tell({ service, phase: 'sync', text: id, bytes, totalBytes });
  };
  await pMap(
    artifacts,
    async (entry) => {
      if (signal.aborted) return;
      try {
        await writer.copy(entry.name, entry, () => Readable.from(watched(member.stored(entry), signal, seen)));
      } catch (error) {
        failure ??= error;
        failed.abort();
      }
    },
    { concurrency: filesAtOnce },
  );
  if (failure !== undefined) throw failure;
  if (activity.signal.aborted) throw interrupted();
}

/** The very bytes: increments name them by their hash. */
async function copyManifest(from: Vault, member: VerifiedMember, writer: MemberWriter): Promise<void> {
  const where = describeMember(member.listed);
  const bytes = await collect(from.read(member.listed, manifestFile), maxManifestBytes, `the manifest of ${where}`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== member.manifestSha256)
    throw new FiredrillError('MANIFEST_INVALID', `the manifest of ${where} was changed while it was copied`);
  await writer.copy(manifestFile, { bytes: bytes.length, sha256 }, () => Readable.from([bytes]));
}

async function* watched(content: Readable, signal: AbortSignal, seen: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of content as AsyncIterable<Buffer>) {
    if (signal.aborted) throw interrupted();
    seen(chunk.length);
    yield chunk;
  }
}

function interrupted() {
  const hint = 'Whole backups that were copied stay; run the command again, and it goes on.';
  return new FiredrillError('INTERRUPTED', 'the copying was interrupted', { hint });
}
