import { expect } from 'chai';
import fc from 'fast-check';
import { takeBatch } from '../../../../src/engines/mysql/load-table.ts';
import type { TableData } from '../../../../src/engines/mysql/table-data.ts';

const mib = 1024 ** 2;
const dataOf = (sizes: readonly number[]) =>
  sizes.map((bytes, i) => ({ artifact: `${i}:${bytes}` }) as unknown as TableData);
const bytesOf = (artifact: string) => Number(artifact.split(':')[1]);

function batchesOf(sizes: readonly number[]): number[][] {
  const waiting = dataOf(sizes);
  const batches: number[][] = [];
  for (let batch = takeBatch(waiting, bytesOf); batch.length > 0; batch = takeBatch(waiting, bytesOf)) {
    batches.push(batch.map(({ artifact }) => bytesOf(artifact)));
  }
  return batches;
}

describe('the artifacts that a lane takes to load', () => {
  it('are one by one while they are large, and many together when they are small', () => {
    expect(batchesOf([70 * mib, 65_537, 65_536, 10, 0])).to.deep.equal([[70 * mib], [65_537], [65_536, 10, 0]]);
    expect(batchesOf(Array(600).fill(20)).map((each) => each.length)).to.deep.equal([256, 256, 88]);
    expect(batchesOf(Array(70).fill(65_536)).map((each) => each.length)).to.deep.equal([64, 6]);
    expect(batchesOf([])).to.deep.equal([]);
    // The parts of one table, the first of which is small.
    expect(batchesOf([1_000, 70_000, 2_000, 3_000])).to.deep.equal([[1_000], [70_000], [2_000, 3_000]]);
  });

  it('are all of them, in their order, and never more than is laid down at a time (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(200), fc.nat(65_536), fc.nat(200_000)), { maxLength: 400 }), (sizes) => {
        const batches = batchesOf(sizes);
        expect(batches.flat()).to.deep.equal(sizes);
        for (const batch of batches.filter((each) => each.length > 1)) {
          expect(Math.max(...batch)).to.be.at.most(65_536);
          expect(batch.reduce((sum, bytes) => sum + bytes, 0)).to.be.at.most(4 * mib);
        }
      }),
    );
  });
});
