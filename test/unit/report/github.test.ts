import { expect } from 'chai';
import fc from 'fast-check';
import { renderAnnotations } from '../../../src/report/render-annotations.ts';
import { renderSummary } from '../../../src/report/render-summary.ts';
import { anyJournal } from '../../support/arbitrary-journal.ts';
import { demoJournal, failedDemoJournal, unclearDemoJournal } from '../../support/demo-journal.ts';
import { plantedFault, sampleJournal } from '../../support/journal.ts';
import { failed } from '../../support/results.ts';

describe('renderAnnotations', () => {
  it('tells a pass as a notice, and nothing else', () => {
    expect(renderAnnotations(demoJournal())).to.match(/^::notice title=[a-z-]+%3A pass::All 4 services were restored/);
    expect(renderAnnotations(demoJournal()).split('\n')).to.have.length(1);
  });

  it('tells what is not a pass as errors, the verdict first, with what to type next', () => {
    const [verdict, ...found] = renderAnnotations(failedDemoJournal()).split('\n');
    expect(verdict).to.match(/^::error title=[a-z-]+%3A fail::/);
    expect(found[0]).to.match(/^::error title=[a-z-]+%3A telegraf::.* Next: .*firedrill /);
    expect(renderAnnotations(unclearDemoJournal())).to.match(/^::error title=[a-z-]+%3A inconclusive::/);
  });

  it('shows no more than GitHub keeps of a kind, and how many more there are', () => {
    const checks = Array.from({ length: 30 }, (_, i) => failed('rows', 'agama', `table ${i} has 3 rows`));
    const lines = renderAnnotations(sampleJournal({ checks })).split('\n');
    expect(lines.filter((line) => line.startsWith('::error'))).to.have.length(9);
    expect(lines.at(-1)).to.equal('::notice title=more::21 more findings are in the report');
  });

  it('is one command a line, whatever the names are', () => {
    fc.assert(
      fc.property(anyJournal, (journal) => {
        for (const line of renderAnnotations(journal).split('\n')) {
          expect(line).to.match(/^::(error|warning|notice) title=[^:,\r\n]*::[^\r\n]*$/);
        }
      }),
    );
  });
});

describe('renderSummary', () => {
  it('gives verdict, restore time and a row for each service', () => {
    const lines = plain(renderSummary(demoJournal())).split('\n');
    expect(lines[0]).to.match(/^## ✅ pass: All 4 services were restored in 41\.9 s of 30 m/);
    expect(lines[2]).to.contain('restore time **41.9 s** of 30 m');
    expect(lines.filter((line) => line.startsWith('| '))).to.deep.equal([
      '| service | engine | outcome | back in | would lose | newest backup |',
      '| agama | MySQL 9.7.4 | passed | 41.9 s | 44 m 59 s of 1 h | full-20261122T013000Z |',
      '| telegraf | InfluxDB 1.6.7 | passed | 22.4 s | 44 m 59 s of 1 d | full-20261122T013000Z |',
      '| latency | InfluxDB 1.6.7 | passed | 9.1 s | 44 m 59 s of 1 d | full-20261122T013000Z |',
      '| grafana | Grafana 7.5.17 (stand-in) | passed | 6.0 s | 44 m 59 s of 1 d | full-20261122T013000Z |',
    ]);
  });

  it('lists what was found, with the command to type, and the planted fault', () => {
    const text = plain(renderSummary(failedDemoJournal()));
    expect(text).to.match(/^## ❌ fail: /);
    expect(text).to.match(/^- \*\*failed\*\* [a-z-]+, telegraf: .*; next: .*firedrill /m);
    expect(plain(renderSummary(sampleJournal({ planted: plantedFault() })))).to.contain(
      'Planted: an increment in the middle of a chain is missing; caught by: chain',
    );
  });

  it('keeps names from being markup, links or mentions', () => {
    const name = '<img src=x> [a](https://x.example) @team | `b` **c** www.example.com';
    const text = renderSummary(sampleJournal({ checks: [failed('rows', name, name)] }));
    expect(text).to.not.match(/<img|\]\(|https:|@team|www\.example| \| `b`/);
    expect(plain(text)).to.contain(name);
  });

  it('keeps its rows whatever the names are, and under a megabyte', () => {
    fc.assert(
      fc.property(anyJournal, (journal) => {
        const text = renderSummary(journal);
        for (const row of text.split('\n').filter((line) => line.startsWith('| '))) {
          expect(row.split('|')).to.have.length(8);
        }
        expect(Buffer.byteLength(text)).to.be.below(1024 * 1024);
      }),
    );
  });
});

/** As a reader sees it. */
const plain = (text: string) =>
  text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))).replaceAll('\u00a0', ' ');
