import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chown, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../kit/replace-file.ts';
import { firedrillVersion } from '../kit/version.ts';
import type { MemberRef } from '../model/backup-set.ts';
import { KnownManifests } from '../model/known-manifests.ts';
import type { TrustedKey } from '../vault/signature.ts';
import type { Composed } from './context.ts';

/** A member takes about 400 bytes of it. */
const maxBytes = 128 * 1024 * 1024;

type Place = Pick<Composed, 'stateFolder' | 'vault' | 'trusted'>;

/** In the folder of the state: a vault is not believed, and so cannot hold it. Labels are plain names. */
const nameOf = ({ vault }: Place) => `manifests-${vault.label}.json`;

/** Which manifests of the vault earlier runs have found genuine; none where no file of ours tells. */
export async function readKnown(place: Place): Promise<KnownManifests> {
  const text = await readOwnFile(join(place.stateFolder, nameOf(place))).catch(() => undefined);
  return text === undefined ? new KnownManifests() : KnownManifests.fromText(text, believedBy(place.trusted));
}

/** Without it the next run takes longer, and says the same. */
export async function keepKnown(place: Place, known: KnownManifests, lying: readonly MemberRef[]): Promise<void> {
  known.keepOnly(lying);
  if (!known.changed) return;
  try {
    await makeFolder(place.stateFolder);
    await replaceFile(place.stateFolder, nameOf(place), known.toText(believedBy(place.trusted)));
  } catch {
    // No room, or no permission.
  }
}

/** A listing by root must not make a folder in which the daemon's own user cannot write. */
async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o750 });
  if (made === undefined) return;
  const { uid, gid } = await stat(dirname(made));
  for (let each = folder; each.length >= made.length; each = dirname(each)) await chown(each, uid, gid);
}

/** undefined for what somebody else could have written. */
async function readOwnFile(file: string): Promise<string | undefined> {
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  const about = await handle.stat();
  const isOurs = about.isFile() && about.uid === process.getuid?.() && (about.mode & 0o022) === 0;
  return isOurs && about.size <= maxBytes ? await handle.readFile('utf8') : undefined;
}

/** The program that judged, and all keys that it trusted: a key that is trusted no more takes its manifests with it. */
function believedBy(trusted: readonly TrustedKey[]): string {
  const hash = createHash('sha256').update(firedrillVersion);
  const keys = trusted.map(({ key }) => key.export({ type: 'spki', format: 'der' }).toString('hex'));
  for (const key of keys.sort()) hash.update(`\n${key}`);
  return hash.digest('hex');
}
