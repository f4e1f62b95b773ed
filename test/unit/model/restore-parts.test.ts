import { expect } from 'chai';
import fc from 'fast-check';
import { restorePartsOf } from '../../../src/model/restore-parts.ts';
import { anyJournal } from '../../support/arbitrary-journal.ts';
import { demoJournal } from '../../support/demo-journal.ts';
import { sampleJournal } from '../../support/journal.ts';

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

describe('restorePartsOf', () => {
  it('follows the service that came back last, and the drill as a whole between', () => {
    const journal = sampleJournal({
      rto: { objectiveMs: 1_800_000, usedMs: 100 },
      services: sampleJournal().services.map((each) => ({ ...each, readyMs: 100 })),
      phases: [
        { service: null, phase: 'plan', startMs: 0, endMs: 5 },
        { service: 'agama', phase: 'fetch', startMs: 5, endMs: 20 },
        { service: null, phase: 'boot', startMs: 15, endMs: 30 },
        { service: 'agama', phase: 'restore', startMs: 40, endMs: 100 },
        { service: 'agama', phase: 'check', startMs: 100, endMs: 400 },
        { service: 'other', phase: 'restore', startMs: 0, endMs: 90 },
      ],
    });
    expect(restorePartsOf(journal)).to.deep.equal({ plan: 5, fetch: 15, boot: 10, other: 10, restore: 60 });
  });

  it('is nothing when not everything came back', () => {
    expect(restorePartsOf(demoJournal({ rto: { objectiveMs: 1, usedMs: null } }))).to.equal(null);
  });

  it('adds up to the restore time, whatever the phases are', () => {
    fc.assert(
      fc.property(anyJournal, (journal) => {
        const parts = restorePartsOf(journal);
        expect(parts === null).to.equal(journal.rto.usedMs === null);
        const all = Object.values(parts ?? {});
        expect(Math.min(0, ...all)).to.equal(0);
        expect(sum(all)).to.be.closeTo(journal.rto.usedMs ?? 0, 1e-3);
      }),
    );
  });
});
