import { expect } from 'chai';
import type { AnyEngine } from '../../src/engines/engine.ts';
import { drill } from '../../src/flow/drill.ts';
import { pick, seeded, shuffled } from '../../src/kit/random.ts';
import type { Journal } from '../../src/model/journal.ts';
import { renderHtml } from '../../src/report/render-html.ts';
import { renderJunit } from '../../src/report/render-junit.ts';
import { type Saboteur, saboteurs } from '../../src/saboteurs/index.ts';
import { VerifiedMember } from '../../src/vault/verified-member.ts';
import { testActivity } from '../support/activity.ts';
import { drillFixture, drillService } from '../support/drill-fixture.ts';
import { fileEngine } from '../support/file-engine.ts';
import { passed } from '../support/results.ts';

/** A seed by which a drill of one service tries this saboteur first. */
function seedFor(wanted: (saboteur: Saboteur) => boolean): number {
  for (let seed = 0; seed < 10_000; seed += 1) {
    const random = seeded(seed);
    pick(random, ['one']);
    if (shuffled(random, saboteurs).slice(0, 1).some(wanted)) return seed;
  }
  throw new Error('no seed was found');
}

describe('the planted fault', function () {
  this.timeout(120_000);
  let given: Awaited<ReturnType<typeof drillFixture>>;

  before(async () => {
    given = await drillFixture();
    // Text that does not compress: an artifact is large enough to be damaged in its middle.
    const text = Array.from({ length: 40 }, (_, i) => seeded(i)().toString(36)).join('');
    const agoMs = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    await given.backUpAt('one', agoMs(0.4), text, 'full');
    await given.backUpAt('one', agoMs(0.3), text.repeat(2));
    await given.backUpAt('one', agoMs(0.2), text.repeat(3));
  });
  after(() => given?.[Symbol.asyncDispose]());

  const drilled = (plantedSeed: number, engine: AnyEngine = fileEngine): Promise<Journal> => {
    const services = [{ ...drillService('one'), engine }];
    return drill({ ...given.order, services, plantedSeed }, testActivity());
  };

  it('is caught, outside the restore time, and told to people and to CI', async () => {
    const seed = seedFor(({ id }) => id === 'S31');
    const journal = await drilled(seed);
    const { verdict, planted, checks, phases } = journal;
    expect(verdict, JSON.stringify(checks.filter((each) => each.outcome !== 'pass'))).to.include({ verdict: 'pass' });
    expect(planted).to.include({ seed, saboteur: 'S31', service: 'one', resealed: false, caughtBy: 'chain' });
    expect(planted?.sentence).to.match(/^one: incr-\S+ builds on incr-\S+, which is not in the vault$/);
    expect(phases.filter((each) => each.phase === 'restore')).to.have.length(1);
    expect(renderHtml(journal)).to.contain('Would the drill have noticed?').and.to.contain(`--seed ${seed}`);
    expect(renderJunit(journal)).to.contain('planted: Was the fault found');
  });

  it('is the same for the same seed, also where it is hidden by hashes and seals that fit', async () => {
    const seed = seedFor(({ id, resealed }) => id === 'S63' && resealed);
    const [first, second] = [await drilled(seed), await drilled(seed)];
    expect(first.planted).to.include({ saboteur: 'S63', resealed: true, caughtBy: 'format' });
    expect(second.planted).to.deep.equal(first.planted);
  });

  it('fails the drill when nobody notices', async () => {
    // An engine that looks at nothing of what it restores, and a drill that decodes nothing: only hashes are left, and they fit.
    const blind: AnyEngine = {
      ...fileEngine,
      restore: (_, bay, activity) => fileEngine.restore([], bay, activity),
      check: async (chain) => ({
        results: [passed('content', 'one')],
        newest: { at: chain.at(-1)?.manifest.dataAt ?? '', basis: 'the text' },
      }),
    };
    const { decodeRest } = VerifiedMember.prototype;
    VerifiedMember.prototype.decodeRest = async () => [];
    const seed = seedFor(({ id, resealed }) => id === 'S63' && resealed);
    const { verdict, exitStatus, planted } = await drilled(seed, blind).finally(() => {
      VerifiedMember.prototype.decodeRest = decodeRest;
    });
    expect(planted).to.include({ saboteur: 'S63', caughtBy: null, sentence: '' });
    expect(exitStatus).to.equal(3);
    expect(verdict.sentence).to.match(
      /^The drill cannot be trusted: a fault was planted into a copy of one and nobody noticed: a file holds random/,
    );
  });

  it('is not planted into what has not passed, and the journal says so', async () => {
    const { planted, notes, checks } = await drilled(1, { ...fileEngine, sameVersion: () => false });
    expect(planted).to.equal(null);
    expect(notes.join()).to.contain('no fault was planted');
    expect(checks.some((each) => each.check === 'planted')).to.equal(false);
  });
});
