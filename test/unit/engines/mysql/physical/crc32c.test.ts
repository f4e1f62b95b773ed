import { expect } from 'chai';
import fc from 'fast-check';
import { crc32c } from '../../../../../src/engines/mysql/physical/crc32c.ts';

/** By the definition, a bit at a time. */
function slowly(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('crc32c', () => {
  it('is that of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'))).to.equal(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).to.equal(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).to.equal(0x62a8ab43);
  });

  it('is the same by steps of eight as bit by bit, wherever it begins and ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), fc.nat(20), (bytes, from, less) => {
        const [start, end] = [
          Math.min(from, bytes.length),
          Math.max(Math.min(from, bytes.length), bytes.length - less),
        ];
        expect(crc32c(bytes, start, end)).to.equal(slowly(bytes.subarray(start, end)));
      }),
    );
  });
});
