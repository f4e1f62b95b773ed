/** Where a pod's sockets lie inside each of its containers. */
export const podSocketFolder = '/run/pod';

/**
 * Where the service's own data volume is mounted, in its server's container and while it is prepared: empty at first and
 * owned by the pod's user. The same for all engines, so that it is known before an engine has written its recipe.
 */
export const podDataFolder = '/var/lib/firedrill';

/** How one engine's container is run in the pod. Plain data: the engine writes it, the sandbox obeys it. */
export interface SandboxRecipe {
  entrypoint: string[];
  command: string[];
  env: Record<string, string>;
  /** Writable places beside `podDataFolder`: absolute path → size in bytes. `/tmp` is always there. */
  tmpfs: Record<string, number>;
  /** Capabilities beyond none. */
  capabilities: string[];
  /** File name of the server's unix socket in `podSocketFolder`; null when the engine has none. */
  socket: string | null;
}

/** How much of the machine one drill may use for one service. */
export interface ServiceLimits {
  memoryBytes: number;
  pids: number;
  /** Of the data volume; more is a finding. */
  diskBytes: number;
  cpus: number;
  /** Of the whole restore. */
  restoreMs: number;
}
