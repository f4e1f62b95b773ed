import { rm } from 'node:fs/promises';
import type { Bay } from '../hosts/bay.ts';
import { dockerHost } from '../hosts/docker.ts';
import { type Docker, dockerCall } from '../hosts/docker-client.ts';
import type { Host } from '../hosts/host.ts';
import { runToEnd } from '../hosts/output.ts';
import type { Activity } from '../kit/activity.ts';
import { FiredrillError } from '../kit/errors.ts';
import type { ServiceLimits } from '../model/sandbox.ts';
import type { ApplicationPlace } from './application/running-application.ts';
import { ContainerBay, type ProcessorShare, troubleOfContainer } from './bay.ts';
import { networkHolder } from './container-options.ts';
import type { ResolvedImage } from './images.ts';
import { podLabels } from './labels.ts';
import { podUser } from './pod-user.ts';
import { removeContainer, removeVolume } from './removal.ts';
import { watchVolumes } from './volume-watch.ts';
import { makeSocketFolder, makeWorkFolder } from './work-folder.ts';

export interface PodService {
  service: string;
  image: ResolvedImage;
  limits: ServiceLimits;
  /** See `Bay`. */
  comesByTcp?: boolean;
}

export interface PodOptions {
  docker: Docker;
  drillId: string;
  /** After this a reaper removes the pod, whoever owns it. */
  expires: Date;
  services: readonly PodService[];
  /** Names that mean the pod itself: the services' own host names, mapped to 127.0.0.1. */
  loopbackNames: readonly string[];
  activity: Activity;
}

/** A started pod: one network namespace with nothing but loopback, and a bay for each service. */
export interface Pod extends AsyncDisposable {
  bay(service: string): Bay;
  /**
   * Why whatever went wrong with a service may not be the backup's fault: Docker does not answer, something of the pod was
   * killed; or what the watch over the volumes stopped it for. undefined when there is nothing of that.
   */
  troubleOf(service: string): Promise<FiredrillError | undefined>;
  /** How a service stands to the others when all of them want the processor; one that cannot be told so keeps its share. */
  shareProcessor(service: string, share: ProcessorShare): Promise<void>;
  /** Runs tools in the pod's network, as root without any right but to change owners, and to look into every folder. */
  readonly holder: Host;
  /** Where applications run beside the services. Who starts one there removes it before the pod. */
  readonly applications: ApplicationPlace;
  /** Removes everything; safe twice. Rejects, after trying all of it, when something could not be removed. */
  dispose(): Promise<void>;
}

/** Builds the pod, or removes all of it and throws SANDBOX_FAILED, DOCKER_UNAVAILABLE, IMAGE_MISSING. */
export async function createPod(options: PodOptions): Promise<Pod> {
  const parts = new PodParts(options);
  try {
    await parts.build();
    return parts;
  } catch (error) {
    // The first error is the one that matters: what could not be removed now, the reaper finds by its label.
    await parts.dispose().catch(() => {});
    throw error;
  }
}

class PodParts implements Pod {
  readonly #options: PodOptions;
  readonly #labels: Record<string, string>;
  readonly #bays = new Map<string, ContainerBay>();
  readonly #volumes: string[] = [];
  readonly #stopWatching = new AbortController();
  #holderId: string | undefined;
  #holder: Host | undefined;
  #workFolder: string | undefined;
  /** Folders on this machine, in the order of the services. */
  #sockets: string[] = [];

  constructor(options: PodOptions) {
    this.#options = options;
    this.#labels = podLabels(options.drillId, options.expires);
  }

