import { expect } from 'chai';
import { compareDefinitions } from '../../../../src/engines/mysql/compare-definitions.ts';
import { type Definition, definitionsOf, hashesOf, normaliseView } from '../../../../src/engines/mysql/definitions.ts';
import { instantOf } from '../../../../src/engines/mysql/newest.ts';
import { together } from '../../../../src/kit/together.ts';

const table: Definition = { kind: 'table', name: 'shop.orders', text: 'a\nb\nc' };
const view: Definition = { kind: 'view', name: 'shop.totals', text: 'select 1' };
const compare = (expected: Definition[], found: Definition[], dumped = expected) =>
  compareDefinitions({
    check: 'schema',
    service: 'agama',
    subjects: 'schema objects',
    expected: hashesOf(expected),
    dumped,
    found,
  });

describe('compareDefinitions', () => {
  it('passes what is the same, in any order', () => {
    const result = compare([table, view], [view, table]);
    expect(result).to.include({ outcome: 'pass', expected: 2, lookedAt: 2 });
  });

  it('names what is missing, what is new and the first line that differs', () => {
    const other = { ...table, text: 'a\nB\nc' };
    const event = { kind: 'event', name: 'shop.nightly', text: 'x' };
    const { outcome, findings, comparisons } = compare([table, view], [other, event]);
    expect(outcome).to.equal('fail');
    expect(findings.map(({ sentence, expected, found }) => [sentence, expected, found])).to.deep.equal([
      ['agama: table shop.orders is not as it was when it was dumped', 'b', 'B'],
      ['agama: view shop.totals is missing after the restore', 'present', 'absent'],
      ['agama: event shop.nightly is there after the restore, but was not when it was dumped', 'absent', 'present'],
    ]);
    expect(comparisons).to.deep.include({ what: 'objects of kind view', expected: '1', found: '0' });
  });

  it('trusts the hash, and shows no dumped text that does not fit it', () => {
    const [finding] = compare([table], [{ ...table, text: 'z' }], [{ ...table, text: 'forged' }]).findings;
    expect(finding?.expected).to.equal('what was dumped');
  });

  it('shows that a password changed, but no hash of it', () => {
    const user = (hash: string) => ({ kind: 'account', name: 'app', text: `CREATE USER app AS ${hash} REQUIRE NONE` });
    const [finding] = compare([user('0xAB12')], [user('0xAB13')]).findings;
    expect(finding?.expected).to.match(/^CREATE USER app AS \(secret [0-9a-f]{8}\) REQUIRE NONE$/);
    expect(finding?.found).not.to.equal(finding?.expected);
    expect(JSON.stringify(finding)).not.to.include('0xAB');
  });

  it('is no pass when there was nothing to look at', () => {
    expect(compare([], []).outcome).to.equal('inconclusive');
  });
});

describe('definitionsOf', () => {
  const context = { sqlMode: '', charset: 'utf8mb4', collation: 'utf8mb4_bin', databaseCollation: 'utf8mb4_bin' };
  const schema = (sqlMode: string) => ({
    format: 'firedrill-mysql-schema' as const,
    version: 1 as const,
    birth: { lowerCaseTableNames: 0, pageSizeBytes: 16_384 },
    databases: [
      {
        name: 'shop',
        charset: 'utf8mb4',
        collation: 'utf8mb4_bin',
        tables: [{ name: 't', create: 'CREATE TABLE `t` (\n  `a` int\n) AUTO_INCREMENT=5', columns: [] }],
        functions: [{ name: 'f', create: 'CREATE FUNCTION f', context: { ...context, sqlMode } }],
        procedures: [],
        triggers: [],
        events: [],
      },
    ],
    views: [],
  });

  it('lists each object, with what it was made under', () => {
    const definitions = definitionsOf(schema(''));
    expect(definitions.map(({ kind, name }) => `${kind} ${name}`)).to.deep.equal([
      'database shop',
      'table shop.t',
      'function shop.f',
    ]);
    const other = hashesOf(definitionsOf(schema('ANSI_QUOTES')));
    const same = hashesOf(definitions).filter(({ sha256 }, i) => sha256 === other[i]?.sha256);
    expect(same.map(({ kind }) => kind)).to.deep.equal(['database', 'table']);
  });
});

describe('normaliseView', () => {
  it('is the same for both ways in which a server shows columns', () => {
    const shown = (column: string) =>
      normaliseView(`select \`t\`.\`id\` from (\`shop\`.\`todos\` \`t\` join \`shop\`.\`c\`\`x\` on((${column} = 1)))`);
    expect(shown('`shop`.`t`.`id`')).to.equal(shown('`t`.`id`'));
    expect(shown('`od``d`.`t`.`i``d`')).to.equal(shown('`t`.`i``d`'));
    expect(shown('`t`.`id`')).to.contain('`shop`.`todos` `t`');
  });

  it('keeps tables of other databases apart', () => {
    expect(normaliseView('from `shop`.`todos`')).to.not.equal(normaliseView('from `other`.`todos`'));
  });
});

describe('instantOf', () => {
  it('reads what a column shows, by its own clock', () => {
    expect(instantOf('2026-11-22 01:30:00', 0)).to.equal('2026-11-22T01:30:00.000Z');
    expect(instantOf('2026-11-22 01:30:00.123456', 7200)).to.equal('2026-11-21T23:30:00.123Z');
    expect(instantOf('0000-00-00 00:00:00', 0)).to.equal(undefined);
  });
});

describe('together', () => {
  it('returns all results in order', async () => {
    expect(await together([Promise.resolve(1), Promise.resolve(2)], () => {})).to.deep.equal([1, 2]);
  });

  it('stops the others after the first failure, waits for them, and throws that failure', async () => {
    const other = Promise.withResolvers<number>();
    const order: string[] = [];
    const slow = other.promise.catch((error: unknown) => {
      order.push('the other ended');
      throw error;
    });
    const stop = () => {
      order.push('stopped');
      setTimeout(() => other.reject(new Error('second')), 5);
    };
    const failure = await together([Promise.reject(new Error('first')), slow], stop).catch((error: Error) => error);
    expect(failure).to.have.property('message', 'first');
    expect(order).to.deep.equal(['stopped', 'the other ended']);
  });
});
