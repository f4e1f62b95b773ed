import { expect } from 'chai';
import fc from 'fast-check';
import { memberIdOf, parseMemberId, parseSetName, setNameOf } from '../../../src/model/backup-set.ts';
import { planRestore } from '../../../src/model/restore-plan.ts';

describe('names of sets and members', () => {
  it('names the week by its Sunday in the time zone', () => {
    expect(setNameOf(new Date('2026-11-22T01:30:00Z'), 'UTC')).to.equal('backup-2026-11-22');
    expect(setNameOf(new Date('2026-11-28T23:59:59Z'), 'UTC')).to.equal('backup-2026-11-22');
    expect(setNameOf(new Date('2026-11-21T23:30:00Z'), 'UTC')).to.equal('backup-2026-11-15');
    // Half past one on Sunday in Tallinn is still Saturday in UTC.
    expect(setNameOf(new Date('2026-11-21T23:30:00Z'), 'Europe/Tallinn')).to.equal('backup-2026-11-22');
    expect(setNameOf(new Date('2028-02-29T12:00:00Z'), 'UTC')).to.equal('backup-2028-02-27');
  });

  it('reads back what it names, for any instant (property)', () => {
    const instants = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(instants, fc.constantFrom('UTC', 'Europe/Tallinn', 'America/New_York'), (instant, zone) => {
        const sunday = parseSetName(setNameOf(instant, zone));
        const ageDays = (instant.getTime() - (sunday?.getTime() ?? Number.NaN)) / 86_400_000;
        expect(ageDays).to.be.within(-1, 8);
        const id = memberIdOf('incremental', instant);
        expect(parseMemberId(id)?.startedAt.getTime()).to.equal(Math.floor(instant.getTime() / 1000) * 1000);
      }),
    );
  });

  it('refuses what is no name of its own', () => {
    for (const bad of ['backup-2026-11-23', 'backup-2026-02-30', 'backup-2026-11-22x', '../backup-2026-11-22', '']) {
      expect(parseSetName(bad), bad).to.equal(undefined);
    }
    for (const bad of ['full-20261322T013000Z', 'full-20261122', 'copy-20261122T013000Z', 'full-20261122T013000Z-2']) {
      expect(parseMemberId(bad), bad).to.equal(undefined);
    }
  });
});

describe('planRestore', () => {
  const member = (id: string, service = 'agama', sealed = true) => ({
    set: 'backup-2026-11-22',
    service,
    id,
    files: sealed ? [{ name: 'manifest.json' }] : [],
  });
  const noon = new Date('2026-11-22T12:00:00Z');

  it('takes the newest sealed full at or before the moment', () => {
    const members = ['full-20261115T013000Z', 'full-20261122T013000Z', 'full-20261122T130000Z'].map((id) => member(id));
    expect(planRestore(members, 'agama', noon).chain.map((m) => m.id)).to.deep.equal(['full-20261122T013000Z']);
    expect(planRestore(members, 'agama', noon).restorable).to.equal(2);
  });

  it('shows a folder without a manifest that is newer than what it restores', () => {
    const members = [member('full-20261122T013000Z'), member('full-20261122T020000Z', 'agama', false)];
    expect(planRestore(members, 'agama', noon).unsealed.map((m) => m.id)).to.deep.equal(['full-20261122T020000Z']);
  });

  it('finds nothing for a service that has nothing', () => {
    expect(planRestore([member('full-20261122T013000Z', 'grafana')], 'agama', noon)).to.deep.include({
      chain: [],
      restorable: 0,
    });
  });
});
