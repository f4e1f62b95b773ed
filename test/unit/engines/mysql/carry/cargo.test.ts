import { expect } from 'chai';
import { besideCargo, type PodState, wholeCargo } from '../../../../../src/engines/mysql/carry/cargo.ts';

const table = (name: string) => ({ database: 'shop', name, columns: [], hasPrimaryKey: true });
const definition = (name: string) => ({ name, create: `CREATE TABLE \`${name}\` (id int)`, columns: [] });

/** What a pod holds: three tables, of one of which the server has no statistics. */
const state = {
  document: {
    databases: [{ name: 'shop', tables: ['small', 'large', 'unknown'].map(definition) }],
    views: [],
  },
  tables: ['small', 'large', 'unknown'].map(table),
  sizes: new Map([
    ['`shop`.`small`', { rows: 3, bytes: 65_536 }],
    ['`shop`.`large`', { rows: 3_000, bytes: 65_537 }],
  ]),
  accounts: { accounts: [] },
} as unknown as PodState;

describe('cargo of a restore into a real server', () => {
  it('knows small tables, which get their keys at once, under the names that they come from', () => {
    const smallOf = (cargo: ReturnType<typeof wholeCargo>) =>
      cargo.tables.map(({ to, isSmall }) => [`${to.database}.${to.name}`, isSmall]);
    expect(smallOf(wholeCargo(state, ['shop']))).to.deep.equal([
      ['shop.small', true],
      ['shop.large', false],
      ['shop.unknown', false],
    ]);
    expect(smallOf(besideCargo(state, ['small', 'shop.large'], '20261124T103107Z'))).to.deep.equal([
      ['shop_restored_20261124T103107Z.small', true],
      ['shop_restored_20261124T103107Z.large', false],
    ]);
  });
});
