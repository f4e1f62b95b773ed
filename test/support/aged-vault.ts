import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackedUp, backUp } from '../../src/flow/backup.ts';
import { compactInstant, systemClock } from '../../src/kit/clock.ts';
import type { Journal, MemberRecord, VerdictWord } from '../../src/model/journal.ts';
import type { MemberKind } from '../../src/model/manifest.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { readSigningKey } from '../../src/vault/signature.ts';
import { testActivity } from './activity.ts';
import { noHost } from './drill-fixture.ts';
import { fileEngine } from './file-engine.ts';
import { sampleJournal } from './journal.ts';
import { failed, passed, unclear } from './results.ts';

export const dayMs = 86_400_000;

/** Backs a service of a file company (test/support/firedrill.ts) up as if it were so long ago. */
export async function backUpAgo(folder: string, service: string, agoMs: number, kind: MemberKind): Promise<BackedUp> {
  const at = new Date(Date.now() - agoMs);
  const signingKey = readSigningKey(await readFile(join(folder, 'keys/signing.key'), 'utf8'));
  const source = { service, host: noHost, settings: { content: `the text of ${service}` } };
  const vault = directoryVault('onsite', join(folder, 'vault'));
  const order = { engine: fileEngine, source, vault, signingKey, timeZone: 'UTC', kind };
  return backUp(order, { ...testActivity(), clock: { ...systemClock, now: () => at } });
}

/** A full and increments, an hour apart; the newest is so old. They lie in one week. */
export async function chainAgo(folder: string, service: string, agoMs: number, increments = 2): Promise<BackedUp[]> {
  const members: BackedUp[] = [];
  const end = Date.now() - agoMs;
  const sunday = (end - 3 * dayMs) % (7 * dayMs);
  // Not across the night to Sunday, which would begin a new set.
  const shiftMs = Math.max(0, (increments + 1) * 3_600_000 - sunday);
  for (let i = increments; i >= 0; i -= 1) {
    const kind = i === increments ? 'full' : 'incremental';
    members.push(await backUpAgo(folder, service, agoMs - shiftMs + i * 3_600_000, kind));
  }
  return members;
}

/** Leaves the journal of a drill that restored these members, as if it were so long ago. */
export async function leaveDrill(
  folder: string,
  members: readonly BackedUp[],
  { outcome = 'pass', agoMs = 0 }: { outcome?: VerdictWord; agoMs?: number } = {},
): Promise<Journal> {
  const startedAt = new Date(Date.now() - agoMs);
  const id = `${compactInstant(startedAt)}-nightly`;
  const { drill, services, ...rest } = sampleJournal();
  const [service = ''] = members.map((each) => each.service);
  const judged = { pass: passed, fail: failed, inconclusive: unclear }[outcome]('content', service);
  const checks = [passed('rpo', service), judged, passed('isolation', null), passed('self-check', null)];
  const [record] = services;
  const records = await Promise.all(members.map((each) => recordOf(folder, each)));
  const journal = {
    ...rest,
    drill: { ...drill, id, startedAt: startedAt.toISOString(), asOf: startedAt.toISOString(), services: [service] },
    checks,
    services: [{ ...record, service, set: members[0]?.set ?? null, members: records }] as Journal['services'],
  };
  await mkdir(join(folder, 'reports', id), { recursive: true });
  await writeFile(join(folder, 'reports', id, 'journal.json'), JSON.stringify(journal));
  return journal;
}

async function recordOf(folder: string, { set, service, id, manifest, bytes }: BackedUp): Promise<MemberRecord> {
  const sealed = await readFile(join(folder, 'vault', set, service, id, 'manifest.json'));
  const manifestSha256 = createHash('sha256').update(sealed).digest('hex');
  const { kind, startedAt, dataAt, finishedAt, artifacts, source, tools } = manifest;
  const { host: sourceHost, engineVersion } = source;
  const times = { startedAt, dataAt, finishedAt };
  return { id, kind, manifestSha256, bytes, artifacts: artifacts.length, ...times, sourceHost, engineVersion, tools };
}
