import { type Docker, dockerCall, statusCodeOf } from '../hosts/docker-client.ts';
import { isOwnerAlive, isOwnerHere } from '../kit/owner.ts';
import { drillLabel, expiresLabel, ownerLabel } from './labels.ts';
import { reapWorkFolders } from './work-folder.ts';

/**
 * Removes the containers, volumes and folders that a crashed drill left: their process is gone, or, on another host, their
 * time is over. Returns what was removed, for the log.
 */
export async function reap(docker: Docker, now: Date): Promise<string[]> {
  const filters = { label: [drillLabel] };
  const containers = await dockerCall('list containers', () => docker.listContainers({ all: true, filters }));
  const reaped: string[] = [];
  for (const { Id, Labels, Names } of containers) {
    if (!isLeft(Labels, now)) continue;
    await removeContainer(docker, Id);
    reaped.push(`container ${Names[0] ?? Id}`);
  }
  const { Volumes } = await dockerCall('list volumes', () => docker.listVolumes({ filters }));
  for (const { Name, Labels } of Volumes ?? []) {
    if (!isLeft(Labels ?? {}, now)) continue;
    await removeVolume(docker, Name);
    reaped.push(`volume ${Name}`);
  }
  return [...reaped, ...(await reapWorkFolders())];
}

/** Whether its process is gone. Time counts for processes of other hosts only, which nobody here can see: clocks are set. */
export function isLeft(labels: Record<string, string>, now: Date): boolean {
  const owner = labels[ownerLabel] ?? '';
  if (isOwnerHere(owner)) return false;
  return !isOwnerAlive(owner) || Date.parse(labels[expiresLabel] ?? '') < now.getTime();
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
