import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { StartedServer } from '../../hosts/bay.ts';
import { runToEnd } from '../../hosts/output.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { tapped } from '../../kit/tap.ts';
import type { OpenMember } from '../../model/member.ts';
import type { RestoreTarget } from '../engine.ts';
import { type ScannedLog, scanForStop } from './binlog/stop-point.ts';
import { byServerClock, type CapturedLog, differenceOf, incrementPositionOf, offsetIn } from './log-position.ts';
import { folders, relayBaseName } from './recipe.ts';

export interface RelayFile extends ScannedLog {
  name: string;
  member: OpenMember;
  log: CapturedLog;
}

export const relayName = (index: number) => `${relayBaseName}.${String(index + 1).padStart(6, '0')}`;

/**
 * Puts the binary logs of all increments into the server's folder as its relay logs, byte for byte, verifying each event
 * on the way. Ends with the log in which `target` lies: later ones are not wanted.
 */
export async function writeRelayFiles(
  increments: readonly OpenMember[],
  server: StartedServer,
  target: RestoreTarget | undefined,
  signal: AbortSignal,
): Promise<RelayFile[]> {
  const files: RelayFile[] = [];
  for (const member of increments) {
    const { logs, clockAheadMs, from } = incrementPositionOf(member.manifest);
    for (const log of logs) {
      const name = relayName(files.length);
      const scanned = await writeOne(
        { member, log, from: offsetIn(log, from) },
        server,
        name,
        byServerClock(target, clockAheadMs),
        signal,
      );
      files.push({ ...scanned, name, member, log });
      if (scanned.stop) return finish(files, server, signal);
    }
  }
  return finish(files, server, signal);
}

interface Written {
  member: OpenMember;
  log: CapturedLog;
  /** Offset from which on it is applied. */
  from: number;
}

async function writeOne(
  { member, log, from }: Written,
  server: StartedServer,
  name: string,
  target: RestoreTarget | undefined,
  signal: AbortSignal,
): Promise<ScannedLog> {
  const { id } = member.manifest;
  const { tap, result } = tapped((copy) => scanForStop(copy, `${log.file} of ${id}`, target, from));
  const stdin = new PassThrough();
  const args = ['-c', 'cat > "$1"', 'sh', `${folders.data}/${name}`];
  const writing = runToEnd(server.host, { tool: 'sh', args, stdin, signal });
  const ends = await Promise.allSettled([result, writing, pipeline(member.content(log.artifact), tap, stdin)]);
  const [scanned] = assertAllWell(ends);
  const difference = differenceOf(log, scanned.summary);
  if (!difference) return scanned;
  const { sentence, expected, found } = difference;
  throw new FiredrillError('ARTIFACT_INCOMPLETE', `${id}: ${sentence}`, { detail: [expected, found] });
}

/** Whichever part breaks takes the others with it: what a FiredrillError says is the cause. */
function assertAllWell<T extends unknown[]>(ends: { [K in keyof T]: PromiseSettledResult<T[K]> }): T {
  const reasons = ends.filter((end) => end.status === 'rejected').map((end) => end.reason as unknown);
  if (reasons.length > 0) throw reasons.find((reason) => isFiredrillError(reason)) ?? reasons[0];
  return ends.map((end) => (end as PromiseFulfilledResult<unknown>).value) as T;
}

/** The index makes relay logs of the files. */
async function finish(files: RelayFile[], server: StartedServer, signal: AbortSignal): Promise<RelayFile[]> {
  const args = ['-c', 'printf "./%s\\n" "$@" > "$0"', `${folders.data}/${relayBaseName}.index`];
  await runToEnd(server.host, { tool: 'sh', args: [...args, ...files.map(({ name }) => name)], signal });
  return files;
}
