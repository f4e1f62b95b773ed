import { zstdDecompressSync } from 'node:zlib';
import { BodyReader } from './body-reader.ts';
import { readStatement, type Statement, sound } from './event-content.ts';
import { type BinlogEvent, eventType } from './events.ts';

/** Of one compressed transaction, decompressed; a larger one is not looked into. */
const maxPayloadBytes = 64 * 1024 * 1024;
const headerBytes = 19;

/** The events inside a Transaction_payload event; undefined when it is too large, or cut, to be looked into. ARTIFACT_FORMAT for nonsense. */
export function eventsInPayload(event: BinlogEvent): BinlogEvent[] | undefined {
  return sound(event, unpacked);
}

function unpacked({ body, at, serverId }: BinlogEvent): BinlogEvent[] | undefined {
  const reader = new BodyReader(body);
  const field = new Map<number, number>();
  for (let kind = reader.length(); kind !== 0; kind = reader.length()) {
    const value = new BodyReader(reader.take(reader.length()));
    field.set(kind, value.length());
  }
  // 1: size, 2: kind of compression (0 zstd, 255 none), 3: size before compression.
  const bytes = field.get(1) ?? 0;
  if (bytes > reader.left || (field.get(3) ?? 0) > maxPayloadBytes) return undefined;
  const packed = reader.take(bytes);
  const plain = field.get(2) === 255 ? packed : zstdDecompressSync(packed, { maxOutputLength: maxPayloadBytes });
  return split(plain, at, serverId);
}

/** The statements that an event holds: one, or those inside a compressed transaction. */
export function statementsIn(event: BinlogEvent): Statement[] {
  const inside = event.type === eventType.transactionPayload ? (eventsInPayload(event) ?? []) : [event];
  return inside.filter(({ type }) => type === eventType.query).map(readStatement);
}

/** Events in a payload have no checksum of their own. */
function split(plain: Buffer, at: number, serverId: number): BinlogEvent[] {
  const events: BinlogEvent[] = [];
  for (let from = 0; from + headerBytes <= plain.length; ) {
    const bytes = plain.readUInt32LE(from + 9);
    if (bytes < headerBytes) throw new RangeError('an event in a compressed transaction has an impossible length');
    events.push({
      type: plain[from + 4] ?? 0,
      serverId,
      at,
      bytes,
      body: plain.subarray(from + headerBytes, from + bytes),
    });
    from += bytes;
  }
  return events;
}
