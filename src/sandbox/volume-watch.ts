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
    const { bavail, bsize } = await statfs(tmpdir());
    if (bavail * bsize < reserveBytes) await Promise.all(bays.map((bay) => bay.halt(diskFull(bavail * bsize))));
  };
  void (async () => {
    while (!signal.aborted) {
      // A round that fails (the pod is being removed) says nothing about the backup: the next one looks again.
      await round().catch(() => {});
      await sleep(periodMs, undefined, { signal }).catch(() => {});
    }
  })();
}

async function volumeSizes(holder: Host, signal: AbortSignal): Promise<[string, number][]> {
  const lines = await outputOf(holder, { tool: 'sh', args: ['-c', 'du -sk /volumes/*'], signal, deadlineMs: 60_000 });
  return lines
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([kib, path]) => [(path ?? '').replace('/volumes/', ''), Number(kib) * 1024]);
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
    `this machine has only ${formatBytes(bytes)} of disk left; the restore was stopped`,
  );
}
