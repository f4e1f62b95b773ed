import type { FiredrillError } from '../../../kit/errors.ts';
import { crc32c } from './crc32c.ts';

/** Offsets within a page, and of the flags of a tablespace within its first one (storage/innobase, fil0types.h and fsp0types.h). */
const page = {
  checksum: 0,
  number: 4,
  lsn: 16,
  type: 24,
  flushLsn: 26,
  archive: 34,
  body: 38,
  trailerBytes: 8,
  spaceFlags: 54,
};
const defaultPageBytes = 16_384;
const maxPageBytes = 65_536;
const types = { compressed: 14, encrypted: [15, 16, 17] };
const zeros = Buffer.alloc(maxPageBytes);
const magicOfNone = 0xdeadbeef;

/** Said of a file that a drill has no keyring for; without the file's name. */
export const isEncrypted = 'is encrypted at rest, and a drill has no keyring to restore it with';

/**
 * Looks at each page of an InnoDB file while it flows by: is it where it belongs, and does it fit its checksum? A flipped byte is
 * found wherever it is, in secondary indexes too, which no digest of a table sees, and before a server dies of it.
 */
export class PageWatch {
  readonly #fail: (what: string) => FiredrillError;
  #pageBytes = 0;
  #flags = 0;
  #number = 0;
  /** The beginning of a page whose rest comes with the next chunk. */
  readonly #held = Buffer.allocUnsafe(maxPageBytes);
  #heldBytes = 0;

  /** @param fail makes the error of what is wrong, such as `page 7 does not fit its checksum` */
  constructor(fail: (what: string) => FiredrillError) {
    this.#fail = fail;
  }

  see(chunk: Buffer) {
    for (let rest = chunk; rest.length > 0; ) {
      if (this.#heldBytes === 0 && this.#pageBytes > 0 && rest.length >= this.#pageBytes) {
        this.#judge(rest.subarray(0, this.#pageBytes));
        rest = rest.subarray(this.#pageBytes);
        continue;
      }
      const wanted = this.#pageBytes > 0 ? this.#pageBytes : page.spaceFlags + 4;
      const taken = rest.copy(this.#held, this.#heldBytes, 0, wanted - this.#heldBytes);
      rest = rest.subarray(taken);
      this.#heldBytes += taken;
      if (this.#heldBytes < wanted) continue;
      if (this.#pageBytes === 0) {
        this.#readFlags(this.#held.readUInt32BE(page.spaceFlags));
        continue;
      }
      this.#judge(this.#held.subarray(0, wanted));
      this.#heldBytes = 0;
    }
  }

  end() {
    if (this.#heldBytes > 0 || this.#number === 0) throw this.#fail('ends in mid-page');
  }

  get #isZipped(): boolean {
    return zipSizeOf(this.#flags) > 0;
  }

  #readFlags(flags: number) {
    this.#flags = flags;
    const size = this.#isZipped ? zipSizeOf(flags) : (flags >>> 6) & 15;
    this.#pageBytes = size === 0 ? defaultPageBytes : 512 << size;
    if (this.#pageBytes > maxPageBytes) throw this.#fail('is damaged: it tells no size of its pages');
  }

  #judge(bytes: Buffer) {
    this.#judgePage(bytes);
    // Not before it is known that the page is sound.
    if (this.#number === 0 && (this.#flags >>> 13) & 1) throw this.#fail(isEncrypted);
    if (this.#number === 0 && (this.#flags >>> 10) & 1) throw this.#fail('lies outside of the data folder');
    this.#number += 1;
  }

  #judgePage(bytes: Buffer) {
    const said = bytes.readUInt32BE(page.checksum);
    // A page that was never used is all zeros.
    if (said === 0 && bytes.equals(zeros.subarray(0, bytes.length))) return;
    const type = bytes.readUInt16BE(page.type);
    if (types.encrypted.includes(type)) throw this.#fail(isEncrypted);
    const number = bytes.readUInt32BE(page.number);
    if (number !== this.#number) throw this.#fail(`has page ${number} in the place of page ${this.#number}`);
    // Its checksum is of what it decompresses to, which the server looks at when it reads it.
    if (type === types.compressed || said === magicOfNone) return;
    const fits = this.#isZipped ? isZippedChecksumOf(bytes, said) : isChecksumOf(bytes, said);
    if (!fits) throw this.#fail(`is damaged: page ${number} does not fit its checksum`);
  }
}

const zipSizeOf = (flags: number) => (flags >>> 1) & 15;

function isChecksumOf(bytes: Buffer, said: number): boolean {
  const end = bytes.length - page.trailerBytes;
  const crc = crc32c(bytes, page.number, page.flushLsn) ^ crc32c(bytes, page.body, end);
  if (crc >>> 0 === said) return bytes.readUInt32BE(end) === said;
  return foldedChecksum(bytes, end) === said;
}

/** Of a table with ROW_FORMAT=COMPRESSED: all but the checksum itself and the LSNs. */
function isZippedChecksumOf(bytes: Buffer, said: number): boolean {
  const header = crc32c(bytes, page.number, page.lsn) ^ crc32c(bytes, page.type, page.flushLsn);
  if ((header ^ crc32c(bytes, page.archive)) >>> 0 === said) return true;
  const parts = [bytes.subarray(page.number, page.lsn), bytes.subarray(page.type, page.flushLsn)];
  return adler32(Buffer.concat([...parts, bytes.subarray(page.archive)])) === said;
}

/** As servers before 5.7.7 did, from 0 instead of 1. */
function adler32(bytes: Buffer): number {
  let [sum, sums] = [0, 0];
  for (const byte of bytes) {
    sum = (sum + byte) % 65_521;
    sums = (sums + sum) % 65_521;
  }
  return ((sums << 16) | sum) >>> 0;
}

/** Of servers before 5.7.7: their pages keep it until they are written again. */
function foldedChecksum(bytes: Buffer, end: number): number {
  return (fold(bytes, page.number, page.flushLsn) + fold(bytes, page.body, end)) >>> 0;
}

function fold(bytes: Buffer, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] as number;
    sum = (((((sum ^ byte ^ 1_653_893_711) << 8) + sum) ^ 1_463_735_687) + byte) | 0;
  }
  return sum;
}
