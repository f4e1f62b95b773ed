import { checkManifest } from '../checks/manifest.ts';
import type { AnyEngine } from '../engines/engine.ts';
import type { Activity } from '../kit/activity.ts';
import type { CheckResult } from '../model/check.ts';
import type { TrustedKey } from '../vault/signature.ts';
import type { ListedMember, ReadableVault } from '../vault/vault.ts';
import { VerifiedMember } from '../vault/verified-member.ts';
import { resultOfFailure } from './failure.ts';

/** Judges one member offline: its seal, every byte, and what its engine can tell without a server. */
export async function verifyMember(
  vault: ReadableVault,
  listed: ListedMember,
  trusted: readonly TrustedKey[],
  engineNamed: (name: string) => AnyEngine | undefined,
  activity: Activity,
): Promise<CheckResult[]> {
  return (await openAndVerify(vault, listed, trusted, engineNamed, activity)).results;
}

/** As `verifyMember`, and hands on the open member, so that its chain can be judged as well. */
export async function openAndVerify(
  vault: ReadableVault,
  listed: ListedMember,
  trusted: readonly TrustedKey[],
  engineNamed: (name: string) => AnyEngine | undefined,
  activity: Activity,
): Promise<{ results: CheckResult[]; member: VerifiedMember | undefined }> {
  const { service } = listed;
  let member: VerifiedMember;
  try {
    member = await VerifiedMember.open(vault, listed, trusted);
  } catch (error) {
    return { results: [resultOfFailure(error, service)], member: undefined };
  }
  const engine = engineNamed(member.manifest.engine);
  const judged = engine ? await judge(engine, member, activity) : [];
  return { results: [await manifestResult(service, [member], activity.signal), ...judged], member };
}

async function judge(engine: AnyEngine, member: VerifiedMember, activity: Activity): Promise<CheckResult[]> {
  try {
    return await engine.verify(member, activity);
  } catch (error) {
    return [resultOfFailure(error, member.manifest.service)];
  }
}

/** Reads what was not read before, and judges all artifacts of a chain. */
export async function manifestResult(
  service: string,
  members: readonly VerifiedMember[],
  signal: AbortSignal,
): Promise<CheckResult> {
  const evidence = [];
  for (const member of members) {
    const { manifest, listed } = member;
    const files = listed.files.map((file) => file.name);
    const read = await member.verifyAll(signal);
    evidence.push({ id: manifest.id, artifacts: manifest.artifacts, files, strange: listed.strange, read });
  }
  return checkManifest(service, evidence);
}
