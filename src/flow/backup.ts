import type { KeyObject } from 'node:crypto';
import type { AnyEngine, Source } from '../engines/engine.ts';
import type { Activity } from '../kit/activity.ts';
import { firedrillVersion } from '../kit/version.ts';
import { type MemberRef, memberIdOf, setNameOf } from '../model/backup-set.ts';
import type { Manifest } from '../model/manifest.ts';
import { MemberSealer } from '../vault/member-sealer.ts';
import type { Vault } from '../vault/vault.ts';

export interface BackupOrder {
  engine: AnyEngine;
  source: Source<unknown>;
  vault: Vault;
  signingKey: KeyObject;
  /** IANA name: the day of the set's Sunday is reckoned there. */
  timeZone: string;
}

export interface BackedUp extends MemberRef {
  manifest: Manifest;
  bytes: number;
  durationMs: number;
}

/**
 * Dumps one service into a new full member. The member becomes visible when it is whole, sealed and durable; whatever
 * fails before leaves nothing behind.
 */
export async function backUp(order: BackupOrder, activity: Activity): Promise<BackedUp> {
  const { engine, source, vault } = order;
  const startedMs = activity.clock.monotonicMs();
  const startedAt = activity.clock.now();
  const { service } = source;
  const ref = { set: setNameOf(startedAt, order.timeZone), service, id: memberIdOf('full', startedAt) };
  await using sealer = await MemberSealer.begin(vault, ref);
  const dumped = await engine.backupFull(source, sealer, activity);
  const manifest = await sealer.seal(
    {
      format: 'firedrill-manifest',
      version: 1,
      ...ref,
      engine: engine.name,
      kind: 'full',
      parent: null,
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
  const bytes = manifest.artifacts.reduce((sum, entry) => sum + entry.bytes, 0);
  return { ...ref, manifest, bytes, durationMs: activity.clock.monotonicMs() - startedMs };
}
