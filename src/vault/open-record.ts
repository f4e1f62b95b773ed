import { type KnownManifests, type ManifestRecord, recordOf } from '../model/known-manifests.ts';
import { manifestDigest, readManifest } from './read-manifest.ts';
import type { TrustedKey } from './signature.ts';
import type { ListedMember, ReadableVault } from './vault.ts';
import { VerifiedMember } from './verified-member.ts';

export interface OpenedRecord {
  record: ManifestRecord;
  /** Where the manifest was not known, and so had to be opened. */
  member?: VerifiedMember;
}

/**
 * What a member's genuine manifest says, by its bytes as they lie in the vault now. Rejects as `VerifiedMember.open` does.
 * @param known what was found genuine before under the same trusted keys, and learns what is found now
 */
export async function openRecord(
  vault: ReadableVault,
  listed: ListedMember,
  trusted: readonly TrustedKey[],
  known?: KnownManifests,
): Promise<OpenedRecord> {
  const told = known?.knows(listed) ? await manifestDigest(vault, listed) : undefined;
  const alike = told === undefined ? undefined : known?.recordAt(listed, told);
  if (alike) return { record: alike };
  const read = await readManifest(vault, listed);
  const before = known?.recordAt(listed, read.sha256);
  if (before) return { record: before };
  const member = await VerifiedMember.of(vault, read, trusted);
  const record = recordOf(member.manifest, member.manifestSha256);
  known?.learn(listed, record);
  return { record, member };
}
