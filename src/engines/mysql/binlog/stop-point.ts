import type { Readable } from 'node:stream';
import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import type { RestoreTarget } from '../../engine.ts';
import { readTransactionStart } from './event-content.ts';
import { type BinlogEvent, eventType, readBinlog } from './events.ts';
import { isGenuineStatement } from './genuine-statement.ts';
import { statementsIn } from './payload.ts';
import { type BinlogSummary, SummaryGathering } from './summary.ts';

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
  /** Of the whole log, the unwanted part too. */
  summary: BinlogSummary;
}

/**
 * Reads a log to its end, every checksum included, and finds where a restore to `target` (by the server's clock) must
 * stop. LIMIT_EXCEEDED for a statement that no server writes into its log. What lies before the offset `from` is not
 * applied, and only its checksums matter.
 */
export async function scanForStop(
  stream: Readable,
  name: string,
  target: RestoreTarget | undefined,
  from = 0,
): Promise<ScannedLog> {
  let stop: StopPoint | null = null;
  let [endMarkAt, lastWantedUs]: [number, number | null] = [0, null];
  const summary = new SummaryGathering(name);
  for await (const event of readBinlog(stream, name)) {
    endMarkAt = event.at;
    summary.see(event);
    if (event.at < from) continue;
    assertGenuine(event, name);
    if (stop !== null || (event.type !== eventType.gtid && event.type !== eventType.anonymousGtid)) continue;
    const { gtid, committedAtUs } = readTransactionStart(event);
    if (isUnwanted(gtid, committedAtUs, target)) stop = { gtid, at: event.at, committedAtUs };
    else lastWantedUs = Math.max(committedAtUs, lastWantedUs ?? 0);
  }
  return { stop, endMarkAt, lastWantedUs, summary: summary.end() };
}

/** Compressed transactions hold rows: what else is in one is looked at, too. */
function assertGenuine(event: BinlogEvent, name: string) {
  for (const { sql } of statementsIn(event)) {
    if (isGenuineStatement(sql)) continue;
    const sentence = `binary log ${name} holds a statement that no server writes there: ${plainLine(sql, 120)}`;
    throw new FiredrillError('LIMIT_EXCEEDED', sentence, {
      hint: 'Do not use this member: somebody has put it there.',
    });
  }
}

function isUnwanted(gtid: string | null, committedAtUs: number, target: RestoreTarget | undefined): boolean {
  if (target?.before !== undefined) return gtid === target.before.toLowerCase();
  // What was committed within the named millisecond is wanted.
  return target?.at !== undefined && committedAtUs >= (target.at.getTime() + 1) * 1000;
}
