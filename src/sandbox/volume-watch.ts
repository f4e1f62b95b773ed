import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../hosts/host.ts';
import { outputOf } from '../hosts/output.ts';
import { FiredrillError } from '../kit/errors.ts';
import { formatBytes } from '../kit/units.ts';

const periodMs = 3_000;
/** Below this the machine itself is in danger, whoever filled the disk. */
const reserveBytes = 512 * 1024 * 1024;
const reserveFiles = 10_000;

interface Watched {
  readonly service: string;
  readonly limits: { diskBytes: number };
  halt(because: FiredrillError): Promise<void>;
}

/**
 * Docker's plain volumes have no size limit of their own, so a watch holds them to one: a service that writes more than
 * its limit is stopped, and that is a finding; all are stopped when the machine's disk runs out, and that is none.
 */
export function watchVolumes(holder: Host, bays: readonly Watched[], signal: AbortSignal): void {
  const round = async () => {
    for (const [service, bytes] of await volumeSizes(holder, signal)) {
      const bay = bays.find((each) => each.service === service);
      if (bay && bytes > bay.limits.diskBytes) await bay.halt(tooLarge(bay, bytes));
    }
    const { bavail, bsize, files, ffree } = await statfs(tmpdir());
    // Some file systems count no files.
    const isFull = bavail * bsize < reserveBytes || (files > 0 && ffree < reserveFiles);
    if (isFull) await Promise.all(bays.map((bay) => bay.halt(diskFull(bavail * bsize))));
  };
  void (async () => {
    while (!signal.aborted) {
      // A round that fails (the pod is being removed) says nothing about the backup: the next one looks again.
      await round().catch(() => {});
      await sleep(periodMs, undefined, { signal }).catch(() => {});
    }
  })();
}

/** Of each service's volume, and of the folder of its socket. */
async function volumeSizes(holder: Host, signal: AbortSignal): Promise<Map<string, number>> {
  // What vanishes while it is measured must not blind the watch: what could be measured counts.
  const args = ['-c', 'du -sk /volumes/* /sockets/* 2>/dev/null; true'];
  const lines = await outputOf(holder, { tool: 'sh', args, signal, deadlineMs: 60_000 });
  const sizes = new Map<string, number>();
  for (const line of lines.trim().split('\n')) {
    const [kib, path = ''] = line.split('\t');
    const service = path.slice(path.lastIndexOf('/') + 1);
    sizes.set(service, (sizes.get(service) ?? 0) + Number(kib) * 1024);
  }
  return sizes;
}

function tooLarge(bay: Watched, bytes: number) {
  const limit = formatBytes(bay.limits.diskBytes);
  return new FiredrillError(
    'LIMIT_EXCEEDED',
    `${bay.service} wrote ${formatBytes(bytes)} while it was restored; its limit is ${limit}`,
  );
}

function diskFull(bytes: number) {
  return new FiredrillError(
    'DISK_FULL',
    `this machine has only ${formatBytes(bytes)} of disk left, or no room for more files; the restore was stopped`,
  );
}
