import { expect } from 'chai';
import { CompletenessLook } from '../../../../src/engines/mysql/completeness.ts';
import { type Facts, readFacts, type TableFacts } from '../../../../src/engines/mysql/documents.ts';
import { tableData } from '../../../../src/engines/mysql/table-data.ts';
import { partMarkId, rowsPerPart } from '../../../../src/engines/mysql/table-parts.ts';
import { forgedMember } from '../../../support/fuzz.ts';

const dumpId = 'a'.repeat(32);
const one = { database: 'shop', name: 'small', artifact: 's.tsv', rows: 3, checksum: '1', digest: null };
const two = {
  ...{ database: 'shop', name: 'large', artifact: '', rows: 30, checksum: '1', digest: null },
  parts: [
    { artifact: 'l.001.tsv', rows: 20 },
    { artifact: 'l.002.tsv', rows: 10 },
  ],
};
const data = ['s.tsv', 'l.001.tsv', 'l.002.tsv'];

function memberOf(tables: readonly object[], artifacts: readonly string[] = data) {
  const facts = { version: 1, dumpId, tables, objects: [], accounts: [], brokenViews: [], newest: null };
  const contents = Object.fromEntries(artifacts.map((name) => [name, { role: 'data', content: Buffer.alloc(0) }]));
  return forgedMember({ facts: facts as never }, contents);
}

function lookAt(tables: readonly object[], artifacts?: readonly string[]): [CompletenessLook, Facts] {
  const member = memberOf(tables, artifacts);
  const facts = readFacts(member);
  return [new CompletenessLook('agama', member, facts), facts];
}

const complaint = (tables: readonly object[], artifacts?: readonly string[]) => {
  try {
    lookAt(tables, artifacts);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the data of a MySQL table', () => {
  it('is one artifact with the mark of the dump, or parts with marks of their own', () => {
    const [, facts] = lookAt([one, two]);
    const [small, large] = facts.tables.map((table) => tableData('agama', facts, table));
    expect(small?.map(({ artifact, what, markId }) => [artifact, what, markId])).to.deep.equal([
      ['s.tsv', 'agama: table shop.small', dumpId],
    ]);
    expect(large?.map(({ what, part }) => [what, part])).to.deep.equal([
      ['agama: table shop.large, part 1 of 2', 0],
      ['agama: table shop.large, part 2 of 2', 1],
    ]);
    expect(new Set([dumpId, ...(large ?? []).map(({ markId }) => markId)]).size).to.equal(3);
    expect(large?.[1]?.markId).to.equal(partMarkId(dumpId, 'l.002.tsv'));
  });

  it('is refused when an artifact is missing, comes twice, belongs to nobody, or the rows of the parts are not all', () => {
    expect(complaint([one, two])).to.equal('none');
    expect(complaint([one, two], ['s.tsv', 'l.001.tsv'])).to.match(/part 2 of 2 of table shop\.large has no artifact$/);
    expect(complaint([one, two], ['l.001.tsv', 'l.002.tsv'])).to.match(/^agama: table shop\.small has no artifact$/);
    expect(complaint([two])).to.match(/artifact s\.tsv belongs to no table of the manifest$/);
    const [first, second] = two.parts;
    const twice = { ...two, parts: [first, first] };
    expect(complaint([one, twice], ['s.tsv', 'l.001.tsv'])).to.match(/or two parts, share an artifact$/);
    const fewer = { ...two, parts: [first, { ...second, rows: 9 }] };
    expect(complaint([one, fewer])).to.match(/the parts of table shop\.large have 29 rows together, the dump had 30$/);
    expect(complaint([one, { ...two, parts: [first] }])).to.match(/the facts of \S+ is not as it must be/);
  });

  it('is whole when each of its artifacts was read, in whatever order, and held the rows of the manifest', () => {
    const [look, { tables }] = lookAt([one, two]);
    const [small, large] = tables as [TableFacts, TableFacts];
    expect([look.sawRows(large, 1, 10), look.sawRows(small, 0, 3), look.sawRows(large, 0, 19)]).to.deep.equal([
      false,
      true,
      true,
    ]);
    const [format, completeness] = look.results();
    expect(format).to.include({ outcome: 'pass' });
    expect(completeness?.findings.map(({ sentence }) => sentence)).to.deep.equal([
      'agama: the artifact of part 1 of 2 of table shop.large holds 19 rows, the dump had 20',
    ]);
  });

  it('is not all there while a part was not read', () => {
    const [look, { tables }] = lookAt([one, two]);
    const [small, large] = tables as [TableFacts, TableFacts];
    look.sawRows(small, 0, 3);
    look.sawRows(large, 0, 20);
    expect(look.results().map(({ check, outcome }) => [check, outcome])).to.deep.equal([
      ['format', 'inconclusive'],
      ['completeness', 'inconclusive'],
    ]);
  });

  it('is in parts from one and a half times the size of a part on', () => {
    const mib = 1024 ** 2;
    const rows = 1_000_000;
    expect(rowsPerPart({ rows, bytes: 64 * mib }, 64 * mib)).to.equal(undefined);
    expect(rowsPerPart({ rows, bytes: 96 * mib }, 64 * mib)).to.equal(500_000);
    expect(rowsPerPart({ rows, bytes: 1024 ** 5 }, 64 * mib)).to.equal(Math.ceil(rows / 999));
    expect(rowsPerPart({ rows: 1, bytes: 1024 ** 4 }, 64 * mib)).to.equal(undefined);
  });
});
