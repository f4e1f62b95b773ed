import type { KeyObject } from 'node:crypto';
import { signatureFault, signBody, type TrustedKey } from '../kit/signature.ts';
import type { Manifest, ManifestBody } from '../model/manifest.ts';

export { keyIdOf, readSigningKey, readTrustedKey, type TrustedKey } from '../kit/signature.ts';

/** Signs the manifest without its signature. */
export function signManifest(body: ManifestBody, privateKey: KeyObject): Manifest {
  return { ...body, signature: signBody(body, privateKey) };
}

/** Why a signature is not good, in words; undefined when it is. */
export function signatureProblem(manifest: Manifest, trusted: readonly TrustedKey[]): string | undefined {
  const { signature, ...body } = manifest;
  return signatureFault(body, signature, trusted);
}