  get holder(): Host {
    if (!this.#holder) throw new FiredrillError('SANDBOX_FAILED', 'the pod is not running');
    return this.#holder;
  }

  get applications(): ApplicationPlace {
    const { docker, drillId, services } = this.#options;
    const folders = services.map(({ service }, i) => [service, this.#sockets[i] ?? ''] as const);
    return {
      ...{ docker, networkOf: this.#holderId ?? '', entrance: this.holder, labels: this.#labels },
      prefix: `firedrill-${drillId}`,
      sockets: Object.fromEntries(folders),
    };
  }

  bay(service: string): Bay {
    const bay = this.#bays.get(service);
    if (!bay) throw new FiredrillError('INTERNAL', `the pod has no bay for ${service}`);
    return bay;
  }

  async troubleOf(service: string): Promise<FiredrillError | undefined> {
    const trouble = await this.#bays.get(service)?.trouble();
    if (trouble || !this.#holderId) return trouble;
    return await troubleOfContainer(this.#options.docker, this.#holderId, 'the pod', ({ Running }) => !Running);
  }

  async shareProcessor(service: string, share: ProcessorShare): Promise<void> {
    await this.#bays.get(service)?.shareProcessor(share);
  }

  async build() {
    const { docker, services, drillId } = this.#options;
    this.#workFolder = await makeWorkFolder();
    for (const { service } of services) await this.#createVolume(`firedrill-${drillId}-${service}`);
    this.#sockets = await Promise.all(services.map(({ service }) => makeSocketFolder(this.#workFolder ?? '', service)));
    await this.#startHolder(this.#sockets);
    const user = podUser();
    await runToEnd(this.holder, { tool: 'chown', args: [user, ...services.map((each) => `/volumes/${each.service}`)] });
    for (const [index, each] of services.entries()) {
      const place = { docker, index, user, workFolder: this.#workFolder, holderId: this.#holderId ?? '' };
      const volume = `firedrill-${drillId}-${each.service}`;
      this.#bays.set(
        each.service,
        await ContainerBay.make({ ...each, ...place, volume, labels: this.#labels }, this.#sockets[index] ?? ''),
      );
    }
    watchVolumes(this.holder, [...this.#bays.values()], this.#stopWatching.signal);
  }

  async #createVolume(name: string) {
    const { docker } = this.#options;
    this.#volumes.push(name);
    await dockerCall('create a volume', () => docker.createVolume({ Name: name, Labels: this.#labels }));
  }

  /** It sees all that services can write to on this machine's disk: their volumes, and the folders of their sockets. */
  async #startHolder(sockets: readonly string[]) {
    const { docker, services, drillId, loopbackNames } = this.#options;
    const image = services[0]?.image;
    if (!image) throw new FiredrillError('SANDBOX_FAILED', 'a pod needs at least one service');
    const holder = networkHolder(image.id, loopbackNames);
    const container = await dockerCall('create the pod', () =>
      docker.createContainer({
        ...holder,
        name: `firedrill-${drillId}-pod`,
        Labels: this.#labels,
        HostConfig: {
          ...holder.HostConfig,
          CapAdd: ['CHOWN', 'DAC_READ_SEARCH'],
          Mounts: services.flatMap(({ service }, i) => [
            { Type: 'volume' as const, Source: `firedrill-${drillId}-${service}`, Target: `/volumes/${service}` },
            { Type: 'bind' as const, Source: sockets[i] ?? '', Target: `/sockets/${service}`, ReadOnly: true },
          ]),
        },
      }),
    );
    this.#holderId = container.id;
    await dockerCall('start the pod', () => container.start());
    this.#holder = dockerHost({ container: container.id, client: docker, label: 'pod' });
  }

  async dispose() {
    const { docker } = this.#options;
    this.#stopWatching.abort();
    const errors: unknown[] = [];
    const attempt = (removal: Promise<unknown>) => removal.catch((error: unknown) => errors.push(error));
    // Containers before volumes: a volume in use cannot be removed.
    await Promise.all([...this.#bays.values()].map((bay) => attempt(bay.dispose())));
    if (this.#holderId) await attempt(removeContainer(docker, this.#holderId));
    await Promise.all(this.#volumes.map((name) => attempt(removeVolume(docker, name))));
    if (this.#workFolder) await attempt(rm(this.#workFolder, { recursive: true, force: true }));
    if (errors.length > 0) throw errors[0];
  }

  [Symbol.asyncDispose]() {
    return this.dispose();
  }
}
