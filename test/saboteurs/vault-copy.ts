import { createHash } from 'node:crypto';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type MemberRef, manifestFile, memberIdOf, setNameOf } from '../../src/model/backup-set.ts';
import type { ArtifactEntry, ManifestBody } from '../../src/model/manifest.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { signManifest } from '../../src/vault/signature.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { testKeys } from '../support/member.ts';
import { scratchFolder } from '../support/scratch.ts';
import type { ServiceName } from './stage.ts';

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A copy of a vault's folder, to be spoiled by whoever also holds the signing key (or is `keyless`). `await using` removes it. */
export class VaultCopy implements AsyncDisposable {
  readonly folder: string;
  readonly vault: Vault;
  /** Whoever spoils it has no signing key: nothing fits afterwards, and changed manifests keep their old signature. */
  keyless = false;
  readonly #dispose: () => PromiseLike<void>;

  private constructor(folder: string, dispose: () => PromiseLike<void>) {
    this.folder = folder;
    this.vault = directoryVault('onsite', folder);
    this.#dispose = dispose;
  }

  static async of(original: string): Promise<VaultCopy> {
    const scratch = await scratchFolder();
    await cp(original, scratch.path, { recursive: true });
    return new VaultCopy(scratch.path, () => scratch[Symbol.asyncDispose]());
  }

  /** The members of a service that have a manifest, the oldest first. */
  async chain(service: ServiceName): Promise<MemberRef[]> {
    const { members } = await this.vault.list();
    const sealed = members.filter((each) => each.files.some(({ name }) => name === manifestFile));
    return sealed.filter((each) => each.service === service);
  }

  /** Counted from the full (0), or from the newest (-1). */
  async member(service: ServiceName, index: number): Promise<MemberRef> {
    const found = (await this.chain(service)).at(index);
    if (!found) throw new Error(`${service} has no member ${index}`);
    return found;
  }

  folderOf({ set, service, id }: MemberRef): string {
    return join(this.folder, set, service, id);
  }

  fileOf(member: MemberRef, name: string): string {
    return join(this.folderOf(member), name);
  }

  /** The service's folder of the week. */
  async serviceFolder(service: ServiceName): Promise<string> {
    return join(this.folderOf(await this.member(service, 0)), '..');
  }

  async remove(member: MemberRef): Promise<void> {
    await rm(this.folderOf(member), { recursive: true });
  }

  /** Takes an artifact out of a member, and out of its manifest. */
  async removeArtifact(member: MemberRef, name: string): Promise<void> {
    await rm(this.fileOf(member, name));
    if (this.keyless) return;
    await this.changeManifest(member, (body) => {
      body.artifacts = body.artifacts.filter((entry) => entry.name !== name);
    });
  }

  async manifest(member: MemberRef): Promise<ManifestBody> {
    const { signature: _, ...body } = JSON.parse(await readFile(this.fileOf(member, manifestFile), 'utf8'));
    return body as ManifestBody;
  }

  async entry(member: MemberRef, fits: (entry: ArtifactEntry) => boolean): Promise<ArtifactEntry> {
    const found = (await this.manifest(member)).artifacts.find(fits);
    if (!found) throw new Error(`${member.id} has no such artifact`);
    return found;
  }

  /** Changes the stored bytes of one file, and nothing else. */
  async spoil(member: MemberRef, name: string, change: (stored: Buffer) => Buffer): Promise<void> {
    const file = this.fileOf(member, name);
    await writeFile(file, change(await readFile(file)));
  }

  /** What an artifact decodes to. */
  async content(member: MemberRef, { name, encoding }: ArtifactEntry): Promise<Buffer> {
    const stored = await readFile(this.fileOf(member, name));
    return encoding === 'zstd' ? zstdDecompressSync(stored) : stored;
  }

  /** Puts other content into an artifact; sizes, hashes and seals fit. */
  async putContent(member: MemberRef, { name, encoding }: ArtifactEntry, content: Buffer): Promise<void> {
    await writeFile(this.fileOf(member, name), encoding === 'zstd' ? zstdCompressSync(content) : content);
    if (this.keyless) return;
    await this.changeManifest(member, ({ artifacts }) => {
      const entry = artifacts.find((each) => each.name === name);
      if (entry) entry.contentBytes = content.length;
    });
  }

