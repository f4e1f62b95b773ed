import { expect } from 'chai';
import { Throttle } from '../../../src/kit/throttle.ts';

describe('throttle', () => {
  /** A throttle on a clock that only waiting moves. */
  function throttle(bytesPerSecond: number) {
    const clock = { nowMs: 1000 };
    const waits: number[] = [];
    const wait = async (ms: number) => {
      waits.push(ms);
      clock.nowMs += ms;
    };
    return { clock, waits, throttle: new Throttle(bytesPerSecond, () => clock.nowMs, wait) };
  }

  it('makes each wait for the time of what was taken before', async () => {
    const { clock, waits, throttle: given } = throttle(1000);
    await given.take(500);
    await given.take(200);
    await given.take(1);
    expect(waits).to.deep.equal([500, 200]);
    expect(clock.nowMs).to.equal(1700);
  });

  it('is shared by all who take at once', async () => {
    const waits: number[] = [];
    const given = new Throttle(
      1000,
      () => 5,
      async (ms) => waits.push(ms),
    );
    await Promise.all([given.take(100), given.take(100), given.take(100)]);
    expect(waits).to.deep.equal([100, 200]);
  });

  it('saves nothing up while nobody takes, and never waits without a limit', async () => {
    const { clock, waits, throttle: given } = throttle(1000);
    await given.take(100);
    clock.nowMs += 60_000;
    await given.take(100);
    await given.take(100);
    expect(waits).to.deep.equal([100]);
    const { waits: none, throttle: open } = throttle(Number.POSITIVE_INFINITY);
    for (let i = 0; i < 3; i++) await open.take(1 << 30);
    expect(none).to.deep.equal([]);
  });
});
