import { createPublicKey, type KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import type { AnyEngine, Source } from '../engines/engine.ts';
import type { Activity } from '../kit/activity.ts';
import { FiredrillError, isFiredrillError, messageOf } from '../kit/errors.ts';
import type { HeldLock } from '../kit/lock.ts';
import { firedrillVersion } from '../kit/version.ts';
import { type BackupPlan, planBackup } from '../model/backup-plan.ts';
import { describeMember, type MemberRef, memberIdOf, parseMemberId, setNameOf } from '../model/backup-set.ts';
import type { Link } from '../model/chain.ts';
import type { Manifest, MemberKind } from '../model/manifest.ts';
import { MemberSealer } from '../vault/member-sealer.ts';
import { keyIdOf } from '../vault/signature.ts';
import type { ListedMember, Vault } from '../vault/vault.ts';
import { VerifiedMember } from '../vault/verified-member.ts';
import { lockService } from './lock-service.ts';

export interface BackupOrder {
  engine: AnyEngine;
  source: Source<unknown>;
  vault: Vault;
  signingKey: KeyObject;
  /** IANA name: the day of the set's Sunday is reckoned there. */
  timeZone: string;
  /** `full` by default; `incremental` becomes a full where there is nothing sound to build on. */
  kind?: MemberKind;
  /** Written into the source first, where its account may: one id for all services of a run. Absent: not wanted. */
  heartbeatId?: string;
}

export interface BackedUp extends MemberRef {
  manifest: Manifest;
  bytes: number;
  durationMs: number;
  /** Why a full was made though an increment was asked for; null when not. */
  promoted: string | null;
}

/** How long is waited for the second after the newest member's. */
const maxWaitMs = 2_000;

/** A backup that is being made: of a service that nobody else changes in the vault. */
interface Run {
  startedAt: Date;
  lock: HeldLock;
}

/**
 * Dumps one service into a new member. The member becomes visible when it is whole, sealed and durable; whatever fails
 * before leaves nothing behind. LOCKED when the service is being backed up, or its backups are being expired.
 */
export async function backUp(order: BackupOrder, activity: Activity): Promise<BackedUp> {
  const startedMs = activity.clock.monotonicMs();
  await using lock = await lockService(order.vault, order.source.service, 'backup', activity);
  const { members } = await order.vault.list(order.source.service);
  const run = { startedAt: await momentAfter(members.at(-1), activity), lock };
  await beat(order, run.startedAt, activity);
  const plan = await planOf(order, members, run.startedAt);
  const { manifest, promoted } = await writeMember(order, plan, run, activity);
  const { set, service, id, artifacts } = manifest;
  const bytes = artifacts.reduce((sum, entry) => sum + entry.bytes, 0);
  return { set, service, id, manifest, bytes, promoted, durationMs: activity.clock.monotonicMs() - startedMs };
}

/**
 * Now, or in a moment: members are named by the second in which they began, and a small one takes less. Where a clock was set
 * back by much, nobody waits: a full is made then, which builds on nothing of later.
 */
async function momentAfter(newest: MemberRef | undefined, { clock, signal }: Activity): Promise<Date> {
  const newestMs = newest ? parseMemberId(newest.id)?.startedAt.getTime() : undefined;
  if (!newest || newestMs === undefined) return clock.now();
  // More than once: a timer may ring a little before the clock has come there.
  for (const end = clock.monotonicMs() + 2 * maxWaitMs; clock.monotonicMs() < end; ) {
    const now = clock.now();
    const waitMs = newestMs + 1_000 - now.getTime();
    if (waitMs <= 0 || waitMs > maxWaitMs) return now;
    await sleep(waitMs, undefined, { signal });
  }
  throw new FiredrillError('VAULT_WRITE', `the clock stands still since ${describeMember(newest)} began`);
}

/** A source that may not be written to is backed up all the same: its newest event serves instead. */
async function beat({ engine, source, heartbeatId }: BackupOrder, startedAt: Date, activity: Activity): Promise<void> {
  if (heartbeatId === undefined || !engine.beat) return;
  try {
    await engine.beat(source, { id: heartbeatId, at: startedAt.toISOString() }, activity);
  } catch (error) {
    if (!isFiredrillError(error, 'SOURCE_DENIED', 'SOURCE_UNSUITABLE')) throw error;
    const text = `no heartbeat was written: ${messageOf(error)} (${error.hint})`;
    activity.tell({ service: source.service, phase: 'heartbeat', text });
  }
}

/** Looks at this week's members: is there a sound chain to build on? */
async function planOf(order: BackupOrder, listed: readonly ListedMember[], startedAt: Date): Promise<BackupPlan<Link>> {
  const { engine, kind = 'full', vault } = order;
  const dependence = engine.increments?.dependence;
  if (kind === 'full' || dependence === undefined) return { kind: 'full', because: null };
  const set = setNameOf(startedAt, order.timeZone);
  const week = listed.filter((each) => each.set === set);
  const from = week.findLastIndex((each) => parseMemberId(each.id)?.kind === 'full');
  const members = from < 0 ? [] : week.slice(from);
  try {
    const open = async (listed: ListedMember, i: number) => {
      const member = await VerifiedMember.open(vault, listed, ownKeys(order));
      return i < members.length - 1 ? member.forgetFacts() : member;
    };
    const links = await pMap(members, open, { concurrency: 4 });
    return planBackup({ kind, dependence, links, unreadable: undefined, startedAt });
  } catch (error) {
    // KEY_INVALID: what this machine may only encrypt, it cannot build on.
    if (!isFiredrillError(error, 'MANIFEST_INVALID', 'LIMIT_EXCEEDED', 'KEY_INVALID')) throw error;
    return planBackup<Link>({ kind, dependence, links: [], unreadable: messageOf(error), startedAt });
  }
}

/** An increment is built on nothing that this machine's own key has not signed. */
function ownKeys({ signingKey }: BackupOrder) {
  const key = createPublicKey(signingKey);
  return [{ keyId: keyIdOf(key), key }];
}

async function writeMember(order: BackupOrder, plan: BackupPlan<Link>, run: Run, activity: Activity) {
  if (plan.kind === 'full') return { manifest: await write(order, [], run, activity), promoted: plan.because };
  try {
    return { manifest: await write(order, plan.chain, run, activity), promoted: null };
  } catch (error) {
    if (!isFiredrillError(error, 'CHAIN_BROKEN')) throw error;
    activity.tell({ service: order.source.service, phase: 'backup', text: `a new full is made: ${messageOf(error)}` });
    return { manifest: await write(order, [], run, activity), promoted: messageOf(error) };
  }
}

/** Writes an increment on `chain`, or the full when there is none. */
async function write(order: BackupOrder, chain: readonly Link[], { startedAt, lock }: Run, activity: Activity) {
  const { engine, source, vault } = order;
  const kind = chain.length === 0 ? 'full' : 'incremental';
  const ref = { set: setNameOf(startedAt, order.timeZone), service: source.service, id: memberIdOf(kind, startedAt) };
  const before = chain.at(-1)?.manifest;
  await using sealer = await MemberSealer.begin(vault, ref);
  const dumped = await (engine.increments && before
    ? engine.increments.backup(source, chain, sealer, activity)
    : engine.backupFull(source, sealer, activity));
  await lock.assertHeld();
  return await sealer.seal(
    {
      format: 'firedrill-manifest',
      version: 1,
      ...ref,
      engine: engine.name,
      kind,
      parent: parentOf(engine, chain),
      startedAt: startedAt.toISOString(),
      dataAt: dumped.dataAt,
      finishedAt: activity.clock.now().toISOString(),
      source: { host: source.host.label, identity: dumped.identity, engineVersion: dumped.engineVersion },
      tools: { firedrill: firedrillVersion, ...dumped.tools },
      position: dumped.position,
      facts: dumped.facts,
    },
    order.signingKey,
  );
}

function parentOf(engine: AnyEngine, chain: readonly Link[]): Manifest['parent'] {
  const parent = engine.increments?.dependence === 'full' ? chain[0] : chain.at(-1);
  return parent ? { id: parent.manifest.id, manifestSha256: parent.manifestSha256 } : null;
}
