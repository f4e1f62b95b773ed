import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ManifestBody } from '../../src/model/manifest.ts';
import { signManifest } from '../../src/vault/signature.ts';
import { testKeys } from './member.ts';

/** Changes the manifest of a member that lies in a vault, and signs it anew: only what it says can be noticed. */
export async function resealAt(folder: string, change: (body: ManifestBody) => void): Promise<void> {
  const { signature: _, ...body } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  change(body as ManifestBody);
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify(signManifest(body as ManifestBody, testKeys.privateKey)),
  );
}

export async function contentAt(folder: string, name: string): Promise<Buffer> {
  return zstdDecompressSync(await readFile(join(folder, name)));
}

/** Puts other content into an artifact; its hashes are right again and the seal is genuine. */
export async function rewriteAt(folder: string, name: string, content: Buffer): Promise<void> {
  const stored = zstdCompressSync(content);
  await writeFile(join(folder, name), stored);
  await resealAt(folder, ({ artifacts }) => {
    const entry = artifacts.find((each) => each.name === name);
    if (!entry) throw new Error(`there is no artifact ${name}`);
    entry.bytes = stored.length;
    entry.sha256 = createHash('sha256').update(stored).digest('hex');
    entry.contentBytes = content.length;
  });
}
