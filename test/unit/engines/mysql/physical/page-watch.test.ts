import { expect } from 'chai';
import fc from 'fast-check';
import { PageWatch } from '../../../../../src/engines/mysql/physical/page-watch.ts';
import { FiredrillError } from '../../../../../src/kit/errors.ts';
import { innodbPage } from '../../../../support/innodb-bytes.ts';

/** What is said of a file that comes in chunks of `step` bytes; undefined when nothing is wrong. */
function saidOf(file: Buffer, step = file.length): string | undefined {
  const watch = new PageWatch((what) => new FiredrillError('ARTIFACT_FORMAT', what));
  try {
    for (let at = 0; at < file.length; at += step) watch.see(file.subarray(at, at + step));
    watch.end();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const file = () => Buffer.concat([innodbPage(0), innodbPage(1), Buffer.alloc(16_384), innodbPage(3)]);

describe('PageWatch', () => {
  it('has nothing against whole pages, however they come, and pages that were never used', () => {
    for (const step of [1, 37, 16_384, 16_385, 100_000]) expect(saidOf(file(), step), `${step}`).to.equal(undefined);
  });

  it('finds any flipped bit of a page that is in use', () => {
    // What is not under the checksum: the checksum's own place is compared, and these LSNs and numbers are not.
    const isCovered = (at: number) => !(at >= 26 && at < 38) && at < 16_380;
    fc.assert(
      fc.property(fc.nat(16_383).filter(isCovered), fc.nat(7), (at, bit) => {
        const spoilt = file();
        spoilt[16_384 + at] = (spoilt[16_384 + at] ?? 0) ^ (1 << bit);
        expect(saidOf(spoilt)).to.match(/page 1\b|in the place of page 1|encrypted/);
      }),
    );
  });

  it('tells a page in the place of another, and a file that ends in mid-page', () => {
    expect(saidOf(Buffer.concat([innodbPage(0), innodbPage(2)]))).to.equal('has page 2 in the place of page 1');
    expect(saidOf(file().subarray(0, -1))).to.equal('ends in mid-page');
    expect(saidOf(Buffer.alloc(10))).to.equal('ends in mid-page');
  });

  it('refuses what lies outside of the data folder or is encrypted', () => {
    expect(saidOf(innodbPage(0, { flags: 1 << 10 }))).to.equal('lies outside of the data folder');
    const encrypted = 'is encrypted at rest, and a drill has no keyring to restore it with';
    expect(saidOf(innodbPage(0, { flags: 1 << 13 }))).to.equal(encrypted);
    for (const type of [15, 16, 17]) {
      expect(saidOf(Buffer.concat([innodbPage(0), innodbPage(1, { type })]))).to.equal(encrypted);
    }
  });

  it('knows tablespaces of other page sizes', () => {
    for (const [size, bytes] of [
      [3, 4_096],
      [4, 8_192],
      [6, 32_768],
      [7, 65_536],
    ] as const) {
      const pages = [innodbPage(0, { flags: size << 6, bytes }), innodbPage(1, { bytes })];
      expect(saidOf(Buffer.concat(pages)), `${bytes}`).to.equal(undefined);
    }
  });
});
