import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { FiredrillError } from '../../../kit/errors.ts';
import { ByteCursor } from './byte-cursor.ts';

/** Event types that firedrill looks at (MySQL source: libs/mysql/binlog/event/binlog_event.h). */
export const eventType = {
  query: 2,
  stop: 3,
  rotate: 4,
  formatDescription: 15,
  xid: 16,
  tableMap: 19,
  incident: 26,
  deleteRows: 32,
  gtid: 33,
  anonymousGtid: 34,
  previousGtids: 35,
  transactionPayload: 40,
  taggedGtid: 42,
} as const;

/** One event of a binary log. Its content is untrusted. */
export interface BinlogEvent {
  type: number;
  serverId: number;
  /** Offset of the event in its file. */
  at: number;
  /** With header and checksum. */
  bytes: number;
  /** The body after the common header, without the checksum; at most `headBytes` of it. */
  body: Buffer;
}

const magic = Buffer.from([0xfe, 0x62, 0x69, 0x6e]);
/** binlog_encryption=ON: `mysqlbinlog` gets such a log decrypted, but it cannot be read where it lies. */
const encryptedMagic = Buffer.from([0xfd, 0x62, 0x69, 0x6e]);
const headerBytes = 19;
const checksumBytes = 4;
const inUseFlag = 1;
/** What is kept of one event: enough for a statement; the rest is only hashed. */
export const headBytes = 1 << 20;

/**
 * Reads a binary log, format 4 with CRC32 checksums, event by event, and verifies each event's length, position and
 * checksum. Memory is flat. Throws ARTIFACT_FORMAT for damage, and for a file that breaks off inside an event; one that
 * was cut between two events ends well: see `summarize`.
 */
export async function* readBinlog(stream: Readable, name: string): AsyncGenerator<BinlogEvent, void, void> {
  const cursor = new ByteCursor(stream);
  try {
    const start = await cursor.take(magic.length);
    if (start.equals(encryptedMagic)) throw damaged(name, 0, 'it is encrypted; only the server can read it');
    if (!start.equals(magic)) throw damaged(name, 0, 'it does not begin as a binary log does');
    for (;;) {
      const header = await cursor.take(headerBytes);
      if (header.length === 0) return;
      yield await readEvent(cursor, header, name);
    }
  } finally {
    await cursor.close();
  }
}

async function readEvent(cursor: ByteCursor, header: Buffer, name: string): Promise<BinlogEvent> {
  const at = cursor.at - header.length;
  if (header.length < headerBytes) throw damaged(name, at, 'it breaks off in the middle of an event');
  const bytes = header.readUInt32LE(9);
  const end = header.readUInt32LE(13);
  if (bytes < headerBytes + checksumBytes) throw damaged(name, at, 'an event has an impossible length');
  // Positions are 32 bits wide and wrap in larger files.
  if (end !== (at + bytes) % 2 ** 32) throw damaged(name, at, 'an event does not end where it says');
  const { head, crc, stored } = await readBody(cursor, header, bytes - headerBytes, () =>
    damaged(name, at, 'it breaks off in the middle of an event'),
  );
  if (crc !== stored) throw damaged(name, at, 'an event does not match its checksum');
  return { type: header[4] ?? 0, serverId: header.readUInt32LE(5), at, bytes, body: head };
}

async function readBody(cursor: ByteCursor, header: Buffer, bytes: number, cut: () => FiredrillError) {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let crc = crc32(checkedHeader(header));
  for await (const piece of cursor.pieces(bytes - checksumBytes)) {
    crc = crc32(piece, crc);
    if (keptBytes < headBytes) kept.push(piece.subarray(0, headBytes - keptBytes));
    keptBytes += piece.length;
  }
  const stored = await cursor.take(checksumBytes);
  if (keptBytes < bytes - checksumBytes || stored.length < checksumBytes) throw cut();
  return { head: Buffer.concat(kept), crc, stored: stored.readUInt32LE(0) };
}

/** A log that was still open says so in its first event; the checksum was made without that mark. */
function checkedHeader(header: Buffer): Buffer {
  if (header[4] !== eventType.formatDescription) return header;
  const copy = Buffer.from(header);
  copy.writeUInt16LE(copy.readUInt16LE(17) & ~inUseFlag, 17);
  return copy;
}

function damaged(name: string, at: number, what: string) {
  return new FiredrillError('ARTIFACT_FORMAT', `binary log ${name} is damaged at byte ${at}: ${what}`);
}
