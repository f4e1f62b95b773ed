import { crc32 } from 'node:zlib';

/** Takes a binary log apart and puts it together again, with right lengths, positions and checksums: what a forger can do. */

const headerBytes = 19;
const checksumBytes = 4;
const magic = Buffer.from([0xfe, 0x62, 0x69, 0x6e]);

/** One event without its checksum. */
export interface RawEvent {
  type: number;
  bytes: Buffer;
}

export function splitLog(log: Buffer): RawEvent[] {
  const events: RawEvent[] = [];
  for (let at = magic.length; at < log.length; ) {
    const bytes = log.readUInt32LE(at + 9);
    events.push({ type: log[at + 4] ?? 0, bytes: Buffer.from(log.subarray(at, at + bytes - checksumBytes)) });
    at += bytes;
  }
  return events;
}

export function joinLog(events: readonly RawEvent[]): Buffer {
  let at = magic.length;
  const parts = [magic];
  for (const { bytes } of events) {
    const event = Buffer.from(bytes);
    at += event.length + checksumBytes;
    event.writeUInt32LE(event.length + checksumBytes, 9);
    event.writeUInt32LE(at, 13);
    const sum = Buffer.alloc(checksumBytes);
    sum.writeUInt32LE(crc32(event));
    parts.push(event, sum);
  }
  return Buffer.concat(parts);
}

const gtid = 33;
const query = 2;

/** The log without its transactions: still a log that a server could have written. */
export function withoutTransactions(log: Buffer): Buffer {
  const events = splitLog(log);
  const first = events.findIndex(({ type }) => type === gtid);
  return first < 0 ? log : joinLog([...events.slice(0, first), ...events.slice(-1)]);
}

/** Puts another statement in the place of the first that contains `old`. */
export function withStatement(log: Buffer, old: string, sql: string): Buffer {
  const events = splitLog(log);
  const at = events.findIndex(({ type, bytes }) => type === query && bytes.includes(old));
  const event = events[at];
  if (!event) throw new Error(`no statement of the log contains ${old}`);
  const bodyAt = headerBytes;
  const database = event.bytes[bodyAt + 8] ?? 0;
  const sqlAt = bodyAt + 13 + event.bytes.readUInt16LE(bodyAt + 11) + database + 1;
  events[at] = { type: query, bytes: Buffer.concat([event.bytes.subarray(0, sqlAt), Buffer.from(sql)]) };
  return joinLog(events);
}

/** Offset of the last event: a cut there is a cut between two events. */
export function lastEventAt(log: Buffer): number {
  const last = splitLog(log).at(-1);
  return log.length - (last?.bytes.length ?? 0) - checksumBytes;
}
