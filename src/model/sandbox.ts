/** Where a pod's sockets lie inside each of its containers. */
export const podSocketFolder = '/run/pod';

/** How one engine's container is run in the pod. Plain data: the engine writes it, the sandbox obeys it. */
export interface SandboxRecipe {
  entrypoint: string[];
  command: string[];
  env: Record<string, string>;
  /** Absolute path inside the container at which the service's own data volume is mounted, owned by the pod's user. */
  dataPath: string;
  /** Further writable places: absolute path → size in bytes. `/tmp` is always there. */
  tmpfs: Record<string, number>;
  memoryBytes: number;
  pids: number;
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
