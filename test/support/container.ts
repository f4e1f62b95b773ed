import { randomBytes } from 'node:crypto';
import { dockerCall, dockerClient } from '../../src/hosts/docker-client.ts';
import { images } from './images.ts';

export interface TestContainer extends AsyncDisposable {
  id: string;
  name: string;
  kill(): Promise<void>;
}

type CreateOptions = Parameters<ReturnType<typeof dockerClient>['createContainer']>[0];

/** A container of the InfluxDB image that only sleeps: read-only, with a /tmp. `await using` removes it. */
export async function sleepingContainer(test: string, changes: CreateOptions = {}): Promise<TestContainer> {
  const docker = dockerClient();
  const name = `firedrill-test-${test}-${randomBytes(4).toString('hex')}`;
  const container = await dockerCall('create a test container', () =>
    docker.createContainer({
      name,
      Image: images().influxdb,
      Entrypoint: ['sleep'],
      Cmd: ['2147483'],
      Labels: { 'firedrill.test': test },
      HostConfig: { ReadonlyRootfs: true, Tmpfs: { '/tmp': 'rw,size=64m' }, Init: true },
      ...changes,
    }),
  );
  const remove = () => container.remove({ force: true, v: true });
  try {
    await dockerCall('start a test container', () => container.start());
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    id: container.id,
    name,
    kill: async () => void (await container.kill()),
    [Symbol.asyncDispose]: async () => void (await remove()),
  };
}
