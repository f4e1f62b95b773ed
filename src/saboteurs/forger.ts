import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chain, collect, type Digest, DigestStream } from '../kit/streams.ts';
import { type MemberRef, manifestFile } from '../model/backup-set.ts';
import { type ManifestBody, maxManifestBytes } from '../model/manifest.ts';
import { keyIdOf, signManifest, type TrustedKey } from '../vault/signature.ts';
import type { SpoiledVault } from './spoiled-vault.ts';

/**
 * Makes hashes and seals of a spoiled copy fit again, so that no checksum can notice what was done. Its key is made for one
 * rehearsal and trusted by nothing else.
 */
export class Forger {
  readonly trusted: TrustedKey;
  readonly #key: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.#key = privateKey;
    this.trusted = { keyId: keyIdOf(publicKey), key: publicKey };
  }

  /**
   * Takes sizes and hashes of what was changed in a member into its manifest, then `change`, and signs it anew; and so on
   * for each member that was built on it.
   */
  async reseal(vault: SpoiledVault, ref: MemberRef, change: (body: ManifestBody) => void = () => {}): Promise<void> {
    const body = await readBody(vault, ref);
    const was = await hashOf(vault, ref, manifestFile);
    await takeIn(vault, ref, body);
    change(body);
    const bytes = Buffer.from(JSON.stringify(signManifest(body, this.#key)));
    vault.putBytes(ref, manifestFile, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    for (const each of vault.members.filter(({ set, service }) => set === ref.set && service === ref.service)) {
      if (!each.files.some(({ name }) => name === manifestFile)) continue;
      const { parent } = await readBody(vault, each);
      if (parent?.manifestSha256 === was.sha256) await this.reseal(vault, each, (child) => adopt(child, sha256));
    }
  }
}

function adopt({ parent }: ManifestBody, manifestSha256: string) {
  if (parent) parent.manifestSha256 = manifestSha256;
}

/** The manifest of a member as it says, genuine or not. */
export async function readBody(vault: SpoiledVault, ref: MemberRef): Promise<ManifestBody> {
  const bytes = await collect(vault.read(ref, manifestFile), maxManifestBytes, 'a manifest');
  const { signature: _, ...body } = JSON.parse(bytes.toString());
  return body as ManifestBody;
}

async function takeIn(vault: SpoiledVault, ref: MemberRef, body: ManifestBody) {
  const files = vault.find(ref)?.files ?? [];
  body.artifacts = body.artifacts.filter(({ name }) => files.some((file) => file.name === name));
  for (const entry of body.artifacts) {
    if (vault.isChanged(ref, entry.name)) Object.assign(entry, await hashOf(vault, ref, entry.name));
  }
}

async function hashOf(vault: SpoiledVault, ref: MemberRef, file: string): Promise<Digest> {
  const digest = new DigestStream();
  for await (const _ of chain(vault.read(ref, file), digest)) {
    // Reading to the end is all: the digest is what matters.
  }
  return digest.digest();
}
