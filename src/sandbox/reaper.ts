import { existsSync } from 'node:fs';
import { type Docker, dockerCall, statusCodeOf } from '../hosts/docker-client.ts';
import { isOwnerAlive, isOwnerHere } from '../kit/owner.ts';
import { drillLabel, expiresLabel, keptByLabel, ownerLabel, raisedByLabel, stackLabel } from './labels.ts';
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
  const filters = { label: [label] };
  const containers = await dockerCall('list containers', () => docker.listContainers({ all: true, filters }));
  const reaped: string[] = [];
  for (const { Id, Labels, Names } of containers) {
    if (!(await isGone(Labels))) continue;
    await removeContainer(docker, Id);
    reaped.push(`container ${Names[0] ?? Id}`);
  }
  const { Volumes } = await dockerCall('list volumes', () => docker.listVolumes({ filters }));
  for (const { Name, Labels } of Volumes ?? []) {
    if (!(await isGone(Labels ?? {}))) continue;
    await removeVolume(docker, Name);
    reaped.push(`volume ${Name}`);
  }
  return reaped;
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

/** Removes a container, running or not; one that is gone already, or is being removed, is fine. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  await goneIsFine(dockerCall('remove a container', () => docker.getContainer(id).remove({ force: true, v: true })));
}

export async function removeVolume(docker: Docker, name: string): Promise<void> {
  await goneIsFine(dockerCall('remove a volume', () => docker.getVolume(name).remove({ force: true })));
}

async function goneIsFine(removal: Promise<unknown>) {
  await removal.catch((error: unknown) => {
    // 404: gone already; 409: Docker is removing it right now.
    if (![404, 409].includes(statusCodeOf(error) ?? 0)) throw error;
  });
}
