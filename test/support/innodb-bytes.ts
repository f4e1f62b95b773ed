import { crc32c } from '../../src/engines/mysql/physical/crc32c.ts';

/** A page as InnoDB writes one: `bytes` long, filled, with its number and a checksum that fits. @param flags of the tablespace, in page 0 */
export function innodbPage(number: number, { flags = 0, type = 17_855, bytes = 16_384, fill = 7 } = {}): Buffer {
  const page = Buffer.alloc(bytes, fill);
  page.writeUInt32BE(number, 4);
  page.writeUInt16BE(type, 24);
  if (number === 0) page.writeUInt32BE(flags, 54);
  return withChecksum(page);
}

/** Makes the checksum of an uncompressed page fit what is in it. */
export function withChecksum(page: Buffer): Buffer {
  const end = page.length - 8;
  const sum = (crc32c(page, 4, 26) ^ crc32c(page, 38, end)) >>> 0;
  page.writeUInt32BE(sum, 0);
  page.writeUInt32BE(sum, end);
  return page;
}
