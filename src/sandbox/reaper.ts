import { existsSync } from 'node:fs';
import { type Docker, dockerCall, statusCodeOf } from '../hosts/docker-client.ts';
import { isOwnerAlive, isOwnerHere } from '../kit/owner.ts';
import { drillLabel, expiresLabel, keptByLabel, ownerLabel, raisedByLabel, stackLabel } from './labels.ts';
import { findLabelled, removeAll } from './removal.ts';
import { reapWorkFolders } from './work-folder.ts';

/**
 * Removes the containers, volumes and folders that a crashed drill left, and the stacks of game days that nobody wants any more.
 * Returns what was removed, for the log.
 */
export async function reap(docker: Docker, now: Date): Promise<string[]> {
  const pods = await reapLabelled(docker, drillLabel, (labels) => isLeft(labels, now));
  const stacks = await reapStacks(docker);
  return [...pods, ...stacks, ...(await reapWorkFolders())];
}

/** @param dockersNow by Docker's own clock; absent: it is asked, where there is a stack at all */
export async function reapStacks(docker: Docker, dockersNow?: Date): Promise<string[]> {
  let now = dockersNow;
  return reapLabelled(docker, stackLabel, async (labels) => {
    now ??= await dockersClock(docker);
    return isStackLeft(labels, now);
  });
}

async function reapLabelled(
  docker: Docker,
  label: string,
  isGone: (labels: Record<string, string>) => boolean | Promise<boolean>,
) {
  const onlyGone = async <Found extends { labels: Record<string, string> }>(found: readonly Found[]) => {
    const gone: Found[] = [];
    for (const each of found) if (await isGone(each.labels)) gone.push(each);
    return gone;
  };
  const removals = await removeAll(docker, async () => {
    const { containers, volumes } = await findLabelled(docker, label);
    return { containers: await onlyGone(containers), volumes: await onlyGone(volumes) };
  });
  // 409: a volume that somebody looks at in a container of their own; the next drill tries again.
  const failed = removals.find(({ error }) => error !== undefined && statusCodeOf(error) !== 409);
  if (failed) throw failed.error;
  return removals.filter(({ error }) => error === undefined).map(({ what }) => what);
}

async function dockersClock(docker: Docker): Promise<Date> {
  const { SystemTime } = await dockerCall('ask for the time', () => docker.info());
  return new Date(SystemTime);
}

/** Whether its process is gone. Time counts for processes of other hosts only, which nobody here can see: clocks are set. */
export function isLeft(labels: Record<string, string>, now: Date): boolean {
  const owner = labels[ownerLabel] ?? '';
  if (isOwnerHere(owner)) return false;
  return !isOwnerAlive(owner) || Date.parse(labels[expiresLabel] ?? '') < now.getTime();
}

/**
 * Whether nobody wants a stack any more: the process that was raising it is gone, or its time is over, told by
 * Docker's own clock: those of processes are set.
 */
export function isStackLeft(labels: Record<string, string>, dockersNow: Date): boolean {
  const raisedBy = labels[raisedByLabel] ?? '';
  if (isOwnerHere(raisedBy)) return false;
  const isRaised = existsSync(labels[keptByLabel] ?? '');
  return (!isRaised && !isOwnerAlive(raisedBy)) || Date.parse(labels[expiresLabel] ?? '') < dockersNow.getTime();
}
