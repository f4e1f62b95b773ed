import { setTimeout as sleep } from 'node:timers/promises';
import { type Docker, dockerCall, statusCodeOf } from '../../src/hosts/docker-client.ts';
import { FiredrillError, messageOf } from '../../src/kit/errors.ts';
import { writeTar } from '../../src/kit/tar.ts';
import { plainLine } from '../../src/kit/text.ts';

/**
 * What each container, volume and network of the demo carries, so that it is found whatever happened. No image may carry it:
 * whatever others run of that image would be taken for the demo's.
 */
export const demoLabel = 'firedrill.demo';

const networkName = 'firedrill-demo';
const Labels = { [demoLabel]: 'yes' };

export interface SourceContainer {
  name: string;
  image: string;
  entrypoint?: string[];
  command: string[];
  env?: Record<string, string>;
  /** Where its data lies: a volume of its own. */
  dataFolder: string;
  /** Files that are there before it starts: absolute path → content. */
  files?: Record<string, Buffer>;
}

export interface DemoContainer {
  name: string;
  id: string;
  /** On the demo's network; nothing is published. */
  address: string;
}

/** A bridge of the demo's own: its containers see one another by name, and no port is published. */
export async function createNetwork(docker: Docker): Promise<void> {
  await dockerCall('create a network', () => docker.createNetwork({ Name: networkName, Driver: 'bridge', Labels }));
}

/** Creates and starts a container; what it leaves, `removeAll` finds. */
export async function startContainer(docker: Docker, source: SourceContainer): Promise<DemoContainer> {
  const { name, image, command, dataFolder, entrypoint, env = {}, files = {} } = source;
  await dockerCall('create a volume', () => docker.createVolume({ Name: name, Labels }));
  const container = await dockerCall(`create ${name}`, () =>
    docker.createContainer({
      name,
      Image: image,
      Labels,
      Hostname: name,
      ...(entrypoint ? { Entrypoint: entrypoint } : {}),
      Cmd: command,
      Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      HostConfig: { NetworkMode: networkName, Binds: [`${name}:${dataFolder}`] },
    }),
  );
  if (Object.keys(files).length > 0) {
    // Writable for the group: the images' servers run as users of group 0.
    const entries = Object.entries(files).map(([path, content]) => ({
      name: path.slice(1),
      mode: 0o664,
      size: content.length,
      content,
    }));
    await dockerCall(`put files into ${name}`, () => container.putArchive(writeTar(entries), { path: '/' }));
  }
  await dockerCall(`start ${name}`, () => container.start());
  const { NetworkSettings, State } = await dockerCall(`inspect ${name}`, () => container.inspect());
  if (!State.Running) throw await endedEarly(docker, container.id, name, State.ExitCode);
  const address = NetworkSettings.Networks[networkName]?.IPAddress;
  if (!address) throw new FiredrillError('SANDBOX_FAILED', `${name} got no address on the network ${networkName}`);
  return { name, id: container.id, address };
}

/** Asks until `look` does not throw; SOURCE_UNREACHABLE with the container's last words when it ends or takes too long. */
export async function untilReady(
  docker: Docker,
  { name, id }: DemoContainer,
  signal: AbortSignal,
  look: () => Promise<unknown>,
): Promise<void> {
  const deadlineMs = 120_000;
  let last = '';
  for (const end = performance.now() + deadlineMs; performance.now() < end; await sleep(100)) {
    assertGoingOn(signal);
    try {
      await look();
      return;
    } catch (error) {
      last = messageOf(error);
    }
    const { State } = await dockerCall(`inspect ${name}`, () => docker.getContainer(id).inspect());
    if (State.Running) continue;
    throw await endedEarly(docker, id, name, State.ExitCode);
  }
  throw await neverReady(docker, id, `${name} was not ready after ${deadlineMs / 1000} s: ${last}`);
}

function endedEarly(docker: Docker, id: string, name: string, exitStatus: number) {
  return neverReady(docker, id, `${name} ended with exit status ${exitStatus} instead of starting`);
}

async function neverReady(docker: Docker, id: string, sentence: string) {
  const logs = await docker.getContainer(id).logs({ stdout: true, stderr: true, tail: 10 });
  const detail = logs
    .toString('utf8')
    .split('\n')
    .map((line) => plainLine(line))
    .filter((line) => line !== '');
  return new FiredrillError('SOURCE_UNREACHABLE', sentence, {
    detail,
    hint: 'Check memory and disk of this machine (free -m; df -h), then run: npm run demo',
  });
}

/** INTERRUPTED once the demo is to stop. */
export function assertGoingOn(signal: AbortSignal): void {
  if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'the demo was interrupted');
}

/**
 * Removes all that a demo made in Docker, this one's or that of a crashed one: containers, then their volumes and
 * network. Returns their names.
 */
export async function removeAll(docker: Docker): Promise<string[]> {
  const filters = { label: [demoLabel] };
  const containers = await dockerCall('list containers', () => docker.listContainers({ all: true, filters }));
  await Promise.all(
    containers.map(({ Id }) =>
      gone('remove a container', () => docker.getContainer(Id).remove({ force: true, v: true })),
    ),
  );
  const { Volumes } = await dockerCall('list volumes', () => docker.listVolumes({ filters }));
  const volumes = Volumes ?? [];
  await Promise.all(volumes.map(({ Name }) => gone('remove a volume', () => docker.getVolume(Name).remove())));
  const networks = await dockerCall('list networks', () => docker.listNetworks({ filters }));
  await Promise.all(networks.map(({ Id }) => gone('remove a network', () => docker.getNetwork(Id).remove())));
  return [
    ...containers.map(({ Names, Id }) => `container ${Names[0]?.slice(1) ?? Id}`),
    ...volumes.map(({ Name }) => `volume ${Name}`),
    ...networks.map(({ Name }) => `network ${Name}`),
  ];
}

async function gone(what: string, removal: () => Promise<unknown>): Promise<void> {
  await dockerCall(what, removal).catch((error: unknown) => {
    if (statusCodeOf(error) !== 404) throw error;
  });
}
