import { cpus, hostname, totalmem } from 'node:os';
import { firedrillVersion } from '../kit/version.ts';
import type { Journal } from '../model/journal.ts';

/** What a journal says of the machine and the software. `docker`: its version; null: not known. */
export function environmentWith(docker: string | null): Omit<Journal['environment'], 'peakMemoryBytes'> {
  return {
    firedrill: firedrillVersion,
    node: process.version,
    docker,
    host: hostname(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
  };
}
