import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FiredrillError, messageOf } from '../../../kit/errors.ts';
import { collect } from '../../../kit/streams.ts';
import { damage } from './damage.ts';

export interface DeletedRange {
  min: bigint;
  max: bigint;
}

/** Deleted time ranges, in ns, inclusive, ascending and apart, by key in latin1 (one character a byte). */
export type Tombstones = ReadonlyMap<string, readonly DeletedRange[]>;

export const noTombstones: Tombstones = new Map();

/** Decoded. Deleting two million keys makes about as much; what they take in memory is some times that. */
export const mostTombstoneBytes = 128 * 1024 * 1024;
const magicOf = { plain: 0x1502, gzip: 0x1503, appended: 0x1504 } as const;

/**
 * Reads a `.tombstone` file (tsdb/engine/tsm1/tombstone.go): version 2 is plain, 3 is one gzip stream, 4 is gzip streams
 * in a row. Each entry has the length of a key, the key, and the first and last instant.
 */
export async function parseTombstones(file: Buffer): Promise<Tombstones> {
  if (file.length < 4) throw damage('a tombstone file is too short');
  const version = file.readUInt32BE(0);
  const rest = file.subarray(4);
  if (version === magicOf.plain) return parseEntries(rest);
  if (version === magicOf.gzip || version === magicOf.appended) return parseEntries(await gunzip(rest));
  throw damage('a tombstone file is of an unknown version');
}

async function gunzip(bytes: Buffer): Promise<Buffer> {
  if (bytes.length === 0) return bytes;
  const gunzip = Readable.from([bytes]).pipe(createGunzip());
  try {
    return await collect(gunzip, mostTombstoneBytes, 'a tombstone file');
  } catch (error) {
    if (error instanceof FiredrillError) throw error;
    throw damage(`a tombstone file does not decode: ${messageOf(error)}`);
  }
}

function parseEntries(bytes: Buffer): Tombstones {
  const ranges = new Map<string, DeletedRange[]>();
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw damage('a tombstone file breaks off');
    const key = at + 4 + bytes.readUInt32BE(at);
    if (key + 16 > bytes.length) throw damage('a tombstone file breaks off');
    const name = bytes.toString('latin1', at + 4, key);
    const range = { min: bytes.readBigInt64BE(key), max: bytes.readBigInt64BE(key + 8) };
    const known = ranges.get(name);
    if (known) known.push(range);
    else ranges.set(name, [range]);
    at = key + 16;
  }
  for (const [key, list] of ranges) if (list.length > 1) ranges.set(key, merged(list));
  return ranges;
}

function merged(list: DeletedRange[]): DeletedRange[] {
  list.sort((a, b) => (a.min < b.min ? -1 : a.min > b.min ? 1 : 0));
  const apart: DeletedRange[] = [];
  for (const range of list) {
    const last = apart.at(-1);
    if (!last || range.min > last.max) apart.push(range);
    else if (range.max > last.max) last.max = range.max;
  }
  return apart;
}
