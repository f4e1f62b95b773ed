import { type Docker, dockerCall } from '../../hosts/docker-client.ts';
import type { Host } from '../../hosts/host.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { killed, lastLogOf, wasKilled } from '../bay.ts';
import { hardened } from '../container-options.ts';
import type { ResolvedImage } from '../images.ts';
import { podUser } from '../pod-user.ts';
import { removeContainer } from '../removal.ts';
import { Visitor } from './visitor.ts';

/** Where an application finds the sockets of a service: the folder of that name there. */
export const applicationSockets = '/run/services';

/** A network with nothing but loopback, in which an application can join what runs there. */
export interface ApplicationPlace {
  docker: Docker;
  /** The container whose network it is: its id. */
  networkOf: string;
  /** Reaches ports in that network. */
  entrance: Host;
  labels: Readonly<Record<string, string>>;
  /** Of its container's name. */
  prefix: string;
  /** By service: the folder on this machine in which its unix socket lies. */
  sockets: Readonly<Record<string, string>>;
}

/** How an application's container is run: all of it is known, and nothing a template. */
export interface ApplicationRecipe {
  application: string;
  command: readonly string[] | undefined;
  /** `uid:gid`; undefined: the image's own, unless that is root. */
  user: string | undefined;
  env: Readonly<Record<string, string>>;
  tmpfs: Readonly<Record<string, number>>;
  limits: { memoryBytes: number; pids: number; cpus: number };
  /** On which it listens. */
  port: number;
  /** The services whose sockets it may use. */
  sockets: readonly string[];
}

export interface RunningApplication extends AsyncDisposable {
  /** Somebody who asks it, with cookies of his own. */
  visitor(): Visitor;
  /** Throws SANDBOX_FAILED when it was killed; undefined while it runs; else the exit code with which it ended. */
  ended(): Promise<number | undefined>;
  /** Its last lines, at most 1 MiB. Untrusted text. */
  logs(): Promise<string>;
}

const volumeBytes = 64 * 1024 * 1024;
const logLines = 200;

/**
 * Starts the application; it is removed by `await using`. It can write to memory and into what was restored, and to
 * nothing else; it has the place's network and no other, and no right of root.
 */
export async function startApplication(
  place: ApplicationPlace,
  image: ResolvedImage,
  recipe: ApplicationRecipe,
): Promise<RunningApplication> {
  const { docker, entrance } = place;
  const what = `the container of the application ${recipe.application}`;
  const options = await optionsOf(place, image, recipe);
  const container = await dockerCall(`create ${what}`, () => docker.createContainer(options));
  const running: RunningApplication = {
    visitor: () => new Visitor(recipe.port, () => entrance.connect({ port: recipe.port })),
    ended: async () => {
      const { State } = await dockerCall(`inspect ${what}`, () => container.inspect());
      const key = `applications.${recipe.application}.limits.memory`;
      if (wasKilled(State)) throw killed(what, recipe.limits.memoryBytes, key);
      return State.Running ? undefined : State.ExitCode;
    },
    logs: () => lastLogOf(container, recipe.application, logLines),
    [Symbol.asyncDispose]: () => removeContainer(docker, container.id),
  };
  try {
    await dockerCall(`start ${what}`, () => container.start());
    return running;
  } catch (error) {
    await removeContainer(docker, container.id).catch(() => {});
    throw error;
  }
}

async function optionsOf(place: ApplicationPlace, image: ResolvedImage, recipe: ApplicationRecipe) {
  const { docker, networkOf, labels, prefix, sockets } = place;
  const { Config } = await dockerCall(`inspect image ${image.name}`, () => docker.getImage(image.id).inspect());
  const user = recipe.user ?? userOf(Config.User ?? '');
  const base = hardened(recipe.limits);
  return {
    name: `${prefix}-application-${recipe.application}`,
    Image: image.id,
    Labels: { ...labels },
    User: user,
    Env: Object.entries(recipe.env).map(([name, value]) => `${name}=${value}`),
    ...(recipe.command && { Cmd: [...recipe.command] }),
    // It would run in the container, whatever the drill asks.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      ...base,
      NetworkMode: `container:${networkOf}`,
      Tmpfs: { ...base.Tmpfs, ...tmpfsOf(recipe, Object.keys(Config.Volumes ?? {}), user) },
      Mounts: recipe.sockets.map((service) => ({
        Type: 'bind' as const,
        Source: folderOf(sockets, service),
        Target: `${applicationSockets}/${service}`,
        ReadOnly: true,
      })),
    },
  };
}

/** Volumes that the image declares would lie on this machine's disk, without a limit. */
function tmpfsOf({ tmpfs }: ApplicationRecipe, volumes: readonly string[], user: string): Record<string, string> {
  const sizes = { ...Object.fromEntries(volumes.map((path) => [path, volumeBytes])), ...tmpfs };
  const [uid, gid = '0'] = user.split(':');
  // The owner is named: runc gives a tmpfs the mode of the folder that it covers. A name cannot be an owner here.
  const owner = /^\d+$/.test(uid ?? '') && /^\d+$/.test(gid) ? `,uid=${uid},gid=${gid}` : '';
  return Object.fromEntries(
    Object.entries(sizes).map(([path, bytes]) => [path, `rw,nosuid,nodev,noexec${owner},mode=1777,size=${bytes}`]),
  );
}

/** The image's own user, unless that is root. */
function userOf(imageUser: string): string {
  const [name = ''] = imageUser.split(':');
  return ['', 'root', '0'].includes(name) ? podUser() : imageUser;
}

function folderOf(sockets: ApplicationPlace['sockets'], service: string): string {
  const folder = sockets[service];
  if (folder === undefined) throw new FiredrillError('INTERNAL', `there is no folder with the socket of ${service}`);
  return folder;
}
