import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { firstIssue, parseUntrustedJson } from '../kit/json.ts';
import { type AtOnce, collect } from '../kit/streams.ts';
import { plainLine } from '../kit/text.ts';
import { describeMember, manifestFile } from '../model/backup-set.ts';
import { type Manifest, maxManifestBytes, parsedManifestSchema } from '../model/manifest.ts';
import { signatureProblem, type TrustedKey } from './signature.ts';
import type { ListedMember, ReadableVault } from './vault.ts';

/** A member's manifest as it lies in the vault; nothing of it has been verified. */
export interface ManifestBytes {
  /** With the names and sizes that the manifest speaks of. */
  listed: ListedMember;
  bytes: Buffer;
  /** Lower-case hex. */
  sha256: string;
}

/** Rejects with MANIFEST_INVALID when there is none, and where the vault cannot be read or opened. */
export async function readManifest(vault: ReadableVault, member: ListedMember): Promise<ManifestBytes> {
  const where = describeMember(member);
  if (!hasManifest(member)) {
    throw new FiredrillError(
      'MANIFEST_INVALID',
      `${where} has no manifest: it was never completed, or was tampered with`,
    );
  }
  const listed = await vault.inspect(member);
  const bytes = await collect(vault.read(listed, manifestFile), maxManifestBytes, `the manifest of ${where}`);
  return { listed, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** SHA-256 of a member's manifest as it lies in the vault, where that is told without reading it out; lower-case hex. */
export async function manifestDigest(vault: ReadableVault, member: ListedMember): Promise<string | undefined> {
  if (!hasManifest(member)) return undefined;
  const content: Readable & Partial<AtOnce> = vault.read(member, manifestFile);
  const digest = await content.digestAtOnce?.();
  content.destroy();
  return digest;
}

const hasManifest = ({ files }: ListedMember) => files.some((file) => file.name === manifestFile);

/** The manifest that these bytes are. MANIFEST_INVALID when they are malformed, misplaced or not signed by a trusted key. */
export async function genuineManifest(
  { listed, bytes }: ManifestBytes,
  trusted: readonly TrustedKey[],
): Promise<Manifest> {
  const where = describeMember(listed);
  const manifest = parseManifest(bytes, where);
  const problem = placeProblem(manifest, listed) ?? (await signatureProblem(manifest, trusted));
  if (problem) throw new FiredrillError('MANIFEST_INVALID', `the manifest of ${where} is not genuine: ${problem}`);
  return manifest;
}

function parseManifest(bytes: Buffer, where: string): Manifest {
  try {
    return parsedManifestSchema.parse(parseUntrustedJson(bytes, `the manifest of ${where}`));
  } catch (cause) {
    if (cause instanceof FiredrillError) throw cause;
    // zod's whole message can be very long: one line is enough.
    const why = plainLine(firstIssue(cause) ?? messageOf(cause), 200);
    throw new FiredrillError('MANIFEST_INVALID', `the manifest of ${where} cannot be read: ${why}`, { cause });
  }
}

/** A manifest that was moved or copied elsewhere is not this member's. */
function placeProblem(manifest: Manifest, at: ListedMember): string | undefined {
  const pairs = [
    ['set', manifest.set, at.set],
    ['service', manifest.service, at.service],
    ['member', manifest.id, at.id],
  ] as const;
  const wrong = pairs.find(([, says, lies]) => says !== lies);
  return wrong && `it says ${wrong[0]} ${plainLine(wrong[1])}, but lies at ${plainLine(wrong[2])}`;
}
