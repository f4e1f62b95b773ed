import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  type KeyColumn,
  type KeyPoint,
  type KeyRange,
  keyColumn,
  keyExpression,
  keyLiteral,
  rangeCondition,
} from '../../../../src/engines/mysql/key-ranges.ts';
import { walk } from '../../../../src/engines/mysql/table-parts.ts';

const number = (name: string): KeyColumn => ({ name, kind: 'number', charset: null });
const bytes = (name: string): KeyColumn => ({ name, kind: 'bytes', charset: null });

/** As the ranges of a table come about: ends are keys of rows, each `step` rows after the one before. */
async function rangesOf(points: readonly KeyPoint[], step: number): Promise<KeyRange[]> {
  let at = 0;
  const next = async () => {
    at += step;
    return points[at];
  };
  return Array.fromAsync(walk(next));
}

/** How many of the rows of a real table each range holds. SQLite reads these conditions as MySQL does. */
function rowsIn(columns: readonly KeyColumn[], points: readonly KeyPoint[], ranges: readonly KeyRange[]): number[] {
  using db = new DatabaseSync(':memory:');
  const names = columns.map(({ name }) => `\`${name}\``).join(', ');
  db.exec(`CREATE TABLE t (${names}, PRIMARY KEY (${names}))`);
  if (points.length > 0) db.exec(`INSERT INTO t VALUES ${points.map((point) => `(${point.join(', ')})`).join(', ')}`);
  return ranges.map((range) => {
    const row = db.prepare(`SELECT COUNT(*) AS n FROM t WHERE ${rangeCondition(columns, range) ?? 1}`).get();
    return Number(row?.n);
  });
}

const compare = (a: readonly bigint[], b: readonly bigint[]): number => {
  const i = a.findIndex((each, at) => each !== b[at]);
  return i < 0 ? 0 : (a[i] ?? 0n) < (b[i] ?? 0n) ? -1 : 1;
};

describe('the ranges of a primary key', () => {
  it('hold each row once, however many columns the key has, negative and the largest values among them', async () => {
    const value = fc.oneof(fc.bigInt({ min: -3n, max: 3n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    const keys = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 40 }));
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 1, max: 12 }), async (all, step) => {
        const rows = [...new Map(all.map((row) => [row.join(), row])).values()].sort(compare);
        const columns = (rows[0] ?? [0n]).map((_, i) => number(`k${i}`));
        const points = rows.map((row) => row.map(String));
        const ranges = await rangesOf(points, step);
        const held = rowsIn(columns, points, ranges);
        expect(held.slice(0, -1)).to.deep.equal(held.slice(0, -1).map(() => step));
        expect(held.reduce((sum, n) => sum + n, 0)).to.equal(rows.length);
        expect(held.at(-1)).to.be.at.most(step);
      }),
      { numRuns: 300 },
    );
  });

  it('hold rows that came and went after they were cut, each once', async () => {
    const key = fc
      .uint8Array({ maxLength: 3 })
      .map((each) => [`x'${Buffer.from(each).toString('hex').toUpperCase()}'`]);
    const keys = fc.uniqueArray(key, { maxLength: 40, selector: ([text]) => text });
    await fc.assert(
      fc.asyncProperty(keys, keys, fc.integer({ min: 1, max: 12 }), async (before, after, step) => {
        const ranges = await rangesOf(before.toSorted(), step);
        const held = rowsIn([bytes('id')], after, ranges);
        expect(held.reduce((sum, n) => sum + n, 0)).to.equal(after.length);
      }),
      { numRuns: 300 },
    );
  });

  it('are one without bounds when there is nothing to cut', async () => {
    expect(await rangesOf([], 5)).to.deep.equal([{ from: undefined, to: undefined }]);
    expect(rangeCondition([number('id')], { from: undefined, to: undefined })).to.equal(undefined);
  });

  it('are written so that the server reads a range of its key', () => {
    const columns = [number('a'), number('b`c')];
    expect(rangeCondition(columns, { from: ['1', '-2'], to: ['3', '4'] })).to.equal(
      '(`a` > 1 OR (`a` = 1 AND (`b``c` >= -2))) AND (`a` < 3 OR (`a` = 3 AND (`b``c` < 4)))',
    );
    expect(rangeCondition([number('id')], { from: ['7'], to: undefined })).to.equal('(`id` >= 7)');
    expect(() => rangeCondition(columns, { from: ['1'], to: undefined })).to.throw(RangeError);
  });
});

describe('a column of a key', () => {
  const column = (type: string, charset: string | null = null) =>
    keyColumn({ name: 'k', type, charset, nullable: false });

  it('cuts a table only when its values come back from a literal as they were', () => {
    const good = ['int', 'bigint', 'decimal', 'date', 'datetime', 'timestamp', 'binary', 'varbinary'];
    for (const type of good) expect(column(type), type).to.include({ name: 'k' });
    for (const type of ['float', 'double', 'enum', 'set', 'bit', 'year', 'time', 'json', 'text']) {
      expect(column(type, 'utf8mb4'), type).to.equal(undefined);
    }
    expect(column('varchar', 'utf8mb4')).to.include({ kind: 'bytes', charset: 'utf8mb4' });
    expect(column('char', 'sjis')).to.equal(undefined);
    expect(column('char', null)).to.equal(undefined);
  });

  it('is written as a literal, and not at all where a comparison might read another value', () => {
    const of = (each: KeyColumn | undefined, value: string) => each && keyLiteral(each, value);
    expect(of(column('bigint'), '18446744073709551615')).to.equal('18446744073709551615');
    expect(of(column('bigint'), '-9223372036854775808')).to.equal('-9223372036854775808');
    expect(of(column('decimal'), '-0.50')).to.equal('-0.50');
    expect(of(column('int'), "1' OR 1")).to.equal(undefined);
    expect(of(column('varchar', 'latin1'), 'E9')).to.equal("_latin1 x'E9'");
    expect(of(column('varbinary'), '')).to.equal("x''");
    expect(of(column('varbinary'), "00' OR '1")).to.equal(undefined);
    expect(of(column('datetime'), '2024-02-29 23:59:59.123456')).to.equal("'2024-02-29 23:59:59.123456'");
    for (const day of ['0000-00-00', '2026-02-31', '2026-00-10', '2026-11-29T00:00:00', "2026-11-29'"]) {
      expect(of(column('date'), day), day).to.equal(undefined);
    }
  });

  it('is asked for in a form that shows all of it', () => {
    expect([column('int'), column('binary')].map((each) => each && keyExpression(each))).to.deep.equal([
      '`k`',
      'HEX(`k`)',
    ]);
  });
});
