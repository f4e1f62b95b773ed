import { expect } from 'chai';
import { valuesBatches, valuesOf } from '../../../../../src/engines/mysql/carry/insert-values.ts';
import type { ColumnForm } from '../../../../../src/engines/mysql/columns.ts';
import { FiredrillError } from '../../../../../src/kit/errors.ts';

async function batchesOf(chunks: readonly string[], targetChars: number) {
  const columns = [{ name: 'a', form: 'text' as const }];
  const rows = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk, 'latin1');
  })();
  return Array.fromAsync(valuesBatches(rows, columns, targetChars));
}

describe('valuesOf', () => {
  for (const [line, forms, values] of [
    ['1\t-2.5e10\t2024-02-29', ['plain', 'plain', 'plain'], "('1','-2.5e10','2024-02-29')"],
    ["it's\t''", ['text', 'text'], "('it''s','''''')"],
    ['a\\\\b\\tc\\nd\\0e\\\\', ['text'], "('a\\\\b\\tc\\nd\\0e\\\\')"],
    ['\\N\t\t\\\\N\tNULL', ['text', 'text', 'text', 'text'], "(NULL,'','\\\\N','NULL')"],
    ['00FF0A\t\t\\N', ['hex', 'hex', 'hex'], "(X'00FF0A',X'',NULL)"],
    ['18446744073709551615\t0\t\\N', ['number', 'enum', 'enum'], '(18446744073709551615,0,NULL)'],
    ['', [], '()'],
  ] as const) {
    it(`makes ${values} of ${JSON.stringify(line)}`, () => expect(valuesOf(line, forms)).to.equal(values));
  }

  for (const [line, forms] of [
    ['1', ['plain', 'plain']],
    ["X'", ['hex']],
    ['0f', ['hex']],
    ['1 OR 1', ['number']],
    ['(SELECT 1)', ['enum']],
    ['ends with \\', ['text']],
    ["\\' OR 1", ['text']],
  ] as [string, ColumnForm[]][]) {
    it(`makes no SQL of ${JSON.stringify(line)} as ${forms}`, () => {
      expect(() => valuesOf(line, forms))
        .to.throw(FiredrillError)
        .that.includes({ code: 'ARTIFACT_FORMAT' });
    });
  }
});

describe('valuesBatches', () => {
  it('cuts rows where their lines end, wherever the chunks do, also within a character', async () => {
    const text = Buffer.from('é1\n漢2\n3\n').toString('latin1');
    for (let at = 1; at < text.length; at += 1) {
      const batches = await batchesOf([text.slice(0, at), text.slice(at)], 1_000);
      expect(batches).to.deep.equal([{ sql: "('é1'),('漢2'),('3')", rows: 3 }]);
    }
  });

  it('begins another batch when one is full, and gives a long row one of its own', async () => {
    const batches = await batchesOf([`a\nb\n${'c'.repeat(50)}\nd\n`], 12);
    expect(batches.map(({ rows }) => rows)).to.deep.equal([2, 1, 1]);
    expect(await batchesOf([], 12)).to.deep.equal([]);
  });
});
