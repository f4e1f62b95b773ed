import type { Config } from '../../config/config.ts';
import type { Diagnosis } from '../../engines/engine.ts';
import { type Docker, dockerCall } from '../../hosts/docker-client.ts';
import { isFiredrillError, systemCode } from '../../kit/errors.ts';
import { count } from '../../kit/text.ts';
import { formatBytes } from '../../kit/units.ts';
import { ok, problem, problemOf } from './examine.ts';

/** What doctor needs of `docker info`. */
export interface DockerInfo {
  ServerVersion: string;
  DockerRootDir: string;
  CgroupVersion?: string;
  MemoryLimit: boolean;
  SwapLimit: boolean;
  PidsLimit: boolean;
  CpuCfsQuota: boolean;
  NCPU: number;
  MemTotal: number;
}

export function dockerInfo(docker: Docker): Promise<DockerInfo> {
  return dockerCall('tell about itself', () => docker.info());
}

/** Whether Docker answers this user, and can hold a pod within its limits. */
export async function diagnoseDocker(docker: () => Docker, config: Config): Promise<Diagnosis[]> {
  let info: DockerInfo;
  try {
    info = await dockerInfo(docker());
  } catch (error) {
    return [noDocker(error)];
  }
  return [
    ok(`the Docker Engine ${info.ServerVersion} answers`),
    ...diagnoseLimits(info),
    ...diagnoseSize(info, config),
  ];
}

function noDocker(error: unknown): Diagnosis {
  const found = problemOf(error);
  const refused = isFiredrillError(error) && ['EACCES', 'EPERM'].includes(systemCode(error.cause) ?? '');
  if (!refused) return { ...found, advice: 'Start Docker (systemctl start docker), or set DOCKER_HOST.' };
  return { ...found, advice: 'Let this user use Docker: sudo usermod -aG docker $USER, then log in anew.' };
}

/** Each limit that the kernel does not offer is one that a hostile backup could break. */
export function diagnoseLimits(info: DockerInfo): Diagnosis[] {
  const limits = [
    ['memory', info.MemoryLimit],
    ['swap', info.SwapLimit],
    ['pids', info.PidsLimit],
    ['cpu', info.CpuCfsQuota],
  ] as const;
  const absent = limits.filter(([, usable]) => !usable).map(([name]) => name);
  const version = `cgroup v${info.CgroupVersion ?? '1'}`;
  if (absent.length === 0) return [ok(`limits of memory, swap, pids and cpu can be set (${version})`)];
  const advice = 'Enable these controllers in the kernel (cgroup_enable=memory swapaccount=1), or use cgroup v2.';
  return [problem(`limits of ${absent.join(', ')} cannot be set (${version})`, advice)];
}

/** Docker refuses a container with more processors than there are, and one with more memory than there is is no limit. */
export function diagnoseSize({ NCPU, MemTotal }: DockerInfo, { services }: Pick<Config, 'services'>): Diagnosis[] {
  const cpus = Math.max(...services.map((each) => each.limits.cpus));
  const memory = Math.max(...services.map((each) => each.limits.memoryBytes));
  return [
    cpus <= NCPU
      ? ok(`${count(NCPU, 'processor')}, of which a service may use ${cpus}`)
      : problem(`a service may use ${cpus} processors, there are ${NCPU}`, `Set drill.limits.cpus to ${NCPU} or less.`),
    memory <= MemTotal
      ? ok(`${formatBytes(MemTotal)} of memory, of which a service may use ${formatBytes(memory)}`)
      : problem(
          `a service may use ${formatBytes(memory)} of memory, there are ${formatBytes(MemTotal)}`,
          'Set drill.limits.memory to less than this machine has.',
        ),
  ];
}
