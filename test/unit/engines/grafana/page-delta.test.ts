import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { blockBytesFor, listBlocks } from '../../../../src/engines/grafana/pages/blocks.ts';
import { decodeHeader, endNumber, headerBytes } from '../../../../src/engines/grafana/pages/delta-format.ts';
import { DeltaReader } from '../../../../src/engines/grafana/pages/read-delta.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';
import { applied, deltaBetween, inChunks, pageBytes, pagesFile } from '../../../support/grafana-pages.ts';
import { sampleFile } from '../../../support/grafana-source.ts';
import { rejectionOf } from '../../../support/rejection.ts';

const pages = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 24 });
const recordBytes = 16 + pageBytes;
const endBytes = 12;

const [base, result] = [pagesFile([1, 2, 3, 4]), pagesFile([1, 9, 3, 8, 7])];

/** Numbers of the blocks in a delta that is read to its end. */
async function numbersIn(delta: Buffer): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { number } of (await DeltaReader.open(inChunks(delta, 700))).blocks()) numbers.push(number);
  return numbers;
}

/** The records of a delta of `result`, in another order or number. */
const withRecords = (delta: Buffer, ...order: number[]) => {
  const record = (i: number) => delta.subarray(headerBytes + i * recordBytes, headerBytes + (i + 1) * recordBytes);
  const header = Buffer.from(delta.subarray(0, headerBytes));
  header.writeUInt32BE(order.length, 20);
  return Buffer.concat([header, ...order.map(record), delta.subarray(-endBytes)]);
};

const changed = (delta: Buffer, change: (copy: Buffer) => void) => {
  const copy = Buffer.from(delta);
  change(copy);
  return copy;
};

