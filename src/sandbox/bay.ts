import { link, lstat, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, pipeline } from 'node:stream';
import type { Bay, StartedServer } from '../hosts/bay.ts';
import { dockerHost } from '../hosts/docker.ts';
import { type Docker, dockerCall } from '../hosts/docker-client.ts';
import type { Command, Host, Running } from '../hosts/host.ts';
import { runToEnd } from '../hosts/output.ts';
import { FiredrillError, isFiredrillError, systemCode } from '../kit/errors.ts';
import { formatBytes } from '../kit/units.ts';
import { podSocketFolder, type SandboxRecipe, type ServiceLimits } from '../model/sandbox.ts';
import { podMember, serverOptions } from './container-options.ts';
import type { ResolvedImage } from './images.ts';
import { drillLabel } from './labels.ts';
import { removeContainer } from './removal.ts';
import { Templates } from './templates.ts';
import { makeScratchFolder } from './work-folder.ts';

export interface BayPlace {
  docker: Docker;
  service: string;
  index: number;
  image: ResolvedImage;
  limits: ServiceLimits;
  comesByTcp?: boolean;
  user: string;
  holderId: string;
  volume: string;
  workFolder: string;
  labels: Record<string, string>;
}

type Container = ReturnType<Docker['getContainer']>;

type HostConfig = ReturnType<typeof podMember>;
type Mount = NonNullable<HostConfig['Mounts']>[number];

/** Where containers that copy a template have them. */
const templatesFolder = '/templates';

function templatesMount(Source: string, way: 'reads' | 'writes'): Mount {
  return { Type: 'bind', Source, Target: templatesFolder, ReadOnly: way === 'reads' };
}

/** `low`: a quarter of what one with a `full` share gets; whatever nobody wants, both can have. */
export type ProcessorShare = 'full' | 'low';
const cpuShares: Record<ProcessorShare, number> = { full: 1024, low: 256 };

/** One service's place in a pod: a container that prepares the data volume, then one that serves it. */
export class ContainerBay implements Bay {
  readonly service: string;
  readonly index: number;
  readonly limits: ServiceLimits;
  readonly comesByTcp: boolean;
  readonly scratchFolder: string;
  readonly holder: Host;
  /** Set by the watch over the data volumes; why the server was stopped. */
  overrun: FiredrillError | undefined;
  readonly #place: BayPlace;
  readonly #socketFolder: string;
  readonly #containers: Container[] = [];
  #disposed = false;
  #doors = 0;
  #preparing: Promise<Host> | undefined;

