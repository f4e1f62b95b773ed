import { damage } from './damage.ts';

/** An unsigned varint as Go's encoding/binary writes it: 7 bits a byte, the lowest first. */
export function readVarint(bytes: Buffer, at: number): { value: bigint; end: number } {
  let value = 0n;
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  throw damage('a number in a TSM block breaks off');
}
