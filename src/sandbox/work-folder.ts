import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOwnerAlive, ownOwner } from '../kit/owner.ts';

const prefix = 'firedrill-pod-';

/** A pod's private folder on this machine (0700): sockets and scratch files. */
export async function makeWorkFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await writeFile(join(folder, 'owner'), ownOwner());
  return folder;
}

/**
 * A service's socket folder, which its container mounts. The container's user may differ from ours, hence 0777; the
 * folder above keeps everybody else of this machine out.
 */
export async function makeSocketFolder(workFolder: string, service: string): Promise<string> {
  const folder = join(workFolder, `run-${service}`);
  await mkdir(folder);
  await chmod(folder, 0o777);
  return folder;
}

export async function makeScratchFolder(workFolder: string, service: string): Promise<string> {
  const folder = join(workFolder, `scratch-${service}`);
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

/** Removes the work folders whose process is gone; returns their names. */
export async function reapWorkFolders(): Promise<string[]> {
  const reaped: string[] = [];
  for (const name of (await readdir(tmpdir())).filter((each) => each.startsWith(prefix))) {
    const folder = join(tmpdir(), name);
    const owner = await readFile(join(folder, 'owner'), 'utf8').catch(() => undefined);
    if (owner === undefined || isOwnerAlive(owner)) continue;
    // What a hostile server made unremovable must not keep every later drill from its work.
    const gone = await rm(folder, { recursive: true, force: true }).then(
      () => true,
      () => false,
    );
    if (gone) reaped.push(name);
  }
  return reaped;
}
