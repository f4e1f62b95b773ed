import { expect } from 'chai';
import type { Journal } from '../../../src/model/journal.ts';
import type { RestoreEstimate } from '../../../src/model/restore-estimate.ts';
import { renderHtml } from '../../../src/report/render-html.ts';
import { renderText } from '../../../src/report/render-text.ts';
import { sampleJournal } from '../../support/journal.ts';
import { sectionOf } from '../../support/markup.ts';

const range = { ms: 42_000, lowMs: 36_000, highMs: 60_000 };

const estimated = (change: Partial<RestoreEstimate> = {}, more: Partial<Journal> = {}) =>
  sampleJournal({
    ...more,
    estimate: {
      services: [
        { service: 'agama<b>', members: 1, bytes: 70_000_000, drills: 12, basis: 'same', parts: [], ready: range },
      ],
      whole: range,
      past: { drills: 9, meanError: 0.084 },
      ...change,
    },
  });

/** As text, with plain spaces. */
const restoreTime = (journal: Journal) => sectionOf(renderHtml(journal), 'rto').replaceAll('\u00a0', ' ');

describe('the estimate on the report', () => {
  it('is held against what was measured, with the mean error of those before', () => {
    const words =
      'Estimated beforehand: 42.0 s (36.0 s to 1 m); it took 48.3 s, the estimate was 13 % too low. ' +
      'Before it, such estimates were off by 8 % in the mean of 9 drills.';
    expect(renderText(estimated()).split('\n')).to.include(words);
    expect(restoreTime(estimated())).to.contain(words);
    expect(renderText(estimated({}, { rto: { objectiveMs: 1_800_000, usedMs: 40_000 } }))).to.contain('5 % too high.');
    expect(renderText(estimated({}, { rto: { objectiveMs: 1_800_000, usedMs: 42_000 } }))).to.contain(
      ', as estimated.',
    );
  });

  it('is told service by service, whatever their names', () => {
    const html = renderHtml(estimated());
    expect(html).to.contain('agama&lt;b&gt;');
    expect(html).to.not.contain('agama<b>');
    expect(restoreTime(estimated())).to.match(
      /agama<b> 42\.0 s \(36\.0 s to 1 m\) did not come back 12 earlier drills/,
    );
  });

  it('says that nothing was known beforehand, or that it was not reached', () => {
    const unknown = { service: 'agama', members: 1, bytes: 1, drills: 0, basis: null, parts: [], ready: null };
    const none = renderText(estimated({ services: [unknown], whole: null, past: null }));
    expect(none).to.match(/^Not estimated beforehand: 1 service had no earlier drill to go by\.$/m);
    expect(renderText(estimated({}, { rto: { objectiveMs: 1_800_000, usedMs: null } }))).to.contain(
      'it was not reached.',
    );
  });

  it('is not spoken of in journals that have none', () => {
    expect(renderText(sampleJournal())).to.not.match(/stimated/);
    expect(renderHtml(sampleJournal())).to.not.match(/stimated/);
  });
});
