import { FiredrillError } from '../../../kit/errors.ts';
import type { BinlogEvent } from './events.ts';
import { eventType } from './events.ts';
import { GtidSet } from './gtid-set.ts';

/** What single kinds of events say (MySQL source: libs/mysql/binlog/event/). All throw ARTIFACT_FORMAT for nonsense. */

/** A transaction's first event. */
export interface TransactionStart {
  /** `uuid:number`; null where GTIDs are off. */
  gtid: string | null;
  /** Microseconds since the epoch on the server that is read from. */
  committedAtUs: number;
}

export function readTransactionStart(event: BinlogEvent): TransactionStart {
  return sound(event, ({ body, type }) => {
    // flags 1, uuid 16, number 8, type of logical clock 1, two logical clocks 16, then the commit instants.
    const commit = body.readUIntLE(42, 6) + (body.readUInt8(48) & 0x7f) * 2 ** 48;
    const named = type === eventType.gtid;
    if (named && body.readBigUInt64LE(17) > BigInt(Number.MAX_SAFE_INTEGER))
      throw new RangeError('a GTID is too large');
    return { gtid: named ? `${uuidAt(body, 1)}:${body.readBigUInt64LE(17)}` : null, committedAtUs: commit };
  });
}

export function readPreviousGtids(event: BinlogEvent): GtidSet {
  return sound(event, ({ body }) => {
    // The eighth byte tells the format: 1 has tags behind the uuids.
    if (body.readUInt8(7) !== 0) throw new RangeError('tagged transactions are not supported');
    let at = 8;
    const pairs: [string, [number, number]][] = [];
    for (let servers = Number(body.readBigUInt64LE(0)); servers > 0; servers -= 1) {
      const uuid = uuidAt(body, at);
      let intervals = Number(body.readBigUInt64LE(at + 16));
      at += 24;
      for (; intervals > 0; intervals -= 1, at += 16) {
        const [first, last] = [Number(body.readBigUInt64LE(at)), Number(body.readBigUInt64LE(at + 8)) - 1];
        if (first < 1 || last < first || !Number.isSafeInteger(last)) throw new RangeError('an interval is none');
        pairs.push([uuid, [first, last]]);
      }
    }
    return GtidSet.of(pairs);
  });
}

/** The file that comes next. */
export function readRotate(event: BinlogEvent): string {
  return sound(event, ({ body }) => body.subarray(8).toString('utf8'));
}

/** The server's version, from the file's first event. */
export function readServerVersion(event: BinlogEvent): string {
  return sound(event, ({ body }) => {
    // firedrill reads CRC32 only: see `hasChecksums`.
    if (!hasChecksums(event)) throw new RangeError('it has no CRC32 checksums');
    return body.subarray(2, 52).toString('latin1').replace(/\0.*$/s, '');
  });
}

/** Of a file's first event: its last byte tells the kind of the checksums in the file. */
export function hasChecksums({ body }: BinlogEvent): boolean {
  return body.at(-1) === 1;
}

export interface Statement {
  database: string;
  sql: string;
}

export function readStatement(event: BinlogEvent): Statement {
  return sound(event, ({ body }) => {
    const nameBytes = body.readUInt8(8);
    const from = 13 + body.readUInt16LE(11);
    const database = body.subarray(from, from + nameBytes).toString('utf8');
    return { database, sql: body.subarray(from + nameBytes + 1).toString('utf8') };
  });
}

function uuidAt(body: Buffer, at: number): string {
  const hex = body.subarray(at, at + 16).toString('hex');
  if (hex.length < 32) throw new RangeError('a uuid is cut');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What reads nonsense stumbles in many ways: ARTIFACT_FORMAT for all of them. */
export function sound<T>(event: BinlogEvent, read: (event: BinlogEvent) => T): T {
  try {
    return read(event);
  } catch (cause) {
    if (cause instanceof FiredrillError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FiredrillError('ARTIFACT_FORMAT', `an event at byte ${event.at} of a binary log makes no sense: ${why}`, {
      cause,
    });
  }
}
