import { expect } from 'chai';
import { Stopwatch } from '../../../src/flow/stopwatch.ts';
import { testActivity } from '../../support/activity.ts';

/** A clock that moves only when a test says so; its wall clock steps back an hour at each look. */
function handClock() {
  let ms = 0;
  let wall = Date.parse('2026-10-25T03:00:00Z');
  return {
    advance: (by: number) => {
      ms += by;
    },
    now: () => {
      wall -= 3_600_000;
      return new Date(wall);
    },
    monotonicMs: () => ms,
  };
}

describe('Stopwatch', () => {
  it('times phases on the monotonic clock, whatever the wall clock does', async () => {
    const clock = handClock();
    const watch = new Stopwatch({ ...testActivity(), clock });
    await watch.phase('restore', 'agama', async () => clock.advance(1500));
    expect(watch.phases).to.deep.equal([{ service: 'agama', phase: 'restore', startMs: 0, endMs: 1500 }]);
  });

  it('notes a phase that fails', async () => {
    const clock = handClock();
    const watch = new Stopwatch({ ...testActivity(), clock });
    const failing = watch.phase('boot', null, async () => {
      clock.advance(7);
      throw new RangeError('no');
    });
    await failing.catch(() => {});
    expect(watch.phases[0]?.endMs).to.equal(7);
  });

  it('notices that its clock has gone back, also when that happened before the first look', () => {
    const clock = handClock();
    const watch = new Stopwatch({ ...testActivity(), clock });
    clock.advance(-20);
    watch.elapsedMs();
    expect(watch.steppedBackMs).to.equal(20);
    for (const by of [100, -50, 10, -5, 200]) {
      clock.advance(by);
      watch.elapsedMs();
    }
    expect(watch.steppedBackMs).to.equal(50);
  });

  it('takes the union of overlapping native work from the whole', async () => {
    const watch = new Stopwatch({ ...testActivity(), clock: handClock() });
    const native = (startMs: number, endMs: number) => watch.native.push({ service: 'a', label: 'x', startMs, endMs });
    native(100, 400);
    native(300, 600);
    native(350, 380);
    native(900, 2000);
    // Of 1000 ms: 100–600 and 900–1000 were native.
    expect(watch.ownCostMs(1000)).to.equal(400);
    expect(new Stopwatch({ ...testActivity(), clock: handClock() }).ownCostMs(1000)).to.equal(1000);
  });
});
