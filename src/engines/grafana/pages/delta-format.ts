import { FiredrillError } from '../../../kit/errors.ts';

/**
 * A page delta, version 1: what turns the database of a full into a later one, byte for byte. Numbers are big-endian.
 *
 * ```
 * header, 104 bytes
 *   0  8  "FDPAGES\n"
 *   8  4  version, 1
 *  12  4  page size of the database, bytes
 *  16  4  block size, bytes: a power of two, at least the page size
 *  20  4  number of records
 *  24  8  size of the base, bytes
 *  32  8  size of the result, bytes
 *  40 32  SHA-256 of the base
 *  72 32  SHA-256 of the result
 * records, ascending, each:
 *   0  4  number of the block in the result, from 0
 *   4 12  the first bytes of its SHA-256
 *  16  n  its content: the block size, or what is left for the last block
 * end, 12 bytes
 *   0  4  0xffffffff
 *   4  8  "FDEND\n\n\n"
 * ```
 *
 * A block is a page, or several in a database so large that a list of all page hashes would be long. Every block beyond
 * the base is in it; a result that is shorter than its base ends early.
 */
export interface DeltaHeader {
  pageBytes: number;
  blockBytes: number;
  records: number;
  base: { bytes: number; sha256: string };
  result: { bytes: number; sha256: string };
}

export const headerBytes = 104;
export const recordHeadBytes = 16;
export const blockHashBytes = 12;
export const endNumber = 0xff_ff_ff_ff;
export const endMark = Buffer.from('FDEND\n\n\n');
/** One block is in memory at a time. */
export const maxBlockBytes = 16 * 1024 * 1024;

const magic = Buffer.from('FDPAGES\n');
const version = 1;

export function encodeHeader({ pageBytes, blockBytes, records, base, result }: DeltaHeader): Buffer {
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  [version, pageBytes, blockBytes, records].forEach((value, i) => {
    header.writeUInt32BE(value, 8 + 4 * i);
  });
  [base.bytes, result.bytes].forEach((value, i) => {
    header.writeBigUInt64BE(BigInt(value), 24 + 8 * i);
  });
  header.write(base.sha256 + result.sha256, 40, 'hex');
  return header;
}

/** ARTIFACT_FORMAT for what no delta of this version says. */
export function decodeHeader(header: Buffer): DeltaHeader {
  if (!header.subarray(0, 8).equals(magic)) throw badDelta('it does not begin as one');
  const number = (at: number) => header.readUInt32BE(at);
  if (number(8) !== version) throw badDelta(`its version is ${number(8)}, only ${version} is understood`);
  const size = (at: number) => Number(header.readBigUInt64BE(at));
  const found = {
    pageBytes: number(12),
    blockBytes: number(16),
    records: number(20),
    base: { bytes: size(24), sha256: header.toString('hex', 40, 72) },
    result: { bytes: size(32), sha256: header.toString('hex', 72, 104) },
  };
  assertPossible(found);
  return found;
}

function assertPossible({ pageBytes, blockBytes, records, base, result }: DeltaHeader) {
  if (!isPowerOfTwo(pageBytes) || pageBytes < 512 || pageBytes > 65_536)
    throw badDelta(`its pages have ${pageBytes} bytes`);
  if (!isPowerOfTwo(blockBytes) || blockBytes < pageBytes || blockBytes > maxBlockBytes) {
    throw badDelta(`its blocks have ${blockBytes} bytes`);
  }
  for (const { bytes } of [base, result]) {
    if (!Number.isSafeInteger(bytes) || bytes === 0 || bytes % pageBytes > 0)
      throw badDelta(`it names a file of ${bytes} bytes`);
  }
  const blocks = blocksIn(result.bytes, blockBytes);
  if (blocks > endNumber || records > blocks) throw badDelta(`it has ${records} records for ${blocks} blocks`);
}

export const isPowerOfTwo = (value: number) => value > 0 && Number.isInteger(Math.log2(value));

export const blocksIn = (bytes: number, blockBytes: number) => Math.ceil(bytes / blockBytes);

/** Bytes in one block: the last may be shorter. */
export const lengthOfBlock = (number: number, bytes: number, blockBytes: number) =>
  Math.min(blockBytes, bytes - number * blockBytes);

export function badDelta(why: string): FiredrillError {
  return new FiredrillError('ARTIFACT_FORMAT', `the page delta of grafana.db cannot be read: ${why}`);
}
