import { expect } from 'chai';
import fc from 'fast-check';
import { type Moment, momentNow, offsetsOf, passedBetween } from '../../../src/kit/boot-clock.ts';

const moment = (upMs: number, at: string, boot = 'a'): Moment => ({ at: `2026-11-29T${at}:00.000Z`, boot, upMs });

describe('the clock of a boot', () => {
  it('does not mind a wall clock that was set between two moments', () => {
    const from = moment(1_000, '10:00');
    expect(passedBetween(from, moment(61_000, '09:00'))).to.deep.equal({ ms: 60_000, steady: true });
    expect(passedBetween(from, moment(61_000, '23:00'))).to.deep.equal({ ms: 60_000, steady: true });
  });

  it('falls back to the wall clock across a boot, and says so', () => {
    const from = moment(900_000, '10:00');
    expect(passedBetween(from, moment(5_000, '10:10', 'b'))).to.deep.equal({ ms: 600_000, steady: false });
    expect(passedBetween(from, moment(5_000, '09:10', 'b'))).to.deep.equal({ ms: 0, steady: false });
  });

  it('has only the wall clock where the system does not tell of boots', () => {
    expect(passedBetween(moment(0, '10:00', ''), moment(0, '10:01', ''))).to.deep.equal({ ms: 60_000, steady: false });
  });

  it('adds up over a boot: what was before it stays as it was measured', () => {
    const moments = [
      moment(1_000, '10:00'),
      moment(61_000, '11:00'),
      moment(5_000, '11:02', 'b'),
      moment(6_000, '08:00', 'b'),
    ];
    expect(offsetsOf(moments)).to.deep.equal([0, 60_000, 180_000, 181_000]);
  });

  it('never goes back, whatever clocks and boots do (property)', () => {
    const any = fc.record({
      at: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((each) => each.toISOString()),
      boot: fc.constantFrom('a', 'b', ''),
      upMs: fc.integer({ min: 0, max: 1e9 }),
    });
    fc.assert(
      fc.property(fc.array(any), (moments) => {
        const offsets = offsetsOf(moments);
        expect(offsets).to.have.length(moments.length);
        expect(offsets).to.deep.equal(offsets.toSorted((a, b) => a - b));
      }),
    );
  });

  it('is read from this machine, the same boot each time', () => {
    const [first, second] = [momentNow(), momentNow()];
    expect(first.boot).to.match(/^[0-9a-f-]{36}$/);
    expect(second.boot).to.equal(first.boot);
    expect(second.upMs).to.be.at.least(first.upMs);
    expect(first.upMs).to.be.above(0);
  });
});