describe('a page delta', function () {
  this.timeout(30_000);

  it('makes the second of any two files of the first', () =>
    fc.assert(
      fc.asyncProperty(
        pages,
        pages,
        fc.constantFrom(1, 2, 8),
        fc.integer({ min: 1, max: 3000 }),
        async (a, b, n, chunk) => {
          const [before, after] = [pagesFile(a), pagesFile(b)];
          const delta = await deltaBetween(before, after, n * pageBytes);
          expect((await applied(before, delta, chunk)).equals(after)).to.equal(true);
        },
      ),
      { numRuns: 60 },
    ));

  it('holds what differs, in its order, and no more', async () => {
    const delta = await deltaBetween(base, result);
    expect(await numbersIn(delta)).to.deep.equal([1, 3, 4]);
    expect(delta.length).to.equal(headerBytes + 3 * recordBytes + endBytes);
    expect(await numbersIn(await deltaBetween(base, base))).to.deep.equal([]);
    expect((await applied(result, await deltaBetween(result, base))).equals(base)).to.equal(true);
  });

  it('says what it is, what it is of, and what it makes', async () => {
    const header = decodeHeader((await deltaBetween(base, result)).subarray(0, headerBytes));
    expect(header).to.deep.include({ pageBytes, blockBytes: pageBytes, records: 3 });
    expect([header.base.bytes, header.result.bytes]).to.deep.equal([base.length, result.length]);
  });

  it('has blocks of several pages only where a list of all pages would be long', () => {
    expect(blockBytesFor(45 * 2 ** 20, 4096)).to.equal(4096);
    expect(blockBytesFor(2 ** 29, 4096)).to.equal(4096);
    expect(blockBytesFor(2 ** 29 + 4096, 4096)).to.equal(8192);
    expect(blockBytesFor(2 ** 40, 4096)).to.equal(2 ** 23);
  });

  it('reads the page size where SQLite has it, also the largest', async () => {
    expect(await listBlocks(sampleFile('7.5.5'))).to.include({ pageBytes: 4096, blockBytes: 4096, bytes: 737_280 });
    const largest = Buffer.alloc(65_536);
    largest.writeUInt16BE(1, 16);
    expect((await deltaBetween(largest, largest)).readUInt32BE(12)).to.equal(65_536);
  });

  it('is made no further when somebody stops it', async () => {
    const failure = await rejectionOf(listBlocks(sampleFile('7.5.5'), undefined, AbortSignal.abort()));
    expect(failure).to.include({ code: 'INTERRUPTED' });
  });

  it('is small for what somebody edited: of 7.5.5, some pages later', async () => {
    const [before, after] = await Promise.all([readFile(sampleFile('7.5.5')), readFile(sampleFile('7.5.5-later'))]);
    const delta = await deltaBetween(before, after);
    const numbers = await numbersIn(delta);
    expect(numbers.length).to.be.greaterThan(5).and.lessThan(60);
    expect(numbers.slice(-4)).to.deep.equal([180, 181, 182, 183]);
    expect((await applied(before, delta)).equals(after)).to.equal(true);
  });

  describe('is refused', () => {
    const refusals: [string, string, RegExp, (delta: Buffer) => Buffer][] = [
      ['without its magic', 'ARTIFACT_FORMAT', /begin/, (d) => changed(d, (c) => c.write('X'))],
      ['of a later version', 'ARTIFACT_FORMAT', /version is 2/, (d) => changed(d, (c) => c.writeUInt32BE(2, 8))],
      ['of impossible pages', 'ARTIFACT_FORMAT', /pages have 500/, (d) => changed(d, (c) => c.writeUInt32BE(500, 12))],
      ['of huge blocks', 'ARTIFACT_FORMAT', /blocks have/, (d) => changed(d, (c) => c.writeUInt32BE(2 ** 30, 16))],
      ['of half a page', 'ARTIFACT_FORMAT', /file of 2059/, (d) => changed(d, (c) => c.writeBigUInt64BE(2059n, 32))],
      [
        'of more than there can be',
        'ARTIFACT_FORMAT',
        /9 records for 5/,
        (d) => changed(d, (c) => c.writeUInt32BE(9, 20)),
      ],
      [
        'with a changed page',
        'ARTIFACT_FORMAT',
        /block 1 is not/,
        (d) => changed(d, (c) => c.write('X', headerBytes + 99)),
      ],
      [
        'with a page beyond its end',
        'ARTIFACT_FORMAT',
        /beyond/,
        (d) => changed(d, (c) => c.writeUInt32BE(7, headerBytes)),
      ],
      ['in another order', 'ARTIFACT_FORMAT', /block 1 comes after block 3/, (d) => withRecords(d, 1, 0, 2)],
      ['with a page twice', 'ARTIFACT_FORMAT', /block 1 comes after block 1/, (d) => withRecords(d, 0, 0, 2)],
      ['with bytes after its end', 'ARTIFACT_FORMAT', /follow/, (d) => Buffer.concat([d, Buffer.from('x')])],
      ['with another end mark', 'ARTIFACT_FORMAT', /end mark/, (d) => changed(d, (c) => c.write('X', d.length - 1))],
      ['without a page by which it grew', 'ARTIFACT_INCOMPLETE', /1 of the blocks/, (d) => withRecords(d, 0, 1)],
      ['without a changed page', 'ARTIFACT_FORMAT', /not the database/, (d) => withRecords(d, 0, 2)],
      ['without its end', 'ARTIFACT_INCOMPLETE', /before its end/, (d) => d.subarray(0, -endBytes)],
      ['cut inside a page', 'ARTIFACT_INCOMPLETE', /before its end/, (d) => d.subarray(0, headerBytes + 100)],
      ['empty', 'ARTIFACT_INCOMPLETE', /before its end/, () => Buffer.alloc(0)],
      [
        'that counts other records',
        'ARTIFACT_INCOMPLETE',
        /3 of 2 records/,
        (d) => changed(d, (c) => c.writeUInt32BE(2, 20)),
      ],
    ];
    for (const [what, code, why, spoil] of refusals) {
      it(what, async () => {
        const failure = await rejectionOf(applied(base, spoil(await deltaBetween(base, result))));
        expect(failure).to.include({ code });
        expect(failure.message).to.match(why);
      });
    }

    it('on another base, before anything is written', async () => {
      const delta = await deltaBetween(base, result);
      const failure = await rejectionOf(applied(pagesFile([1, 2, 3, 5]), delta));
      expect(failure).to.include({ code: 'ARTIFACT_INCOMPLETE' });
      expect(failure.message).to.match(/another database than that of its full/);
    });

    it('with nothing but its own errors, whatever was done to it', () =>
      fc.assert(
        fc.asyncProperty(
          fc.nat(),
          fc.nat(255),
          fc.boolean(),
          fc.integer({ min: 1, max: 900 }),
          async (at, byte, cut, chunk) => {
            const delta = await deltaBetween(base, result);
            const spoiled = changed(delta, (copy) => copy.writeUInt8(byte, at % delta.length));
            const given = cut ? spoiled.subarray(0, at % delta.length) : spoiled;
            const made = await applied(base, given, chunk).catch((error: unknown) => error);
            if (given.equals(delta)) expect(made).to.deep.equal(result);
            else
              expect(made)
                .to.be.instanceOf(FiredrillError)
                .and.have.property('code')
                .that.matches(/^ARTIFACT_/);
          },
        ),
        { numRuns: 100 },
      ));

    it('without taking memory for what it only claims', async () => {
      const huge = changed(await deltaBetween(base, result), (copy) => {
        copy.writeUInt32BE(endNumber - 1, 20);
        copy.writeBigUInt64BE(2n ** 40n, 32);
      });
      const before = process.memoryUsage().rss;
      expect(await rejectionOf(applied(base, huge))).to.include({ code: 'ARTIFACT_FORMAT' });
      expect(process.memoryUsage().rss - before).to.be.lessThan(64 * 2 ** 20);
    });
  });
});
