import { expect } from 'chai';
import type { Journal } from '../../../src/model/journal.ts';
import { drilledServices, isProven, proofOf } from '../../../src/model/proof.ts';
import { restoreRecord, sampleJournal } from '../../support/journal.ts';
import { failed, passed, unclear } from '../../support/results.ts';

const [sample] = sampleJournal().services;
const good = [passed('rpo'), passed('content'), passed('isolation', null), passed('self-check', null)];

/** A drill of agama in that night of November, newest point, all well; `change` makes another one of it. */
function drillOf(day: number, change: Partial<Journal> = {}): Journal {
  const startedAt = `2026-11-${day}T02:15:00.000Z`;
  const { drill, ...journal } = sampleJournal({ checks: good });
  const id = `202611${day}T021500Z-nightly`;
  return { ...journal, drill: { ...drill, id, startedAt, asOf: startedAt }, ...change };
}

const outcomeOf = (change: Partial<Journal>) => drilledServices(drillOf(22, change))[0]?.outcome;
const proof = (...journals: Journal[]) => proofOf(journals.flatMap(drilledServices), 'onsite', 'agama');
const ref = { set: 'backup-2026-11-22', service: 'agama', id: 'full-20261122T013000Z' };
const hash = 'ab'.repeat(32);

describe('what a drill says of a service', () => {
  it('is pass only when it came back and each of its checks passed', () => {
    expect(outcomeOf({})).to.equal('pass');
    expect(outcomeOf({ checks: [...good, failed('rows')] })).to.equal('fail');
    expect(outcomeOf({ checks: [...good, unclear('rows')] })).to.equal('inconclusive');
    expect(outcomeOf({ checks: [...good, { ...passed('rows'), outcome: 'not-run' }] })).to.equal('inconclusive');
    expect(outcomeOf({ services: [{ ...sample, readyMs: null } as never] })).to.equal('inconclusive');
    expect(outcomeOf({ services: [{ ...sample, members: [] } as never] })).to.equal('inconclusive');
    expect(outcomeOf({ checks: [] }), 'no evidence').to.equal('inconclusive');
  });

  it('is nothing when it is a real restore', () => {
    expect(drilledServices(drillOf(22, { restore: restoreRecord() }))).to.deep.equal([]);
  });

  it('does not hold the failure of another service against it', () => {
    const checks = [...good, failed('rows', 'grafana'), failed('coverage', null)];
    expect(outcomeOf({ checks, rto: { objectiveMs: 1_800_000, usedMs: null } })).to.equal('pass');
  });

  it('is no pass where the drill as a whole is no evidence, or was late, or an older point was bad', () => {
    expect(outcomeOf({ checks: [...good, failed('isolation', null)] })).to.equal('fail');
    expect(outcomeOf({ checks: [...good, unclear('self-check', null)] })).to.equal('inconclusive');
    expect(outcomeOf({ rto: { objectiveMs: 1_000, usedMs: 1_000 } })).to.equal('pass');
    expect(outcomeOf({ rto: { objectiveMs: 1_000, usedMs: 1_001 } })).to.equal('fail');
    const older = { reason: 'random', service: 'agama', verdict: 'fail' } as Journal['excursions'][0];
    expect(outcomeOf({ excursions: [older] })).to.equal('fail');
    expect(outcomeOf({ excursions: [{ ...older, service: 'grafana' }] })).to.equal('pass');
    expect(outcomeOf({ excursions: [{ ...older, reason: 'last-good' }] })).to.equal('pass');
  });
});

describe('what drills have proven', () => {
  const bad = { checks: [...good, failed('rows')] };

  it('are the members of drills that passed, with their hashes', () => {
    const proven = proof(drillOf(23, bad), drillOf(22));
    expect(proven.proven).to.deep.equal([{ ...ref, manifestSha256: hash }]);
    expect(isProven(proven, ref, hash)).to.equal(true);
    expect(isProven(proven, ref, 'cd'.repeat(32)), 'other bytes').to.equal(false);
    expect(isProven(proven, { ...ref, service: 'grafana' }, hash)).to.equal(false);
    expect(isProven(proof(drillOf(23, bad)), ref, hash)).to.equal(false);
  });

  it('is told with the newest drill', () => {
    expect(proof(drillOf(23), drillOf(22, bad)).newest).to.include({
      outcome: 'pass',
      drill: '20261123T021500Z-nightly',
    });
    expect(proof(drillOf(23, bad), drillOf(22)).newest).to.include({ outcome: 'fail' });
    expect(proof().newest).to.equal(null);
  });

  it('does not mend a bad newest point by a good older one, but hears of a bad older one', () => {
    const at = (day: number, change: Partial<Journal> = {}) => {
      const journal = drillOf(day, change);
      return { ...journal, drill: { ...journal.drill, asOf: '2026-11-21T00:00:00.000Z' } };
    };
    expect(proof(at(24), drillOf(23, bad)).newest).to.include({ outcome: 'fail', ofNewestPoint: true });
    expect(proof(at(24), drillOf(23, bad)).proven, 'proven all the same').to.have.length(1);
    expect(proof(at(24, bad), drillOf(23)).newest).to.include({ outcome: 'fail', ofNewestPoint: false });
    const before = drillOf(24, { checks: good.filter((each) => each.check !== 'rpo') });
    expect(proof(before, drillOf(23, bad)).newest).to.include({ outcome: 'fail', ofNewestPoint: true });
  });

  it('is of one vault', () => {
    const journal = drillOf(22);
    const offsite = { ...journal, drill: { ...journal.drill, vault: 'offsite' } };
    expect(proof(offsite)).to.deep.equal({ proven: [], newest: null });
  });
});
