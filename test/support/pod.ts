import { randomBytes } from 'node:crypto';
import type { Bay } from '../../src/hosts/bay.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import type { Activity } from '../../src/kit/activity.ts';
import type { ServiceLimits } from '../../src/model/sandbox.ts';
import { resolveImage } from '../../src/sandbox/images.ts';
import { createPod, type Pod } from '../../src/sandbox/pod.ts';
import { testActivity } from './activity.ts';

export const testLimits: ServiceLimits = {
  memoryBytes: 2 * 1024 ** 3,
  pids: 512,
  diskBytes: 10 * 1024 ** 3,
  cpus: 2,
  restoreMs: 600_000,
};

export interface BayOptions {
  service: string;
  image: string;
  limits?: Partial<ServiceLimits>;
  activity?: Activity;
  loopbackNames?: string[];
}

/** Runs a test in a real sealed pod with one bay, and removes the pod. */
export async function withBay<T>(options: BayOptions, test: (bay: Bay, pod: Pod) => Promise<T>): Promise<T> {
  await using pod = await testPod([options]);
  // Awaited here: the pod must outlive the test.
  return await test(pod.bay(options.service), pod);
}

/** A real sealed pod with a bay for each service; `await using` removes it. */
export async function testPod(services: readonly BayOptions[]): Promise<Pod> {
  const docker = dockerClient();
  const parts = services.map(async ({ service, image, limits }) => ({
    service,
    image: await resolveImage(docker, image, 'never'),
    limits: { ...testLimits, ...limits },
  }));
  return createPod({
    docker,
    drillId: `test-${randomBytes(4).toString('hex')}`,
    expires: new Date(Date.now() + 3_600_000),
    services: await Promise.all(parts),
    loopbackNames: services.flatMap((each) => each.loopbackNames ?? []),
    activity: services[0]?.activity ?? testActivity(),
  });
}
