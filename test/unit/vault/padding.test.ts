import { expect } from 'chai';
import fc from 'fast-check';
import { padded, paddedSize } from '../../../src/vault/padding.ts';

describe('padding', () => {
  it('never makes less, costs an eighth at most, and nothing for what is padded already', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4096, max: 2 ** 45 }), (bytes) => {
        const size = paddedSize(bytes);
        expect(size).to.be.at.least(bytes);
        expect(size).to.be.at.most(bytes * 1.125);
        expect(paddedSize(size)).to.equal(size);
      }),
    );
  });

  it('leaves few sizes: between 1 and 2 GiB there are 32', () => {
    const gib = 2 ** 30;
    const sizes = new Set(
      Array.from({ length: 100_000 }, (_, i) => paddedSize(gib + 1 + Math.floor((i * gib) / 100_001))),
    );
    expect(sizes.size).to.equal(32);
    expect([0, 1, 4096].map(paddedSize)).to.deep.equal([4096, 4096, 4096]);
  });

  it('adds zeros, and tells how long the content was', async () => {
    let told = -1;
    const content = (async function* () {
      yield Buffer.from('hello');
    })();
    const whole = Buffer.concat(await Array.fromAsync(padded(content, (bytes) => (told = bytes))));
    expect([told, whole.length, whole.subarray(0, 5).toString()]).to.deep.equal([5, 4096, 'hello']);
    expect(whole.subarray(5).every((byte) => byte === 0)).to.equal(true);
  });
});
