import { expect } from 'chai';
import fc from 'fast-check';
import { GtidSet } from '../../../../../src/engines/mysql/binlog/gtid-set.ts';

const a = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const b = '8c318035-e818-11f1-b448-78def221cea8';
const set = (text: string) => GtidSet.parse(text);

/** A model of a set: each transaction by itself. */
const transactions = fc.array(fc.tuple(fc.constantFrom(a, b, `${a}:blue`), fc.integer({ min: 1, max: 30 })));
const ofModel = (pairs: readonly [string, number][]) =>
  GtidSet.of(pairs.map(([key, n]) => [key, [n, n]] as [string, [number, number]]));
const names = (pairs: readonly [string, number][]) => new Set(pairs.map(([key, n]) => `${key}:${n}`));

describe('GtidSet', () => {
  it('reads and prints what MySQL prints', () => {
    expect(set(`${b}:1-5:7,\n${a}:3`).toString()).to.equal(`${a}:3,${b}:1-5:7`);
    expect(set(`${a.toUpperCase()}:1-3:4-6`).toString()).to.equal(`${a}:1-6`);
    expect(set('').isEmpty).to.equal(true);
    expect(set(`${a}:1-2:blue:1-3:9`).toString()).to.equal(`${a}:1-2,${a}:blue:1-3:9`);
  });

  it('refuses what is none', () => {
    for (const bad of ['x', a, `${a}:`, `${a}:0`, `${a}:5-3`, `${a}:1-99999999999999999`, `${a}:1;2`, `${a}:-1`]) {
      expect(() => set(bad), bad)
        .to.throw()
        .with.property('code', 'ARTIFACT_FORMAT');
    }
  });

  it('unites, subtracts and contains as sets do (property)', () => {
    fc.assert(
      fc.property(transactions, transactions, (left, right) => {
        const [l, r] = [ofModel(left), ofModel(right)];
        expect(l.union(r).size).to.equal(names(left).union(names(right)).size);
        expect(l.subtract(r).size).to.equal(names(left).difference(names(right)).size);
        expect(l.contains(r)).to.equal(names(right).isSubsetOf(names(left)));
        expect(l.subtract(r).union(r).equals(l.union(r))).to.equal(true);
      }),
    );
  });

  it('prints what it reads back as the same set (property)', () => {
    fc.assert(
      fc.property(transactions, (pairs) => {
        const made = ofModel(pairs);
        expect(set(made.toString()).equals(made)).to.equal(true);
      }),
    );
  });
});
