/**
 * CRC-32C (Castagnoli) of `bytes` from `start` up to `end`, as InnoDB's pages carry it; `node:zlib` has the other CRC-32 only.
 * Eight bytes a step: about 500 MB/s.
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1;
  let i = start;
  for (; i + 8 <= end; i += 8) {
    const low = crc ^ (at(bytes, i) | (at(bytes, i + 1) << 8) | (at(bytes, i + 2) << 16) | (at(bytes, i + 3) << 24));
    crc =
      at(t7, low & 255) ^
      at(t6, (low >>> 8) & 255) ^
      at(t5, (low >>> 16) & 255) ^
      at(t4, low >>> 24) ^
      at(t3, at(bytes, i + 4)) ^
      at(t2, at(bytes, i + 5)) ^
      at(t1, at(bytes, i + 6)) ^
      at(t0, at(bytes, i + 7));
  }
  for (; i < end; i += 1) crc = (crc >>> 8) ^ at(t0, (crc ^ at(bytes, i)) & 255);
  return ~crc >>> 0;
}

const at = (list: Uint8Array | Int32Array, i: number) => list[i] as number;

const reversedPolynomial = 0x82f63b78;

function firstTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ reversedPolynomial : crc >>> 1;
    return crc;
  });
}

/** What a byte does to the CRC when one more byte of zero has followed. */
const afterZero = (table: Int32Array) => table.map((crc) => (crc >>> 8) ^ at(t0, crc & 255));

const t0 = firstTable();
const t1 = afterZero(t0);
const t2 = afterZero(t1);
const t3 = afterZero(t2);
const t4 = afterZero(t3);
const t5 = afterZero(t4);
const t6 = afterZero(t5);
const t7 = afterZero(t6);
