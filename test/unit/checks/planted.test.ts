import { expect } from 'chai';
import { checkPlanted } from '../../../src/checks/planted.ts';
import { decideVerdict } from '../../../src/checks/verdict.ts';
import { plantedFault } from '../../support/journal.ts';
import { failed, passed } from '../../support/results.ts';

const context = { services: 1, rto: { objectiveMs: 1_000, usedMs: 1 }, restoredTo: null, lastGood: [] };

describe('checkPlanted', () => {
  it('passes when a check noticed, whichever it was', () => {
    for (const unclear of [null, 'Docker is gone']) {
      const result = checkPlanted(plantedFault(), unclear);
      expect(result).to.include({ outcome: 'pass', expected: 1, lookedAt: 1 });
      expect(result.comparisons[0]).to.include({ expected: 'found', found: 'found by chain' });
    }
  });

  it('fails the drill, not the backup, when nobody noticed', () => {
    const result = checkPlanted(plantedFault({ caughtBy: null }), null);
    expect(result.outcome).to.equal('fail');
    expect(result.findings[0]).to.include({ next: 'firedrill drill --seed 7' });
    const { verdict, sentence } = decideVerdict([passed('rows'), result], context);
    expect(verdict).to.equal('fail');
    expect(sentence).to.equal(
      'The drill cannot be trusted: a fault was planted into a copy of agama and nobody noticed: an increment in the ' +
        'middle of a chain is missing (backup-2026-11-22/agama/incr-20261123T013000Z was removed).',
    );
    expect(decideVerdict([failed('rows'), result], context).sentence).to.match(/^The backup is not good/);
  });

  it('is inconclusive when the drill could not look', () => {
    const { outcome, findings } = checkPlanted(plantedFault({ caughtBy: null }), 'Docker is gone');
    expect(outcome).to.equal('inconclusive');
    expect(findings[0]?.sentence).to.contain('Docker is gone');
  });
});
