import { expect } from 'chai';
import { planBackup } from '../../../src/model/backup-plan.ts';
import { planRestore } from '../../../src/model/restore-plan.ts';
import { chainsOf, endOfLongestChain, largestGapMs, olderPoint } from '../../../src/model/restore-points.ts';
import { chainOf } from '../../support/link.ts';

const member = (id: string, set = 'backup-2026-11-22', sealed = true) => ({
  set,
  service: 'agama',
  id,
  files: sealed ? [{ name: 'manifest.json' }] : [],
});
const ids = (members: readonly { id: string }[]) => members.map((each) => each.id);

const lastWeek = [
  member('full-20261115T013000Z', 'backup-2026-11-15'),
  member('incr-20261116T013000Z', 'backup-2026-11-15'),
];
const thisWeek = [
  member('full-20261122T013000Z'),
  member('incr-20261123T013000Z'),
  member('incr-20261124T013000Z'),
  member('full-20261125T013000Z'),
  member('incr-20261126T013000Z'),
];
const all = [...lastWeek, ...thisWeek];

describe('restore points', () => {
  it('lie in chains: a full and what follows it in its set', () => {
    expect(chainsOf(all, 'agama').map(ids)).to.deep.equal([
      ids(lastWeek),
      ids(thisWeek.slice(0, 3)),
      ids(thisWeek.slice(3)),
    ]);
    expect(chainsOf(all, 'grafana')).to.deep.equal([]);
  });

  it('do not cross a set, and leave out what has no manifest', () => {
    const orphan = member('incr-20261129T013000Z', 'backup-2026-11-29');
    const unsealed = member('incr-20261127T013000Z', 'backup-2026-11-22', false);
    expect(chainsOf([...all, unsealed, orphan], 'agama').map((chain) => chain.length)).to.deep.equal([2, 3, 2, 1]);
  });

  it('know the longest chain of the week, where it is not the newest', () => {
    expect(endOfLongestChain(chainsOf(all, 'agama'))?.id).to.equal('incr-20261124T013000Z');
    expect(endOfLongestChain(chainsOf(thisWeek.slice(0, 3), 'agama'))).to.equal(undefined);
    expect(endOfLongestChain([])).to.equal(undefined);
  });

  it('tell the longest time without one since the last drill', () => {
    const chains = chainsOf(all, 'agama');
    const day = 86_400_000;
    const at = (instant: string) => new Date(instant);
    expect(largestGapMs(chains, at('2026-11-01T00:00:00Z'), at('2026-11-28T00:00:00Z'))).to.equal(6 * day);
    expect(largestGapMs(chains, at('2026-11-22T02:00:00Z'), at('2026-11-28T00:00:00Z'))).to.equal(day);
    expect(largestGapMs(chains, at('2026-11-27T00:00:00Z'), at('2026-11-28T00:00:00Z'))).to.equal(null);
    expect(largestGapMs(chains, at('2026-11-01T00:00:00Z'), at('2026-11-16T12:00:00Z'))).to.equal(day);
  });

  it('are picked by chance from all but the newest', () => {
    const chains = chainsOf(all, 'agama');
    expect(olderPoint(chains, 0)?.id).to.equal('full-20261115T013000Z');
    expect(olderPoint(chains, 0.9999)?.id).to.equal('full-20261125T013000Z');
    expect(olderPoint([thisWeek.slice(0, 1)], 0.5)).to.equal(undefined);
  });
});

describe('planRestore with increments', () => {
  const at = (instant: string, cover = false) => ids(planRestore(all, 'agama', new Date(instant), cover).chain);

  it('takes the chain of the newest point, and of an older one what leads to it', () => {
    expect(at('2026-11-28T00:00:00Z')).to.deep.equal(ids(thisWeek.slice(3)));
    expect(at('2026-11-24T01:30:00Z')).to.deep.equal(ids(thisWeek.slice(0, 3)));
    expect(at('2026-11-21T00:00:00Z')).to.deep.equal(ids(lastWeek));
    expect(at('2026-11-01T00:00:00Z')).to.deep.equal([]);
  });

  it('adds the member whose log covers the moment, and never a new full', () => {
    expect(at('2026-11-23T12:00:00Z', true)).to.deep.equal(ids(thisWeek.slice(0, 3)));
    expect(at('2026-11-24T12:00:00Z', true)).to.deep.equal(ids(thisWeek.slice(0, 3)));
    expect(at('2026-11-21T12:00:00Z', true)).to.deep.equal(ids(lastWeek));
  });

  it('takes increments without their full, so that the chain check names it', () => {
    const orphans = thisWeek.slice(1, 3);
    expect(ids(planRestore(orphans, 'agama', new Date('2026-11-28T00:00:00Z')).chain)).to.deep.equal(ids(orphans));
  });
});

describe('planBackup', () => {
  const startedAt = new Date('2026-11-26T01:30:00Z');
  const wish = { kind: 'incremental', dependence: 'previous', unreadable: undefined, startedAt } as const;

  it('builds on a sound chain', () => {
    const links = chainOf([24, 48], 'previous');
    expect(planBackup({ ...wish, links })).to.deep.equal({ kind: 'incremental', chain: links });
  });

  it('makes a full when it is asked to, or the engine knows nothing else, without a reason', () => {
    const links = chainOf([24], 'previous');
    expect(planBackup({ ...wish, kind: 'full', links })).to.deep.equal({ kind: 'full', because: null });
    expect(planBackup({ ...wish, dependence: undefined, links })).to.deep.equal({ kind: 'full', because: null });
  });

  it('makes a full, and says why, when there is nothing sound to build on', () => {
    const because = (links: ReturnType<typeof chainOf>, change: { unreadable?: string; startedAt?: Date } = {}) => {
      const plan = planBackup({ ...wish, links, ...change });
      return plan.kind === 'full' ? plan.because : 'an increment';
    };
    const links = chainOf([24, 48, 72], 'previous');
    expect(because([])).to.equal('this week has no full backup yet');
    expect(because(links, { unreadable: 'x is not genuine' })).to.equal('x is not genuine');
    expect(because(links.toSpliced(2, 1))).to.match(/which is not in the vault$/);
    expect(because(links, { startedAt: new Date('2026-11-29T01:31:00Z') })).to.match(/is more than a week old$/);
    const before = because(links, { startedAt: new Date('2026-11-24T00:00:00Z') });
    expect(before).to.equal('incr-20261125T013000Z began later than it is now: a clock was set');
  });
});