  async changeContent(member: MemberRef, entry: ArtifactEntry, change: (content: Buffer) => Buffer): Promise<void> {
    await this.putContent(member, entry, change(await this.content(member, entry)));
  }

  /** As `changeContent`, for text. */
  async changeText(member: MemberRef, entry: ArtifactEntry, change: (content: string) => string): Promise<void> {
    await this.changeContent(member, entry, (content) => Buffer.from(change(content.toString())));
  }

  /** Makes sizes, hashes and seals fit again, of this member and of all that were built on it. */
  async reseal(member: MemberRef): Promise<void> {
    await this.changeManifest(member, () => {});
  }

  /** As `reseal`, and the manifest says something else. */
  async changeManifest(member: MemberRef, change: (body: ManifestBody) => void): Promise<void> {
    await this.#rewrite(member, await this.manifestSha256(member), change);
  }

  /** Puts the files of another member in the place of one; its name, its parent and its children fit. */
  async replace(member: MemberRef, folder: string, change: (body: ManifestBody) => void = () => {}): Promise<void> {
    const before = await this.manifestSha256(member);
    const { set, service, id, parent } = await this.manifest(member);
    await this.remove(member);
    await cp(folder, this.folderOf(member), { recursive: true });
    if (this.keyless) return;
    await this.#rewrite(member, before, (body) => {
      Object.assign(body, { set, service, id, parent });
      change(body);
    });
  }

  /** Gives a member the name and the instants of a later moment. */
  async postpone(member: MemberRef, byMs: number): Promise<void> {
    const later = (instant: string) => new Date(Date.parse(instant) + byMs);
    const { kind, startedAt } = await this.manifest(member);
    const id = memberIdOf(kind, later(startedAt));
    await rename(this.folderOf(member), this.folderOf({ ...member, id }));
    await this.changeManifest({ ...member, id }, (body) => {
      body.id = id;
      for (const key of ['startedAt', 'dataAt', 'finishedAt'] as const) body[key] = later(body[key]).toISOString();
    });
  }

  /** One more member, made as if that much later, in the set of its own week; it builds on nothing. */
  async repeat(member: MemberRef, byMs: number): Promise<MemberRef> {
    const later = (instant: string) => new Date(Date.parse(instant) + byMs);
    const { kind, startedAt, service } = await this.manifest(member);
    const at = later(startedAt);
    const again = { set: setNameOf(at, 'UTC'), service, id: memberIdOf(kind, at) };
    await cp(this.folderOf(member), this.folderOf(again), { recursive: true });
    await this.changeManifest(again, (body) => {
      Object.assign(body, { ...again, parent: null });
      for (const key of ['startedAt', 'dataAt', 'finishedAt'] as const) body[key] = later(body[key]).toISOString();
    });
    return again;
  }

  async manifestSha256(member: MemberRef): Promise<string> {
    return sha256Of(await readFile(this.fileOf(member, manifestFile)));
  }

  async #rewrite(member: MemberRef, before: string, change: (body: ManifestBody) => void) {
    if (this.keyless) return this.#scribble(member, change);
    const body = await this.manifest(member);
    change(body);
    for (const entry of body.artifacts) {
      const stored = await readFile(this.fileOf(member, entry.name));
      Object.assign(entry, { bytes: stored.length, sha256: sha256Of(stored) });
      if (entry.encoding === 'none') entry.contentBytes = stored.length;
    }
    const bytes = Buffer.from(JSON.stringify(signManifest(body, testKeys.privateKey)));
    await writeFile(this.fileOf(member, manifestFile), bytes);
    if (sha256Of(bytes) !== before) await this.#adopt(member, before, sha256Of(bytes));
  }

  /** What somebody without a key can do to a manifest. */
  async #scribble(member: MemberRef, change: (body: ManifestBody) => void) {
    await this.spoil(member, manifestFile, (json) => {
      const [before, manifest] = [JSON.parse(json.toString()), JSON.parse(json.toString())];
      change(manifest);
      return isDeepStrictEqual(before, manifest) ? json : Buffer.from(JSON.stringify(manifest));
    });
  }

  async #adopt(parent: MemberRef, before: string, manifestSha256: string) {
    for (const each of await this.chain(parent.service as ServiceName)) {
      if ((await this.manifest(each)).parent?.manifestSha256 !== before) continue;
      await this.changeManifest(each, (child) => {
        if (child.parent) child.parent.manifestSha256 = manifestSha256;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose();
  }
}
