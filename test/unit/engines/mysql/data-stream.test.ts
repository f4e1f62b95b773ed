import { Readable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { DataStream } from '../../../../src/engines/mysql/data-stream.ts';
import { chain, collect } from '../../../../src/kit/streams.ts';
import { rejectionOf } from '../../../support/rejection.ts';

const dumpId = '0123456789abcdef0123456789abcdef';
const end = (rows: number, warnings = 0, id = dumpId) => `\\end ${id} ${rows} ${warnings}\n`;

async function pass(text: string, chunkBytes = 7) {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, i) =>
    bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes),
  );
  const data = new DataStream({ what: 'agama: table shop.orders', markId: dumpId, isPart: false });
  const rows = await collect(chain(Readable.from(chunks, { objectMode: false }), data), 1 << 24, 'a test');
  return { text: rows.toString(), rows: data.rows };
}

describe('DataStream', () => {
  it('passes the rows on and keeps the end mark, wherever the chunks are cut', async () => {
    const row = fc.string({ unit: 'grapheme', maxLength: 100 }).map((text) => text.replaceAll(/[\n\\]/g, ''));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), fc.integer({ min: 1, max: 500 }), async (rows, chunkBytes) => {
        const text = rows.map((each) => `${each}\n`).join('');
        expect(await pass(text + end(rows.length), chunkBytes)).to.deep.equal({ text, rows: rows.length });
      }),
      { numRuns: 300 },
    );
  });

  it('breaks when the end is missing, cut or of another dump', async () => {
    const other = dumpId.replace('0', 'f');
    const cases: [string, RegExp][] = [
      ['', /orders: its end mark is missing/],
      ['1\n2\n', /end mark is missing/],
      [`1\n2\n${end(2).slice(0, -1)}`, /end mark is missing/],
      [`1\n2\n${end(2).slice(0, -3)}`, /end mark is missing/],
      [`1\n2\n${end(2)}3\n`, /end mark is missing/],
      [`1\n2\n${end(2, 0, other)}`, /another dump/],
      [`1\n2\n${end(2, 1)}`, /1 warnings/],
      [`1\n${end(2)}`, /counts 2 rows, 1 come before it/],
      [`1\n2\n3\n${end(2)}`, /counts 2 rows, 3 come before it/],
      [`1\n2${end(2)}`, /end mark is missing/],
    ];
    for (const [text, sentence] of cases) {
      for (const chunkBytes of [1, 1000]) {
        const failure = await rejectionOf(pass(text, chunkBytes));
        expect(failure.code, text).to.equal('ARTIFACT_INCOMPLETE');
        expect(failure.message, text).to.match(sentence);
      }
    }
  });
});
