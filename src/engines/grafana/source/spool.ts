import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Host } from '../../../hosts/host.ts';
import { type Digest, DigestStream } from '../../../kit/streams.ts';
import { diskFault } from './scratch-space.ts';

/** Writes a stream into a new file that only we may read, and hashes it on its way. */
export async function spool(content: Readable, path: string): Promise<Digest> {
  const digest = new DigestStream();
  try {
    await pipeline(content, digest, createWriteStream(path, { mode: 0o600 }));
  } catch (cause) {
    throw diskFault(cause);
  }
  return digest.digest();
}

export interface ShellJob {
  script: string;
  args: readonly string[];
  deadlineMs: number;
  signal: AbortSignal;
}

/** Runs a shell script on a host and spools what it prints. Both the script's end and the file's are awaited. */
export async function spoolOutput(host: Host, { script, args, ...rest }: ShellJob, path: string): Promise<Digest> {
  const running = host.run({ tool: 'sh', args: ['-c', script, 'sh', ...args], ...rest });
  const [spooled, ended] = await Promise.allSettled([spool(running.stdout, path), running.done]);
  if (ended.status === 'rejected') throw ended.reason;
  if (spooled.status === 'rejected') throw spooled.reason;
  return spooled.value;
}
