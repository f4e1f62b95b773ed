import { createHash, randomBytes } from 'node:crypto';
import { chown, lstat, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of one image and one way to be made there is one; a second image is being tried, a third was yesterday's. */
const maxKept = 4;
/** What was being made when its process was killed. */
const abandonedMs = 3_600_000;
const begun = 'begun-';

/**
 * Data folders as images make them from nothing, kept for the next pod: in this machine's folder for temporary files, where
 * Docker sees the pods' own folders as well. They hold nothing of a backup; who loses them loses seconds.
 */
export class Templates {
  /** The pod's user owns it: containers of that user copy into it. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** undefined when somebody else has the place. @param user as Docker takes it: `uid:gid` */
  static async open(user: string, root = tmpdir()): Promise<Templates | undefined> {
    const uid = process.getuid?.() ?? 0;
    const folder = join(root, `firedrill-templates-${uid}`);
    const [owner = 0, group = 0] = user.split(':').map(Number);
    try {
      await mkdir(folder, { mode: 0o700 }).catch(() => {});
      const found = await lstat(folder);
      // Anybody may make a folder there before us.
      if (!found.isDirectory() || ![uid, owner].includes(found.uid) || (found.mode & 0o077) !== 0) return undefined;
      if (found.uid !== owner) await chown(folder, owner, group);
      return new Templates(folder);
    } catch {
      return undefined;
    }
  }

  static nameOf(imageId: string, key: readonly string[]): string {
    return createHash('sha256')
      .update(JSON.stringify([imageId, ...key]))
      .digest('hex')
      .slice(0, 32);
  }

  /** Whether there is one; it counts as used now. */
  async has(name: string): Promise<boolean> {
    const now = new Date();
    return utimes(join(this.folder, name), now, now).then(
      () => true,
      () => false,
    );
  }

  /** A name for one that is being made: nobody finds it before `keep`. */
  static newName(): string {
    return `${begun}${randomBytes(8).toString('hex')}`;
  }

  /** It is there as a whole, or not at all; of two that were made at once either may stay. */
  async keep(made: string, name: string): Promise<void> {
    const from = join(this.folder, made);
    await rename(from, join(this.folder, name)).catch(() => rm(from, { recursive: true, force: true }));
    await this.#removeOld();
  }

  async discard(name: string): Promise<void> {
    await rm(join(this.folder, name), { recursive: true, force: true });
  }

  async #removeOld() {
    const all = await Promise.all(
      (await readdir(this.folder)).map(async (name) => ({
        name,
        mtimeMs: await stat(join(this.folder, name)).then(
          (found) => found.mtimeMs,
          () => 0,
        ),
      })),
    );
    const kept = all.filter(({ name }) => !name.startsWith(begun)).sort((a, b) => b.mtimeMs - a.mtimeMs);
    const abandoned = all.filter(({ name, mtimeMs }) => name.startsWith(begun) && mtimeMs < Date.now() - abandonedMs);
    for (const { name } of [...kept.slice(maxKept), ...abandoned]) await this.discard(name);
  }
}
