import { expect } from 'chai';
import { Cancellation } from '../../../src/kit/cancellation.ts';
import { collectGarbage } from '../../support/garbage.ts';

const reasonOf = (work: Promise<unknown>) => work.then(String, (error: Error) => error.message);

describe('a cancellation', () => {
  it('lets through what comes of the work', async () => {
    const cancellation = new Cancellation();
    expect(await cancellation.race(Promise.resolve(3))).to.equal(3);
    expect(await reasonOf(cancellation.race(Promise.reject(new Error('broken'))))).to.equal('broken');
  });

  it('ends all that waits, and all that is begun afterwards, for its first reason', async () => {
    const cancellation = new Cancellation();
    const never = new Promise(() => {});
    const waiting = [cancellation.race(never), cancellation.race(never)].map(reasonOf);
    cancellation.cancel(new Error('stopped'));
    cancellation.cancel(new Error('stopped again'));
    expect(await Promise.all([...waiting, reasonOf(cancellation.race(never))])).to.deep.equal(Array(3).fill('stopped'));
  });

  it('holds no result', async () => {
    const cancellation = new Cancellation();
    await cancellation.race(Promise.resolve(0));
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 100; i += 1) await cancellation.race(Promise.resolve(Array(12_500).fill(i)));
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before, 'bytes after 100 results of 100,000').to.be.below(2_000_000);
  });
});
