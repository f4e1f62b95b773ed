import { hostname } from 'node:os';
import { expect } from 'chai';
import { ownOwner } from '../../../src/kit/owner.ts';
import { isLeft, isStackLeft } from '../../../src/sandbox/reaper.ts';

const now = new Date('2026-11-29T12:00:00Z');
const labelsOf = (owner: string, expires: string) => ({ 'firedrill.owner': owner, 'firedrill.expires': expires });
const [past, future] = ['2026-11-29T11:00:00Z', '2026-11-29T13:00:00Z'];

describe('a pod is left', () => {
  it('when its process is gone, whatever the time', () => {
    const dead = `${hostname()}/${process.pid}/1`;
    expect(isLeft(labelsOf(dead, future), now)).to.equal(true);
    expect(isLeft(labelsOf(dead, past), now)).to.equal(true);
  });

  it('never while its process runs: a clock that was set forward ends no drill', () => {
    expect(isLeft(labelsOf(ownOwner(), past), now)).to.equal(false);
  });

  it('when its time is over, where nobody can see its process', () => {
    expect(isLeft(labelsOf('elsewhere/1/1', past), now)).to.equal(true);
    expect(isLeft(labelsOf('elsewhere/1/1', future), now)).to.equal(false);
  });
});

describe('the stack of a game day is left', () => {
  const dead = `${hostname()}/${process.pid}/1`;
  const labelsOfStack = (raisedBy: string, keptBy: string, expires: string) => ({
    'firedrill.raised-by': raisedBy,
    'firedrill.kept-by': keptBy,
    'firedrill.expires': expires,
  });
  const [there, absent] = [import.meta.filename, '/no/such/stack.json'];

  it('when the process that raised it has ended before it was done', () => {
    expect(isStackLeft(labelsOfStack(dead, absent, future), now)).to.equal(true);
    expect(isStackLeft(labelsOfStack(ownOwner(), absent, future), now)).to.equal(false);
  });

  it('once it was raised, only when its time is over', () => {
    expect(isStackLeft(labelsOfStack(dead, there, future), now)).to.equal(false);
    expect(isStackLeft(labelsOfStack(dead, there, past), now)).to.equal(true);
  });

  it('when its time is over, where nobody can see its process or its folder', () => {
    expect(isStackLeft(labelsOfStack('elsewhere/1/1', absent, future), now)).to.equal(false);
    expect(isStackLeft(labelsOfStack('elsewhere/1/1', absent, past), now)).to.equal(true);
  });
});
