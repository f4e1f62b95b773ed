import type { Manifest } from '../../model/manifest.ts';
import type { TrustedKey } from '../../vault/signature.ts';
import type { ReadableVault } from '../../vault/vault.ts';
import { VerifiedMember } from '../../vault/verified-member.ts';

/** The newest genuine manifest of each service, for sizes and versions; what cannot be read is left out. */
export async function newestManifests(
  vault: ReadableVault,
  services: readonly string[],
  trusted: readonly TrustedKey[],
): Promise<Manifest[]> {
  const { members } = await vault.list();
  const newest = services.map((service) => members.findLast((each) => each.service === service));
  const opened = newest.map(async (member) =>
    member ? (await VerifiedMember.open(vault, member, trusted)).manifest : undefined,
  );
  const settled = await Promise.allSettled(opened);
  return settled.flatMap((each) => (each.status === 'fulfilled' && each.value ? [each.value] : []));
}

/** As stored, and as they are when they are decoded. */
export function bytesOf(manifests: readonly Manifest[]): { stored: number; content: number } {
  const artifacts = manifests.flatMap((each) => each.artifacts);
  return {
    stored: artifacts.reduce((sum, each) => sum + each.bytes, 0),
    content: artifacts.reduce((sum, each) => sum + each.contentBytes, 0),
  };
}
