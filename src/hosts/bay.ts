import type { SandboxRecipe, ServiceLimits } from '../model/sandbox.ts';
import type { Host } from './host.ts';

/**
 * The place in which a service is restored: in a drill a disposable container of the pod. Its data volume is empty at
 * first. States are types: a server can be asked only after it was started.
 */
export interface Bay {
  readonly service: string;
  /** The position of this service in its pod, from 0: engines that must bind TCP ports keep apart by it. */
  readonly index: number;
  /** Runs tools of the engine's image as the pod's user, with the data volume at `podDataFolder`, before the server starts. */
  readonly holder: Host;
  /** A private, empty folder on this machine for scratch files; removed with the pod. */
  readonly scratchFolder: string;
  readonly limits: ServiceLimits;
  /** Whether applications will come to its server by TCP: else one that can do without listens on no port. */
  readonly comesByTcp: boolean;
  /**
   * Fills `folder` of the data volume, which is not there yet, with what `make` makes in it from nothing but the image; or with a
   * copy of what it made for an earlier bay of that image, under the same `key`. To be called before anything else is done here:
   * what is kept must not have met a backup.
   */
  prefill(folder: string, key: readonly string[], make: () => Promise<void>): Promise<void>;
  /** Starts the server's container. Starting is not being ready: the engine polls. May be called once. */
  start(recipe: SandboxRecipe): Promise<StartedServer>;
}

export interface StartedServer {
  /** Runs tools inside the server's container, as the server's user. */
  readonly host: Host;
  /** Path on this machine of the server's unix socket, proven (lstat) to be a socket and no link, before each connect. */
  socketPath(): Promise<string>;
  /** Throws when the container is not running: RESTORE_FAILED when the server ended, SANDBOX_FAILED or
   *  DOCKER_UNAVAILABLE when the drill's own world did (killed for memory included), LIMIT_EXCEEDED when its data volume
   *  grew beyond `limits.diskBytes`. */
  assertAlive(): Promise<void>;
  /** The container's last output, at most 1 MiB. Untrusted text. */
  logs(): Promise<string>;
  /** Stops the container; the data volume stays. `start` of the bay may then be called again. */
  stop(): Promise<void>;
}
