import { crc32, gzipSync } from 'node:zlib';

/** Writes TSM and tombstone files as the server does, for tests: a second, independent account of the format. */

export interface TestBlock {
  /** ns since 1970, ascending. */
  times: readonly bigint[];
  encoding?: 'raw' | 'packed' | 'run';
}

export interface TestKey {
  /** `cpu,host=a#!~#usage`. */
  key: string;
  /** 0 float, 1 integer, 2 boolean, 3 string. */
  type?: number;
  blocks: readonly TestBlock[];
}

const int64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
const uint = (value: number, length: 1 | 2 | 4) => {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
};

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

const deltasOf = (times: readonly bigint[]) => times.slice(1).map((time, i) => time - (times[i] ?? 0n));

/** The greatest power of ten (at most 10^12) that divides all deltas, as the server's encoder looks for it. */
function exponentOf(deltas: readonly bigint[]): number {
  let exponent = 12;
  while (exponent > 0 && deltas.some((delta) => delta % 10n ** BigInt(exponent) !== 0n)) exponent -= 1;
  return exponent;
}

/** [values in a word, bits of each], from the widest to the narrowest that fits. */
const selectors: readonly (readonly [number, number])[] = [
  [60, 1],
  [30, 2],
  [20, 3],
  [15, 4],
  [12, 5],
  [10, 6],
  [8, 7],
  [7, 8],
  [6, 10],
  [5, 12],
  [4, 15],
  [3, 20],
  [2, 30],
  [1, 60],
];

export function packWords(values: readonly bigint[]): Buffer {
  const words: Buffer[] = [];
  for (let at = 0; at < values.length; ) {
    const ones = [240, 120].findIndex(
      (n) => values.length - at >= n && values.slice(at, at + n).every((v) => v === 1n),
    );
    if (ones >= 0) {
      words.push(wordOf(BigInt(ones) << 60n));
      at += ones === 0 ? 240 : 120;
      continue;
    }
    const index = selectors.findIndex(
      ([n, bits]) => values.length - at >= n && values.slice(at, at + n).every((v) => v < 1n << BigInt(bits)),
    );
    const [n, bits] = selectors[index] ?? [1, 60];
    let word = BigInt(index + 2) << 60n;
    for (let i = 0; i < n; i += 1) word |= (values[at + i] ?? 0n) << BigInt(i * bits);
    words.push(wordOf(word));
    at += n;
  }
  return Buffer.concat(words);
}

function wordOf(word: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(word);
  return bytes;
}

export function timestampBlock({ times, encoding = 'raw' }: TestBlock): Buffer {
  const [first = 0n] = times;
  const deltas = deltasOf(times);
  if (encoding === 'raw') return Buffer.concat([uint(0, 1), ...[first, ...deltas].map(int64)]);
  const exponent = exponentOf(deltas);
  const scaled = deltas.map((delta) => delta / 10n ** BigInt(exponent));
  if (encoding === 'packed') return Buffer.concat([uint(0x10 | exponent, 1), int64(first), packWords(scaled)]);
  return Buffer.concat([uint(0x20 | exponent, 1), int64(first), varint(scaled[0] ?? 0n), varint(BigInt(times.length))]);
}

/** A whole file; keys must be given in order. The values are nonsense: nobody reads them. */
export function tsmFile(keys: readonly TestKey[]): Buffer {
  const parts: Buffer[] = [Buffer.from([0x16, 0xd1, 0x16, 0xd1, 1])];
  const index: Buffer[] = [];
  let offset = 5;
  for (const { key, type = 0, blocks } of keys) {
    index.push(uint(Buffer.byteLength(key), 2), Buffer.from(key), uint(type, 1), uint(blocks.length, 2));
    for (const block of blocks) {
      const times = timestampBlock(block);
      const data = Buffer.concat([uint(type, 1), varint(BigInt(times.length)), times, Buffer.from('values')]);
      const bytes = Buffer.concat([uint(crc32(data), 4), data]);
      index.push(int64(block.times[0] ?? 0n), int64(block.times.at(-1) ?? 0n), int64(BigInt(offset)));
      index.push(uint(bytes.length, 4));
      parts.push(bytes);
      offset += bytes.length;
    }
  }
  return Buffer.concat([...parts, ...index, int64(BigInt(offset))]);
}

export interface TestRange {
  key: string;
  min: bigint;
  max: bigint;
}

/** @param version 2 is plain, 3 one gzip stream, 4 a gzip stream for each entry */
export function tombstoneFile(ranges: readonly TestRange[], version: 2 | 3 | 4 = 4): Buffer {
  const entries = ranges.map(({ key, min, max }) =>
    Buffer.concat([uint(Buffer.byteLength(key), 4), Buffer.from(key), int64(min), int64(max)]),
  );
  const body =
    version === 2 ? entries : version === 3 ? [gzipSync(Buffer.concat(entries))] : entries.map((e) => gzipSync(e));
  return Buffer.concat([uint(0x1500 + version, 4), ...body]);
}
