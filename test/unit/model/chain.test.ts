import { expect } from 'chai';
import fc from 'fast-check';
import { chainProblems, type Dependence, type Link, neededFor } from '../../../src/model/chain.ts';
import { chainOf, link } from '../../support/link.ts';

const dependences = fc.constantFrom<Dependence>('previous', 'full');
/** Hours after the full: different, ascending, within the week. */
const hours = fc
  .uniqueArray(fc.integer({ min: 1, max: 168 }), { minLength: 2, maxLength: 40 })
  .map((each) => each.sort((a, b) => a - b));
const kinds = (links: readonly Link[], dependence: Dependence) =>
  chainProblems(links, dependence).map(({ kind, id }) => `${kind} ${id}`);
const without = (links: readonly Link[], index: number) => links.filter((_, i) => i !== index);

describe('chains', () => {
  it('finds nothing wrong with what was built rightly (property)', () => {
    fc.assert(
      fc.property(hours, dependences, (times, dependence) => {
        expect(chainProblems(chainOf(times, dependence), dependence)).to.deep.equal([]);
      }),
    );
  });

  it('names the member after a missing one, where each builds on the one before (property)', () => {
    fc.assert(
      fc.property(hours, fc.nat(), (times, pick) => {
        const links = chainOf(times, 'previous');
        const missing = 1 + (pick % (links.length - 2));
        expect(kinds(without(links, missing), 'previous')).to.deep.equal([`gap ${links[missing + 1]?.manifest.id}`]);
      }),
    );
  });

  it('needs no other increment where each builds on the full (property)', () => {
    fc.assert(
      fc.property(hours, fc.nat(), (times, pick) => {
        const links = chainOf(times, 'full');
        expect(kinds(without(links, 1 + (pick % (links.length - 1))), 'full')).to.deep.equal([]);
      }),
    );
  });

  it('misses the full in all that build on it (property)', () => {
    fc.assert(
      fc.property(hours, dependences, (times, dependence) => {
        const orphans = chainOf(times, dependence).slice(1);
        expect(kinds(orphans, dependence)[0]).to.equal(`no-full ${orphans[0]?.manifest.id}`);
      }),
    );
  });

  it('sees a fork: two members that build on one', () => {
    const links = chainOf([24, 48], 'previous');
    const twin = link(72, links[1] as Link);
    const [problem] = chainProblems([...links, twin], 'previous');
    expect(problem).to.include({ kind: 'fork', id: 'incr-20261125T013000Z' });
    expect(problem?.sentence).to.equal(
      'incr-20261124T013000Z and incr-20261125T013000Z both build on incr-20261123T013000Z',
    );
  });

  it('sees a parent of the same name with another content', () => {
    const links = chainOf([24, 48], 'previous');
    const [full, first, second] = links as [Link, Link, Link];
    const changed = { ...first, manifestSha256: 'f'.repeat(64) };
    expect(kinds([full, changed, second], 'previous')).to.deep.equal([`other-parent ${second.manifest.id}`]);
  });

  it('sees a member of another server, whatever its parent', () => {
    const [full] = chainOf([], 'previous') as [Link];
    const source = { host: 'docker:db', identity: { serverId: 'b2' }, engineVersion: '9.7.4' };
    const foreign = link(24, full, { source });
    expect(chainProblems([full, foreign], 'previous')).to.deep.equal([
      {
        kind: 'foreign',
        id: 'incr-20261123T013000Z',
        sentence: 'incr-20261123T013000Z comes from another server than full-20261122T013000Z',
        expected: 'mysql a1',
        found: 'mysql b2',
      },
    ]);
  });

  it('sees data that goes back in time, and a chain that outlives its week', () => {
    const [full] = chainOf([], 'previous') as [Link];
    const back = link(24, full, { dataAt: '2026-11-22T01:00:00.000Z' });
    expect(kinds([full, back], 'previous')).to.deep.equal(['order incr-20261123T013000Z']);
    expect(kinds([full, link(168, full)], 'previous')).to.deep.equal([]);
    expect(kinds([full, link(169, full)], 'previous')).to.deep.equal(['too-long incr-20261129T023000Z']);
  });

  it('takes no second full into a chain', () => {
    const [full] = chainOf([], 'previous') as [Link];
    expect(kinds([full, link(24, null)], 'previous')).to.deep.equal(['second-full full-20261123T013000Z']);
  });

  it('knows what a restore point needs (property)', () => {
    fc.assert(
      fc.property(hours, dependences, fc.nat(), (times, dependence, pick) => {
        const links = chainOf(times, dependence);
        const index = pick % links.length;
        const needed = neededFor(links, index, dependence);
        expect(needed[0]).to.equal(links[0]);
        expect(needed.at(-1)).to.equal(links[index]);
        expect(chainProblems(needed, dependence)).to.deep.equal([]);
        expect(needed).to.have.length(dependence === 'previous' ? index + 1 : Math.min(index + 1, 2));
      }),
    );
  });
});
