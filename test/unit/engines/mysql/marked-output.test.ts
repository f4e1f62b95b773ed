import { expect } from 'chai';
import fc from 'fast-check';
import { endMarkStart, endMarkStatements, parseEndMark } from '../../../../src/engines/mysql/end-mark.ts';
import { countLines, MarkedOutput } from '../../../../src/engines/mysql/marked-output.ts';

const mark = endMarkStart('0123456789abcdef0123456789abcdef');

async function* chunksOf(text: string, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (const [i, from] of places.entries()) if (i + 1 < places.length) yield bytes.subarray(from, places[i + 1]);
}

async function segment(output: MarkedOutput) {
  const segments = output.until(mark);
  const parts: Buffer[] = [];
  for (;;) {
    const { done, value } = await segments.next();
    if (done) return { rows: Buffer.concat(parts).toString(), line: value };
    parts.push(value);
  }
}

/** Rows as the server may send them, and rows that look nearly like a mark. */
const row = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\n', '').replaceAll('\\', '\\\\')),
  fc.constantFrom('', '\\N', '\\\\end', `\\${mark}1 0`, ` ${mark}1 0`, mark.slice(0, -1), '\\end ', '\\'),
);

describe('MarkedOutput', () => {
  it('finds each mark and returns every byte between them, wherever the chunks are cut', async () => {
    const tables = fc.array(fc.array(row, { maxLength: 5 }), { minLength: 1, maxLength: 4 });
    const cuts = fc.array(fc.nat(), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(tables, cuts, async (tableRows, places) => {
        const texts = tableRows.map((rows) => rows.map((each) => `${each}\n`).join(''));
        const whole = texts.map((text, i) => `${text}${mark}${i} 0\n`).join('');
        const output = new MarkedOutput(chunksOf(whole, places));
        for (const [i, text] of texts.entries()) {
          expect(await segment(output)).to.deep.equal({ rows: text, line: `${mark}${i} 0` });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('tells an output that ends before its mark, or in the middle of it', async () => {
    for (const text of ['', '1\ta\n', `1\n${mark}`, `1\n${mark}7 0`]) {
      const output = new MarkedOutput(chunksOf(text, [3]));
      expect((await segment(output)).line, JSON.stringify(text)).to.equal(undefined);
    }
  });

  it('takes nothing for a mark that does not begin a line', async () => {
    const output = new MarkedOutput(chunksOf(`a${mark}1 0\n${mark}1 0\n`, []));
    expect((await segment(output)).rows).to.equal(`a${mark}1 0\n`);
  });

  it('keeps chunks whole, so that nothing is copied', async () => {
    const big = Buffer.alloc(100_000, 'x');
    const output = new MarkedOutput(
      (async function* () {
        yield big;
        yield big;
        yield Buffer.from(`\n${mark}1 0\n`);
      })(),
    );
    const seen: Buffer[] = [];
    for await (const chunk of output.until(mark)) seen.push(chunk);
    expect(seen[1]?.buffer).to.equal(big.buffer);
    expect(Buffer.concat(seen).length).to.equal(200_001);
  });

  it('counts lines', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\n', 'a', '\\n', '\t')), (parts) => {
        expect(countLines(Buffer.from(parts.join('')))).to.equal(parts.filter((part) => part === '\n').length);
      }),
    );
  });
});

describe('end mark', () => {
  const id = '0123456789abcdef0123456789abcdef';

  it('reads what the server prints for its statements', () => {
    expect(parseEndMark(`${endMarkStart(id)}1000000 0`)).to.deep.equal({ id, rows: 1_000_000, warnings: 0 });
    expect(endMarkStatements(id)).to.include(`'\\\\end ${id} '`);
  });

  it('reads nothing else', () => {
    const good = `${endMarkStart(id)}5 0`;
    for (const bad of [
      '',
      good.slice(1),
      `${good}\n`,
      ` ${good}`,
      good.replace('5', '-5'),
      good.replace('5', '5e3'),
      `${good} 1`,
    ]) {
      expect(parseEndMark(bad), JSON.stringify(bad)).to.equal(undefined);
    }
  });
});
