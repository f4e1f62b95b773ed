import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { sideBySide } from '../../saboteurs/side-by-side.ts';

describe('work side by side', () => {
  it('keeps its order, goes no wider than its lanes, and lets one fail alone', async () => {
    let [now, most] = [0, 0];
    const results = sideBySide([5, 1, 3, 2], 2, async (ms) => {
      now += 1;
      most = Math.max(most, now);
      await sleep(ms);
      now -= 1;
      if (ms === 1) throw new Error('one of them');
      return ms;
    });
    expect(await results[0]).to.equal(5);
    expect(await results[1]?.catch((error: Error) => error.message)).to.equal('one of them');
    expect(await Promise.all(results.slice(2))).to.deep.equal([3, 2]);
    expect(most).to.equal(2);
  });
});