  private constructor(place: BayPlace, socketFolder: string, scratchFolder: string) {
    this.#place = place;
    this.service = place.service;
    this.index = place.index;
    this.limits = place.limits;
    this.comesByTcp = place.comesByTcp ?? false;
    this.scratchFolder = scratchFolder;
    this.#socketFolder = socketFolder;
    this.holder = lazyHost(`bay:${place.service}`, () => this.#prepare());
  }

  static async make(place: BayPlace, socketFolder: string): Promise<ContainerBay> {
    return new ContainerBay(place, socketFolder, await makeScratchFolder(place.workFolder, place.service));
  }

  async prefill(folder: string, key: readonly string[], make: () => Promise<void>) {
    const templates = this.#preparing ? undefined : await Templates.open(this.#place.user);
    if (!templates) return make();
    const name = Templates.nameOf(this.#place.image.id, [this.#place.user, folder, ...key]);
    if (await templates.has(name)) {
      if (await this.#copyTemplate(templates, name, folder)) return;
      // Whatever is wrong with it: one that is made anew costs seconds.
      await templates.discard(name);
      await runToEnd(this.holder, { tool: 'rm', args: ['-rf', folder] });
    }
    await make();
    await this.#keepTemplate(templates, name, folder);
  }

  async #copyTemplate(templates: Templates, name: string, folder: string): Promise<boolean> {
    this.#prepare([templatesMount(templates.folder, 'reads')]);
    const args = ['-a', '--sparse=always', `${templatesFolder}/${name}`, folder];
    return runToEnd(this.holder, { tool: 'cp', args }).then(
      () => true,
      () => false,
    );
  }

  /** By a container of its own: none that a backup will meet can write there. It only saves time, so that it may fail. */
  async #keepTemplate(templates: Templates, name: string, folder: string) {
    const made = Templates.newName();
    const Cmd = ['-a', '--sparse=always', folder, `${templatesFolder}/${made}`];
    const HostConfig = this.#member([templatesMount(templates.folder, 'writes')]);
    try {
      const container = await this.#run('template', { Entrypoint: ['cp'], Cmd, HostConfig });
      const { StatusCode } = await dockerCall('wait for a copy', () => container.wait());
      await this.#remove(container);
      if (StatusCode === 0) await templates.keep(made, name);
    } catch {
      // Who needs Docker next hears what is wrong with it.
    }
    await templates.discard(made).catch(() => {});
  }

  #member(mounts: readonly Mount[] = []): HostConfig {
    const base = podMember(this.#place.holderId, this.#place.volume, this.#socketFolder, this.limits);
    return { ...base, Mounts: [...(base.Mounts ?? []), ...mounts] };
  }

  async start(recipe: SandboxRecipe): Promise<StartedServer> {
    const container = await this.#run('server', serverOptions(recipe, this.#member(), this.#place.user));
    const { docker } = this.#place;
    return {
      host: dockerHost({ container: container.id, client: docker, label: `bay:${this.service}` }),
      socketPath: () => this.#socketPath(recipe),
      assertAlive: () => this.#assertAlive(container),
      logs: () => this.#logs(container),
      stop: () => this.#remove(container),
    };
  }

  /** See `Pod.troubleOf`. */
  async trouble(): Promise<FiredrillError | undefined> {
    if (this.overrun) return this.overrun;
    for (const container of this.#containers) {
      const what = `the container of ${this.service}`;
      const { docker } = this.#place;
      const trouble = await troubleOfContainer(docker, container.id, what, wasKilled, this.limits.memoryBytes);
      if (trouble) return trouble;
    }
    return undefined;
  }

  /** It is for speed alone: an engine that cannot do it, or is gone, is no finding here. */
  async shareProcessor(share: ProcessorShare) {
    const update = (container: Container) => container.update({ CpuShares: cpuShares[share] });
    await Promise.allSettled(this.#containers.map(update));
  }

  /** Ends whatever runs here: nothing of this service works on. */
  async halt(because: FiredrillError) {
    this.overrun ??= because;
    await Promise.all(this.#containers.map((container) => dockerCall('stop', () => container.kill()).catch(() => {})));
  }

  async dispose() {
    this.#disposed = true;
    await Promise.all(this.#containers.map((container) => this.#remove(container)));
  }

  /** Started only for engines that put files into the volume before their server starts. */
  #prepare(mounts: readonly Mount[] = []): Promise<Host> {
    this.#preparing ??= (async () => {
      const options = { Entrypoint: ['sleep'], Cmd: ['2147483'], HostConfig: this.#member(mounts) };
      const container = await this.#run('prepare', options);
      return dockerHost({ container: container.id, client: this.#place.docker, label: `bay:${this.service}` });
    })();
    return this.#preparing;
  }

  async #run(role: string, options: Parameters<Docker['createContainer']>[0]): Promise<Container> {
    const { docker, image, labels, user } = this.#place;
    const name = `firedrill-${labels[drillLabel]}-${this.service}-${role}-${this.#containers.length}`;
    const container = await dockerCall(`create the container of ${this.service}`, () =>
      docker.createContainer({ ...options, name, Image: image.id, Labels: labels, User: user }),
    );
    this.#containers.push(container);
    // The pod may have been removed meanwhile: nothing is started behind its back.
    if (this.#disposed) await this.dispose();
    await dockerCall(`start the container of ${this.service}`, () => container.start());
    return container;
  }

  /**
   * A restored server must not be able to swap its socket for a link to one of this machine's, nor between our look and our
   * connecting: what is looked at, and connected to, is a second name of its socket in a folder that no container has.
   */
  async #socketPath(recipe: SandboxRecipe): Promise<string> {
    if (!recipe.socket) throw new FiredrillError('INTERNAL', `the recipe of ${this.service} has no socket`);
    const path = join(this.#socketFolder, recipe.socket);
    const door = join(this.#place.workFolder, `door-${this.index}`);
    const held = `${door}.${this.#doors++}`;
    const found = await heldAs(held, path).catch((cause: unknown) => {
      const why = systemCode(cause) === 'ENOENT' ? 'is not there yet' : 'cannot be examined';
      throw new FiredrillError('SANDBOX_FAILED', `the socket of ${this.service} ${why}`, { cause });
    });
    if (!found.isSocket()) {
      await rm(held, { force: true });
      const sentence = `${podSocketFolder}/${recipe.socket} of ${this.service} is no socket: the restored server put something else in its place`;
      throw new FiredrillError('LIMIT_EXCEEDED', sentence);
    }
    // One name is enough: of a server that was started again the newest.
    await rename(held, door);
    return door;
  }

  async #assertAlive(container: Container) {
    if (this.overrun) throw this.overrun;
    const { State } = await dockerCall(`inspect the container of ${this.service}`, () => container.inspect());
    if (wasKilled(State)) throw killed(`the container of ${this.service}`, this.limits.memoryBytes);
    if (State.Running) return;
    const detail = (await this.#logs(container)).trimEnd().split('\n').slice(-20);
    throw new FiredrillError('RESTORE_FAILED', `the server of ${this.service} ended with status ${State.ExitCode}`, {
      detail,
    });
  }

  async #logs(container: Container): Promise<string> {
    return lastLogOf(container, this.service);
  }

  async #remove(container: Container) {
    await removeContainer(this.#place.docker, container.id);
    const index = this.#containers.indexOf(container);
    if (index >= 0) this.#containers.splice(index, 1);
  }
}

/** Gives a thing a second name, a link included, and tells what it is: whatever its first name means by now. */
async function heldAs(name: string, path: string) {
  // A folder can have no second name, and is no socket either.
  if ((await lstat(path)).isDirectory()) return lstat(path);
  await link(path, name);
  return lstat(name);
}

export interface ContainerState {
  Running: boolean;
  OOMKilled: boolean;
  ExitCode: number;
}

export const wasKilled = ({ Running, OOMKilled, ExitCode }: ContainerState) =>
  OOMKilled || (!Running && ExitCode === 137);

export function killed(what: string, memoryBytes?: number, key = 'drill.limits.memory') {
  const limit = memoryBytes === undefined ? '' : `; its memory limit is ${formatBytes(memoryBytes)}`;
  const hint = `Raise ${key}, or free memory on this machine, then run the drill again.`;
  return new FiredrillError('SANDBOX_FAILED', `${what} was killed${limit}`, { hint });
}

/** What the world did to a container: killed, by what `isKilled` makes of its state, or not to be asked about. */
export async function troubleOfContainer(
  docker: Docker,
  id: string,
  what: string,
  isKilled: (state: ContainerState) => boolean,
  memoryBytes?: number,
): Promise<FiredrillError | undefined> {
  try {
    const { State } = await dockerCall(`inspect ${what}`, () => docker.getContainer(id).inspect());
    return isKilled(State) ? killed(what, memoryBytes) : undefined;
  } catch (error) {
    if (isFiredrillError(error)) return error;
    throw error;
  }
}

/** The last of what a container has said, at most 1 MiB. Untrusted text. */
export async function lastLogOf(container: Container, of: string, lines = 5_000): Promise<string> {
  const raw = await dockerCall(`read the log of ${of}`, () =>
    container.logs({ stdout: true, stderr: true, tail: lines }),
  );
  return demultiplexed(raw)
    .subarray(-(1 << 20))
    .toString('utf8');
}

/** Docker's frames: a stream number, three zeros, a length in 4 bytes, the bytes (Engine API, "attach"). */
function demultiplexed(raw: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    parts.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(parts);
}

/** A host that comes to be when it is first used. */
function lazyHost(label: string, make: () => Promise<Host>): Host {
  const run = (command: Command): Running => deferredRun(make().then((host) => host.run(command)));
  return {
    label,
    run,
    connect: async (to) => (await make()).connect(to),
    [Symbol.asyncDispose]: async () => {},
  };
}

function deferredRun(starting: Promise<Running>): Running {
  const stdout = new PassThrough();
  // Held for a late reader; `done` tells the same.
  stdout.on('error', () => {});
  const done = starting.then((running) => {
    pipeline(running.stdout, stdout, () => {});
    return running.done;
  });
  done.catch((error: Error) => stdout.destroy(error));
  return { stdout, done };
}
