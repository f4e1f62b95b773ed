import { expect } from 'chai';
import type { AnyEngine } from '../../../src/engines/engine.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { testActivity } from '../../support/activity.ts';
import { drillFixture } from '../../support/drill-fixture.ts';
import { fileEngine } from '../../support/file-engine.ts';
import { rejectionOf } from '../../support/rejection.ts';

/** The file engine; `during` happens in the middle of a dump. */
function engineThat(during: () => Promise<void>): AnyEngine {
  return {
    ...fileEngine,
    backupFull: async (...order) => {
      await during();
      return fileEngine.backupFull(...order);
    },
  };
}

describe('backUp', () => {
  it('does not interleave with another backup of the same service, and does with one of another', async () => {
    await using given = await drillFixture();
    let refused: FiredrillError | undefined;
    const engine = engineThat(async () => {
      refused = await rejectionOf(given.backUpAgain('one'));
      await given.backUpAgain('two');
    });
    await given.backUpAgain('one', testActivity(), engine);
    expect(refused).to.include({ code: 'LOCKED', exit: 11 });
    expect(refused?.message).to.match(/^one in vault onsite is locked: backup by process/);
    expect((await given.vault.list()).members.map((each) => each.service)).to.deep.equal(['one', 'two']);
  });

  it('begins in another second than the one before, by which members are named', async () => {
    await using given = await drillFixture();
    for (let i = 0; i < 3; i += 1) await given.backUpAgain('one');
    expect((await given.vault.list()).members).to.have.length(3);
    const at = new Date();
    // Its seconds are a tenth as long: nobody wants to wait for a clock that stands still.
    const monotonicMs = () => performance.now() * 10;
    const stopped = { ...testActivity(), clock: { now: () => at, monotonicMs } };
    await given.backUpAgain('two', stopped);
    const refused = await rejectionOf(given.backUpAgain('two', stopped));
    expect(refused).to.include({ code: 'VAULT_WRITE' });
    expect(refused.message).to.match(/^the clock stands still since backup-[\d-]+\/two\/full-\w+ began$/);
  });

  it('waits for the second itself: a timer may ring too early, and a clock may be set back a little', async () => {
    await using given = await drillFixture();
    const instants = ['10:00:00.700', '10:00:00.980', '10:00:00.998', '09:59:59.900', '10:00:01.003'];
    const clock = {
      ...systemClock,
      now: () => new Date(`2026-11-24T${instants.length > 1 ? instants.shift() : instants[0]}Z`),
    };
    const first = { ...clock, now: () => new Date('2026-11-24T10:00:00.100Z') };
    await given.backUpAgain('one', { ...testActivity(), clock: first });
    const { id } = await given.backUpAgain('one', { ...testActivity(), clock });
    expect(id).to.equal('full-20261124T100001Z');
  });

  it('does not wait where a clock was set back by much, and builds on nothing of later', async () => {
    await using given = await drillFixture();
    await given.backUpAt('one', '2026-11-24T10:00:00Z', 'later', 'full');
    const { id, promoted } = await given.backUpAt('one', '2026-11-24T09:00:00Z', 'now');
    expect(id).to.equal('full-20261124T090000Z');
    expect(promoted).to.equal('full-20261124T100000Z began later than it is now: a clock was set');
  });

  it('releases the service when the dump fails', async () => {
    await using given = await drillFixture();
    const engine = engineThat(() => Promise.reject(new FiredrillError('BACKUP_INCOMPLETE', 'the dump ended early')));
    expect((await rejectionOf(given.backUpAgain('one', testActivity(), engine))).code).to.equal('BACKUP_INCOMPLETE');
    await given.backUpAgain('one');
  });

  it('seals nothing when it lost its lock, and tells of a lock that was left', async () => {
    await using given = await drillFixture();
    const { vault } = given;
    const lost = new FiredrillError('LOCKED', 'the lock of one was lost');
    given.vault.lock = async () => ({
      tookOver: 'one was locked by a process that is gone',
      assertHeld: () => Promise.reject(lost),
      [Symbol.asyncDispose]: async () => {},
    });
    const activity = testActivity();
    expect(await rejectionOf(given.backUpAgain('one', activity))).to.equal(lost);
    expect(await vault.list()).to.deep.equal({ members: [], partial: [], foreign: [] });
    expect(activity.events).to.deep.include({
      service: 'one',
      phase: 'lock',
      text: 'taken over: one was locked by a process that is gone',
    });
  });
});
