import { expect } from 'chai';
import fc from 'fast-check';
import { renderText } from '../../../src/report/render-text.ts';
import { verdictLine } from '../../../src/report/verdict-line.ts';
import { anyJournal } from '../../support/arbitrary-journal.ts';
import { demoJournal, failedDemoJournal, unclearDemoJournal } from '../../support/demo-journal.ts';
import { failedJournal, plantedFault, restoreRecord, sampleJournal } from '../../support/journal.ts';
import { failed } from '../../support/results.ts';

describe('verdictLine', () => {
  it('says verdict, seconds and path', () => {
    expect(verdictLine(sampleJournal(), 'r/report.html')).to.equal(
      'verdict: pass | rto: 48.3 of 1800 s | report: r/report.html',
    );
    expect(verdictLine(failedJournal(), 'r')).to.equal('verdict: fail | rto: not reached of 1800 s | report: r');
  });
});

describe('renderText', () => {
  it('puts the verdict first, then the restore time, then each service in columns', () => {
    const lines = renderText(demoJournal()).split('\n');
    expect(lines[0]).to.match(/^PASS: All 4 services were restored in 41\.9 s of 30 m/);
    expect(lines[2]).to.equal("Restore time: 41.9 s of 30 m, 2.1 s of them firedrill's own");
    expect(lines.slice(3, 7)).to.deep.equal([
      '  agama     MySQL               back in 41.9 s  would lose 44 m 59 s of 1 h  full-20261122T013000Z',
      '  telegraf  InfluxDB            back in 22.4 s  would lose 44 m 59 s of 1 d  full-20261122T013000Z',
      '  latency   InfluxDB            back in 9.1 s   would lose 44 m 59 s of 1 d  full-20261122T013000Z',
      '  grafana   Grafana (stand-in)  back in 6.0 s   would lose 44 m 59 s of 1 d  full-20261122T013000Z',
    ]);
  });

  it('says which fault was planted and what noticed it', () => {
    expect(renderText(sampleJournal())).to.not.contain('Planted');
    expect(renderText(sampleJournal({ planted: plantedFault() }))).to.contain(
      'Planted: an increment in the middle of a chain is missing, in a copy of agama; caught by: chain',
    );
    expect(renderText(sampleJournal({ planted: plantedFault({ caughtBy: null }) }))).to.contain('caught by: nobody');
  });

  it('says what became of the target of a real restore, and how to go back', () => {
    const lines = renderText(sampleJournal({ restore: restoreRecord() })).split('\n');
    expect(lines.slice(2, 6)).to.deep.equal([
      'The target holds exactly what was proven in the pod.',
      '  Target                   rebuilt (docker:agama-db2)',
      '  Reason                   deleted-data',
      '  Restored                 the whole',
    ]);
    expect(lines).to.include('  Safety copy              /safety/20261122T021600Z-agama');
    const broken = renderText(sampleJournal({ restore: restoreRecord({ outcome: 'broke-off', carryMs: null }) }));
    expect(broken).to.contain('what stands at the target is not whole');
    expect(broken).to.contain('not ended');
    const different = restoreRecord({ outcome: 'differs', checks: [failed('rows', 'agama', 'agama: 9 rows')] });
    expect(renderText(sampleJournal({ restore: different }))).to.match(/ 0 of 1 check passed\n {2}agama: 9 rows\n/);
  });

  it('gives no loss and no time for what did not come back', () => {
    const text = renderText(failedDemoJournal());
    expect(text).to.contain('Restore time: not reached, for not all services came back; allowed are 30 m');
    expect(text).to.match(/^ {2}telegraf +InfluxDB +did not come back +full-20261122T013000Z$/m);
    expect(text).to.contain('6 checks were not run');
  });

  it('puts findings in the order of their cause, each with the next command', () => {
    const lines = renderText(failedDemoJournal()).split('\n');
    const heads = lines.filter((each) => /^(FAILED|UNCLEAR)/.test(each)).map((each) => each.split(':')[0]);
    expect(heads).to.deep.equal(['FAILED manifest', 'FAILED rows']);
    expect(lines).to.include('  next: Do not use this member. Run: firedrill verify');
    expect(renderText(unclearDemoJournal())).to.match(/^UNCLEAR restore-run: .*\n {2}next: Start Docker/m);
  });

  it('stays short whatever was found', () => {
    const result = failed('rows');
    const text = renderText(
      sampleJournal({
        checks: [
          {
            ...result,
            findings: Array.from({ length: 5000 }, (_, i) => ({ sentence: `finding ${i}` })),
            moreFindings: 100,
          },
        ],
        notes: Array(500).fill('a note'),
      }),
    );
    expect(text.split('\n').length).to.be.lessThan(90);
    expect(text).to.contain('… and 5,080 further findings, in the report');
    expect(text).to.contain('… and 490 further notes, in the report');
  });

  it('renders any journal on lines that a terminal takes as text', () => {
    fc.assert(
      fc.property(anyJournal, (journal) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be left
        expect(renderText(journal)).to.not.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });

  it('shows findings with untrusted names made harmless, and notes', () => {
    const text = renderText(failedJournal());
    expect(text).to.contain('FAILED rows: agama: table orders\\x1b[2J has 9 rows');
    expect(text).to.contain('Note: agama was judged by a stand-in');
    expect(text).to.not.contain('\u001b');
  });
});
