import type { KeyObject } from 'node:crypto';
import { signatureFaultBeside, signBody, type TrustedKey } from '../kit/signature.ts';
import type { Manifest, ManifestBody } from '../model/manifest.ts';

export { keyIdOf, readSigningKey, readTrustedKey, type TrustedKey } from '../kit/signature.ts';

/** Signs the manifest without its signature. */
export function signManifest(body: ManifestBody, privateKey: KeyObject): Manifest {
  return { ...body, signature: signBody(body, privateKey) };
}

/** Why a signature is not good, in words; undefined when it is. */
export async function signatureProblem(
  manifest: Manifest,
  trusted: readonly TrustedKey[],
): Promise<string | undefined> {
  const { signature, ...body } = manifest;
  return signatureFaultBeside(body, signature, trusted);
}
