import { type Docker, dockerCall, statusCodeOf } from '../hosts/docker-client.ts';

/** What becomes of one container or volume: `what` for people, `error` where it could not be removed. */
export interface Removal {
  what: string;
  error?: unknown;
}

interface FoundVolume {
  name: string;
  labels: Record<string, string>;
}

interface FoundContainer extends FoundVolume {
  id: string;
  isRunning: boolean;
}

/** What carries a label. */
export interface Found {
  containers: FoundContainer[];
  volumes: FoundVolume[];
}

/** How often is looked for more: a process asks for one thing at a time. */
const maxLooks = 4;

/** Removes a container, running or not; one that is gone already, or is being removed, is fine. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  await fineIf(
    [404, 409],
    dockerCall('remove a container', () => docker.getContainer(id).remove({ force: true, v: true })),
  );
}

/** Removes a volume; one that is gone already is fine. SANDBOX_FAILED for one that a container uses. */
export async function removeVolume(docker: Docker, name: string): Promise<void> {
  await fineIf(
    [404],
    dockerCall('remove a volume', () => docker.getVolume(name).remove({ force: true })),
  );
}

async function fineIf(statuses: readonly number[], removal: Promise<unknown>) {
  await removal.catch((error: unknown) => {
    if (!statuses.includes(statusCodeOf(error) ?? 0)) throw error;
  });
}

/** @param label such as `firedrill.stack` or `firedrill.stack=<id>` */
export async function findLabelled(docker: Docker, label: string): Promise<Found> {
  const filters = { label: [label] };
  const containers = await dockerCall('list containers', () => docker.listContainers({ all: true, filters }));
  const { Volumes } = await dockerCall('list volumes', () => docker.listVolumes({ filters }));
  return {
    containers: containers.map(({ Id, Names, Labels, State }) => ({
      id: Id,
      name: Names[0]?.slice(1) ?? Id,
      labels: Labels,
      isRunning: State === 'running',
    })),
    volumes: (Volumes ?? []).map(({ Name, Labels }) => ({ name: Name, labels: Labels ?? {} })),
  };
}

/**
 * Removes what is found, in its order, containers before the volumes that they use, and tells of each, once. Looks again until
 * nothing more is found: what a process had asked Docker for when it was killed is made all the same, a little later.
 */
export async function removeAll(docker: Docker, find: () => Promise<Found>): Promise<Removal[]> {
  const removals = new Map<string, Removal>();
  const attempt = async (what: string, removal: Promise<void>) => {
    const failure = await removal.then(
      () => ({}),
      (error: unknown) => ({ error }),
    );
    removals.set(what, { what, ...failure });
  };
  for (let looks = 0; looks < maxLooks; looks += 1) {
    const { containers, volumes } = await find();
    // What is still there is tried again, and what is not was removed by somebody else.
    for (const { what, error } of removals.values()) if (error !== undefined) removals.delete(what);
    if (containers.length + volumes.length === 0) break;
    for (const { id, name } of containers) await attempt(`container ${name}`, removeContainer(docker, id));
    for (const { name } of volumes) await attempt(`volume ${name}`, removeVolume(docker, name));
  }
  return [...removals.values()];
}
