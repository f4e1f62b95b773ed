import { expect } from 'chai';
import type { ExcursionRecord, Journal, LastGoodRecord } from '../../../src/model/journal.ts';
import { renderHtml } from '../../../src/report/render-html.ts';
import { renderMetrics } from '../../../src/report/render-metrics.ts';
import { renderText } from '../../../src/report/render-text.ts';
import { demoJournal, failedDemoJournal } from '../../support/demo-journal.ts';
import { sectionOf, textOf } from '../../support/markup.ts';

const lastGood: LastGoodRecord[] = [
  {
    service: 'agama',
    good: {
      set: 'backup-2026-11-15',
      member: 'incr-20261121T233000Z',
      dataAt: '2026-11-21T23:30:01.000Z',
      lostMs: 9_899_000,
    },
    bad: 'full-20261122T013000Z',
  },
  { service: 'telegraf', good: null, bad: 'full-20261101T013000Z' },
];

const excursion: ExcursionRecord = {
  reason: 'random',
  service: 'agama',
  set: 'backup-2026-11-01',
  member: 'incr-20261104T013000Z',
  members: 4,
  dataAt: '2026-11-04T01:30:01.000Z',
  verdict: 'pass',
  sentence: '',
  usedMs: 65_000,
};

const failed = () => ({ ...failedDemoJournal(), lastGood });

describe('older points on the report', () => {
  it('says with the findings what a service that failed can still be restored to, and what that loses', () => {
    const text = sectionOf(renderHtml(failed()), 'findings');
    expect(text).to.contain(
      'agama can be restored to 2026-11-21 23:30:01 UTC (backup-2026-11-15, incr-20261121T233000Z); the data of 2 h 44 m would be lost. The oldest member that is known to be bad is full-20261122T013000Z.',
    );
    expect(text).to.contain(
      'telegraf: no older backup that was tried is good. The oldest member that is known to be bad is full-20261101T013000Z.',
    );
    expect(sectionOf(renderHtml(demoJournal()), 'findings')).to.not.contain('can still be restored');
  });

  it('does not cut the verdict before it has said so of each service', () => {
    const sentence = `${'x'.repeat(1500)} agama can be restored to yesterday.`;
    const journal = { ...failed(), verdict: { verdict: 'fail' as const, sentence } };
    expect(textOf(renderHtml(journal))).to.contain('agama can be restored to yesterday.');
    expect(renderText(journal)).to.contain('agama can be restored to yesterday.');
  });

  it('lists what was restored beside the drill, what went wrong first', () => {
    const bad: ExcursionRecord = {
      ...excursion,
      reason: 'last-good',
      member: 'full-20261101T013000Z',
      members: 1,
      dataAt: null,
      verdict: 'fail',
      sentence: 'the file is damaged',
      usedMs: null,
    };
    const journal = demoJournal({ excursions: [excursion, bad], worstMs: 65_000 });
    const text = sectionOf(renderHtml(journal), 'excursions');
    expect(text).to.contain('The longest of all restores took 1 m 5 s.');
    expect(text).to.match(
      /full-20261101T013000Z in search of the last good point; 1 member the file is damaged ✕ failed did not come back agama/,
    );
    expect(text).to.match(
      /an older point, picked at random; 4 members, data of 2026-11-04 01:30:01 UTC ✓ passed back after 1 m 5 s$/,
    );
    expect(sectionOf(renderHtml(journal), 'limits')).to.contain(
      'other points, but for those listed above, and other copies',
    );
  });

  it('leaves the section out when there was nothing of the kind', () => {
    expect(sectionOf(renderHtml(demoJournal()), 'excursions')).to.equal('');
    expect(sectionOf(renderHtml(demoJournal()), 'limits')).to.contain(
      'other points and other copies were not restored',
    );
  });
});

describe('restore points on the report', () => {
  const withService = (change: Partial<Journal['services'][number]>, more: Partial<Journal> = {}) => {
    const [first, ...rest] = demoJournal().services;
    return demoJournal({ services: [{ ...first, ...change } as Journal['services'][number], ...rest], ...more });
  };

  it('says how long there was none, and when that was too long', () => {
    const kept = sectionOf(renderHtml(withService({ largestGapMs: 1_800_000 })), 'services');
    expect(kept).to.match(/Longest gap 30 m without a restore point since the last drill (Heartbeat|Expected)/);
    const missed = sectionOf(renderHtml(withService({ largestGapMs: 7_200_000 })), 'services');
    expect(missed).to.contain(
      'Longest gap 2 h without a restore point since the last drill, more than the 1 h allowed',
    );
    const unknown = sectionOf(renderHtml(withService({ largestGapMs: null })), 'services');
    expect(unknown.split('telegraf')[0]).to.not.contain('Longest gap');
  });

  it('shows the heartbeat that was found in the data', () => {
    const heartbeat = { id: 'run-7', at: '2026-11-22T01:29:59.000Z' };
    expect(sectionOf(renderHtml(withService({ heartbeat })), 'services')).to.contain(
      'Heartbeat run-7, written 2026-11-22 01:29:59 UTC',
    );
  });

  it('says how far the services lie apart', () => {
    expect(sectionOf(renderHtml(demoJournal({ skewMs: 61_000 })), 'services')).to.contain('restored to lie 1 m 1 s.');
    expect(sectionOf(renderHtml(demoJournal({ skewMs: null })), 'services')).to.not.contain('Between the oldest');
  });

  it('gives all of it as metrics', async () => {
    const metrics = await renderMetrics(withService({ largestGapMs: 7_200_000 }, { worstMs: 65_000, skewMs: 61_000 }));
    expect(metrics.split('\n')).to.include.members([
      'firedrill_worst_restore_seconds{drill="nightly"} 65',
      'firedrill_skew_seconds{drill="nightly"} 61',
      'firedrill_largest_gap_seconds{drill="nightly",service="agama"} 7200',
    ]);
  });
});
