import { expect } from 'chai';
import { judgeClock, judgeOffset } from '../../../../src/cli/doctor/clock.ts';

const chrony = (status: string) => `Reference ID    : C0A80001\nStratum         : 3\nLeap status     : ${status}\n`;

describe('judgeClock', () => {
  it('believes the tool that is there, and either when both are', () => {
    expect(judgeClock('yes\n', undefined).ok).to.equal(true);
    expect(judgeClock(undefined, chrony('Normal')).ok).to.equal(true);
    expect(judgeClock('no\n', chrony('Normal')).ok).to.equal(true);
    expect(judgeClock('no\n', undefined)).to.include({ ok: false });
    expect(judgeClock(undefined, chrony('Not synchronised'))).to.include({ ok: false });
    expect(judgeClock('no', chrony('Not synchronised')).advice).to.match(/timedatectl/);
  });

  it('says that nothing tells, where nothing does', () => {
    expect(judgeClock(undefined, undefined).what).to.match(/nothing here tells/);
    expect(judgeClock('', undefined).what).to.match(/nothing here tells/);
  });
});

describe('judgeOffset', () => {
  const now = 1_800_000_000_500;

  it('tolerates whole seconds, the time of asking, and five seconds', () => {
    for (const there of [1_800_000_000_000, 1_799_999_996_000, 1_800_000_005_000]) {
      expect(judgeOffset(there, now, now).ok, String(there)).to.equal(true);
    }
    expect(judgeOffset(1_800_000_010_000, now, now + 10_000).ok).to.equal(true);
  });

  it('says how far a clock is off, and to which side', () => {
    expect(judgeOffset(1_800_000_060_000, now, now)).to.include({ ok: false });
    expect(judgeOffset(1_800_000_060_000, now, now).what).to.match(/59\.5 s ahead of/);
    expect(judgeOffset(1_799_999_900_000, now, now).what).to.match(/1 m 41 s behind|1 m 40 s behind/);
  });

  it('takes what is no number for a problem', () => {
    expect(judgeOffset(Number('date: invalid') * 1000, now, now)).to.include({ ok: false });
  });
});
