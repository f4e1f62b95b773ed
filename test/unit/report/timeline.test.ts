import { expect } from 'chai';
import fc from 'fast-check';
import type { Journal } from '../../../src/model/journal.ts';
import { timelineView } from '../../../src/report/view/timeline-view.ts';
import { anyJournal } from '../../support/arbitrary-journal.ts';
import { sampleJournal } from '../../support/journal.ts';

/** A drill whose last phase ends at `wholeMs`. */
const lasting = (wholeMs: number, change: Partial<Journal> = {}) =>
  timelineView(
    sampleJournal({
      phases: [{ service: 'agama', phase: 'restore', startMs: 0, endMs: wholeMs }],
      native: [],
      ...change,
    }),
  );

const ticks = (wholeMs: number) => lasting(wholeMs).ticks.map((each) => each.label);

describe('timelineView', () => {
  it('has a few ticks at round times, whatever the drill took', () => {
    expect(ticks(900)).to.deep.equal(['0 s', '0.2 s', '0.4 s', '0.6 s', '0.8 s']);
    expect(ticks(60_400)).to.deep.equal(['0 s', '15 s', '30 s', '45 s', '1\u00a0m']);
    expect(ticks(40 * 60_000)).to.deep.equal(['0 s', '10\u00a0m', '20\u00a0m', '30\u00a0m', '40\u00a0m']);
    expect(ticks(30 * 3_600_000).length).to.be.within(2, 5);
    expect(ticks(90 * 86_400_000).length).to.be.within(2, 5);
  });

  it('shows a moment of a long drill, and labels only what has room', () => {
    const phases: Journal['phases'] = [
      { service: 'agama', phase: 'fetch', startMs: 0, endMs: 1 },
      { service: 'agama', phase: 'restore', startMs: 1, endMs: 50_000 },
      { service: 'agama', phase: 'check', startMs: 50_000, endMs: 60_000 },
    ];
    const [, lane] = lasting(0, { phases }).lanes.shown;
    expect(lane?.bars.map(({ phase, width, label }) => [phase, width, label])).to.deep.equal([
      ['fetch', '0.50', ''],
      ['restore', '83.33', 'restore'],
      ['check', '16.67', 'check'],
    ]);
  });

  it('tells the engine’s own work from the lane’s phases, and both from other services', () => {
    const native = [
      { service: 'agama', label: 'load', startMs: 500, endMs: 1000 },
      { service: 'other', label: 'load', startMs: 0, endMs: 1000 },
    ];
    const { lanes } = lasting(1000, { native });
    expect(lanes.shown.map((each) => each.native.map(({ x, width }) => [x, width]))).to.deep.equal([
      [],
      [['50.00', '50.00']],
    ]);
  });

  it('marks where a service was back', () => {
    const [whole, lane] = lasting(96_600).lanes.shown;
    expect(lane).to.include({ readyPercent: '50.00', note: 'back after 48.3\u00a0s' });
    expect(whole).to.include({ readyPercent: '', note: '' });
  });

  it('keeps each mark inside the picture, for any journal', () => {
    fc.assert(
      fc.property(anyJournal, (journal) => {
        const { lanes, ticks: marks } = timelineView(journal);
        const all = lanes.shown.flatMap((lane) => [...lane.bars, ...lane.native]);
        for (const { x, width } of all) {
          expect(Number(x)).to.be.within(0, 100);
          expect(Number(width)).to.be.at.least(0.5);
        }
        for (const { x } of marks) expect(Number(x)).to.be.within(0, 100);
      }),
    );
  });
});
