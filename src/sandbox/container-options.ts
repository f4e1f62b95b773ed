import type { Docker } from '../hosts/docker-client.ts';
import { podDataFolder, podSocketFolder, type SandboxRecipe, type ServiceLimits } from '../model/sandbox.ts';

type CreateOptions = Parameters<Docker['createContainer']>[0];
type HostConfig = NonNullable<CreateOptions['HostConfig']>;

const tmpBytes = 256 * 1024 * 1024;

/** What every container of a pod is: read-only, without capabilities, without new privileges, without a log bomb. */
export function hardened(limits: Pick<ServiceLimits, 'memoryBytes' | 'pids' | 'cpus'>): HostConfig {
  return {
    ReadonlyRootfs: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    PidsLimit: limits.pids,
    Memory: limits.memoryBytes,
    // Equal to Memory: no swap, so that a bomb is ended instead of slowing the machine down.
    MemorySwap: limits.memoryBytes,
    NanoCpus: Math.round(limits.cpus * 1e9),
    Tmpfs: { '/tmp': `rw,nosuid,nodev,noexec,mode=1777,size=${tmpBytes}` },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '4m', 'max-file': '1' } },
    RestartPolicy: { Name: 'no' },
  };
}

/** The container whose network all others join: loopback only, and `loopbackNames` mean it. */
export function networkHolder(image: string, loopbackNames: readonly string[]) {
  return {
    Image: image,
    User: '0:0',
    // A shell that waits also reaps whatever the tools in it leave: processes are few there.
    Entrypoint: ['sh', '-c'],
    Cmd: ['sleep 2147483 & wait'],
    HostConfig: {
      ...hardened({ memoryBytes: 64 * 1024 * 1024, pids: 64, cpus: 1 }),
      NetworkMode: 'none',
      ExtraHosts: loopbackNames.map((name) => `${name}:127.0.0.1`),
    },
  };
}

/** Joins the network of the pod's holder, which has loopback only. */
export function podMember(holderId: string, volume: string, socketFolder: string, limits: ServiceLimits): HostConfig {
  return {
    ...hardened(limits),
    NetworkMode: `container:${holderId}`,
    Mounts: [
      { Type: 'volume', Source: volume, Target: podDataFolder },
      { Type: 'bind', Source: socketFolder, Target: podSocketFolder },
    ] as NonNullable<HostConfig['Mounts']>,
  };
}

export function serverOptions(recipe: SandboxRecipe, base: HostConfig, user: string): CreateOptions {
  // The owner is named: runc gives a tmpfs the mode of the folder that it covers, whatever `mode` says.
  const [uid, gid] = user.split(':');
  const tmpfs = Object.entries(recipe.tmpfs).map(([path, bytes]) => [
    path,
    `rw,nosuid,nodev,noexec,uid=${uid},gid=${gid},size=${bytes}`,
  ]);
  return {
    Entrypoint: recipe.entrypoint,
    Cmd: recipe.command,
    Env: Object.entries(recipe.env).map(([name, value]) => `${name}=${value}`),
    HostConfig: { ...base, CapAdd: recipe.capabilities, Tmpfs: { ...base.Tmpfs, ...Object.fromEntries(tmpfs) } },
  };
}
