import { expect } from 'chai';
import type { CheckResult } from '../../../src/model/check.ts';
import { renderHtml } from '../../../src/report/render-html.ts';
import { shareView } from '../../../src/report/view/share.ts';
import { demoJournal } from '../../support/demo-journal.ts';
import { sectionOf } from '../../support/markup.ts';
import { failed } from '../../support/results.ts';

const many = <T>(n: number, of: (i: number) => T) => Array.from({ length: n }, (_, i) => of(i));

describe('the report of a huge drill', () => {
  const long = 'x'.repeat(100_000);
  const result: CheckResult = {
    ...failed('rows'),
    findings: many(10_000, (i) => ({ sentence: `finding ${i} ${long.slice(0, 2000)}`, found: long })),
    moreFindings: 500,
    comparisons: many(10_000, (i) => ({ what: `table ${i}`, expected: '1', found: i === 9_999 ? '2' : '1' })),
  };
  const [service] = demoJournal().services;
  const journal = demoJournal({
    checks: [result, ...many(300, (i) => failed('content', `s${i}`))],
    services: many(300, (i) => ({ ...demoJournal().services[0], ...service, service: `s${i}` }) as never).concat(
      demoJournal().services as never,
    ),
    phases: many(20_000, (i) => ({ service: 'agama', phase: 'check' as const, startMs: i, endMs: i + 1 })),
    isolation: many(1_000, (i) => ({ what: `${i}`, expected: 'absent' as const, found: 'none', ok: true })),
    notes: many(1_000, (i) => `note ${i}`),
  });
  const html = renderHtml(journal);

  it('stays small', () => {
    expect(html.length).to.be.lessThan(2_000_000);
  });

  it('counts what it leaves out, everywhere', () => {
    expect(sectionOf(html, 'findings')).to.contain('and 10,700 more, which are not shown here');
    expect(sectionOf(html, 'services')).to.contain('and 204 more, which are not shown here');
    expect(sectionOf(html, 'checks')).to.contain('more, which are not shown here');
    expect(sectionOf(html, 'isolation')).to.contain('and 900 more, which are not shown here');
    expect(sectionOf(html, 'limits')).to.match(/and 9\d\d more, which are not shown here/);
    expect(sectionOf(html, 'timeline')).to.match(/and 19,7\d\d more, which are not shown here/);
  });

  it('shows what differs though it comes last', () => {
    const one = renderHtml(demoJournal({ checks: [result] }));
    expect(sectionOf(one, 'services')).to.match(/10,000 compared, 1 differ .*table 9999 rows 1 2 ✕ differs table 0/);
    expect(sectionOf(one, 'services')).to.contain('and 9,900 more, which are not shown here');
  });
});

describe('shareView', () => {
  it('never rounds to what would say something else', () => {
    expect(shareView(1, 1_800_000).words).to.match(/^less than 1 % of what is allowed/);
    expect(shareView(1_799_999, 1_800_000).words).to.match(/^99 % of what is allowed/);
    expect(shareView(1_800_000, 1_800_000)).to.include({
      over: false,
      words: '100 % of what is allowed; nothing to spare',
    });
    expect(shareView(1_800_001, 1_800_000)).to.include({ over: true });
    expect(shareView(1_800_001, 1_800_000).words).to.match(/: 101 % of what is allowed$/);
  });

  it('bears objectives and measurements of nothing', () => {
    expect(shareView(0, 0)).to.include({ over: false, usedPercent: '0.00', limitPercent: '0.00' });
    expect(shareView(5_000, 0)).to.include({ over: true, usedPercent: '100.00', words: '5.0\u00a0s too long' });
    expect(shareView(0, 60_000).words).to.equal('0 % of what is allowed; 1\u00a0m to spare');
  });
});
