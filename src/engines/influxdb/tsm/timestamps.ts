import { damage } from './damage.ts';
import { readVarint } from './varint.ts';

/**
 * The timestamps of one block (tsdb/engine/tsm1/timestamp.go): a byte with the encoding and the decimal exponent of the
 * deltas, the first timestamp, then deltas: raw, packed by simple8b, or one delta and how often it comes.
 */
const raw = 0;
const packed = 1;
const runLength = 2;

/** More values than the server ever puts into one block (1,000; a few thousand after some compactions). */
const mostValues = 1 << 20;

/** Values and bits of each in a word, by simple8b's selector. 240 and 120 stand for runs of ones without bits. */
const valuesOf = Uint8Array.of(240, 120, 60, 30, 20, 15, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1);
const bitsOf = Uint8Array.of(0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 60);
const mostInWord = 240;

export function firstTimestamp(block: Buffer): bigint {
  if (block.length < 9) throw damage('a block has no timestamp');
  return block.readBigInt64BE(1);
}

/** How many timestamps there are, without decoding them. */
export function countTimestamps(block: Buffer): number {
  firstTimestamp(block);
  const n = counters[encodingOf(block)](block);
  if (n < 1 || n > mostValues) throw damage(`a block claims ${n} values`);
  return n;
}

/** In the order of the block, in ns since 1970. */
export function decodeTimestamps(block: Buffer): BigInt64Array<ArrayBuffer> {
  const out = new BigInt64Array(countTimestamps(block));
  decoders[encodingOf(block)](block, out);
  return out;
}

function encodingOf(block: Buffer): 0 | 1 | 2 {
  const encoding = (block[0] ?? 0) >> 4;
  if (encoding !== raw && encoding !== packed && encoding !== runLength) {
    throw damage(`a block's timestamps have the unknown encoding ${encoding}`);
  }
  return encoding;
}

const exponentOf = (block: Buffer) => 10n ** BigInt((block[0] ?? 0) & 15);

function aligned(block: Buffer): Buffer {
  if ((block.length - 1) % 8 !== 0) throw damage("a block's timestamps break off");
  return block;
}

const counters = {
  [raw]: (block: Buffer) => (aligned(block).length - 1) / 8,
  [packed]: (block: Buffer) => {
    let n = 1;
    for (let at = 9; at < aligned(block).length; at += 8) n += valuesIn(block, at);
    return n;
  },
  [runLength]: (block: Buffer) => Number(runOf(block).times),
};

const decoders = {
  [raw]: (block: Buffer, out: BigInt64Array) => {
    let t = 0n;
    for (let i = 0; i < out.length; i += 1) {
      t = BigInt.asIntN(64, t + block.readBigInt64BE(1 + 8 * i));
      out[i] = t;
    }
  },
  [packed]: (block: Buffer, out: BigInt64Array) => {
    const exponent = exponentOf(block);
    const deltas = new Float64Array(mostInWord);
    let t = block.readBigInt64BE(1);
    let i = 0;
    out[i++] = t;
    for (let at = 9; at < block.length; at += 8) {
      const n = valuesIn(block, at);
      if (n === 1) {
        t += (block.readBigUInt64BE(at) & ((1n << 60n) - 1n)) * exponent;
        out[i++] = t;
        continue;
      }
      unpack(block, at, deltas);
      for (let k = 0; k < n; k += 1) {
        t += BigInt(deltas[k] ?? 0) * exponent;
        out[i++] = t;
      }
    }
  },
  [runLength]: (block: Buffer, out: BigInt64Array) => {
    const step = runOf(block).delta * exponentOf(block);
    let t = block.readBigInt64BE(1);
    for (let i = 0; i < out.length; i += 1) {
      out[i] = t;
      t += step;
    }
  },
};

const valuesIn = (block: Buffer, at: number) => valuesOf[(block[at] ?? 0) >>> 4] ?? 0;

/** The values of a word that has at least two, thus at most 30 bits each; halves of the word, since BigInt is slow. */
function unpack(block: Buffer, at: number, out: Float64Array) {
  const high = block.readUInt32BE(at);
  const low = block.readUInt32BE(at + 4);
  const bits = bitsOf[high >>> 28] ?? 0;
  const n = valuesIn(block, at);
  const mask = 2 ** bits - 1;
  for (let k = 0; k < n; k += 1) {
    const from = bits * k;
    const lower = from < 32 ? low >>> from : 0;
    const upper = from === 0 ? 0 : from < 32 ? high << (32 - from) : high >>> (from - 32);
    out[k] = bits === 0 ? 1 : (lower | upper) & mask;
  }
}

function runOf(block: Buffer): { delta: bigint; times: bigint } {
  const delta = readVarint(block, 9);
  return { delta: delta.value, times: readVarint(block, delta.end).value };
}
