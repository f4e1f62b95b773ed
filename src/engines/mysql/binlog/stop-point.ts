import type { Readable } from 'node:stream';
import type { RestoreTarget } from '../../engine.ts';
import { readTransactionStart } from './event-content.ts';
import { eventType, readBinlog } from './events.ts';

/** The first transaction of a log that is not wanted. */
export interface StopPoint {
  /** `uuid:number`; null where GTIDs are off. */
  gtid: string | null;
  /** Offset in its file. */
  at: number;
  committedAtUs: number;
}

export interface ScannedLog {
  /** null: all of this log is wanted. */
  stop: StopPoint | null;
  /** Offset of the log's last event, its end mark. */
  endMarkAt: number;
  /** Commit instant of the newest wanted transaction, microseconds since the epoch; null when there is none. */
  lastWantedUs: number | null;
}

/** Reads a log to its end, every checksum included, and finds where a restore to `target` must stop. */
export async function scanForStop(
  stream: Readable,
  name: string,
  target: RestoreTarget | undefined,
): Promise<ScannedLog> {
  let stop: StopPoint | null = null;
  let [endMarkAt, lastWantedUs]: [number, number | null] = [0, null];
  for await (const event of readBinlog(stream, name)) {
    endMarkAt = event.at;
    if (stop !== null || (event.type !== eventType.gtid && event.type !== eventType.anonymousGtid)) continue;
    const { gtid, committedAtUs } = readTransactionStart(event);
    if (isUnwanted(gtid, committedAtUs, target)) stop = { gtid, at: event.at, committedAtUs };
    else lastWantedUs = Math.max(committedAtUs, lastWantedUs ?? 0);
  }
  return { stop, endMarkAt, lastWantedUs };
}

function isUnwanted(gtid: string | null, committedAtUs: number, target: RestoreTarget | undefined): boolean {
  if (target?.before !== undefined) return gtid === target.before.toLowerCase();
  // What was committed within the named millisecond is wanted.
  return target?.at !== undefined && committedAtUs >= (target.at.getTime() + 1) * 1000;
}
