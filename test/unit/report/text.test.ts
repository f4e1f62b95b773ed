import { expect } from 'chai';
import { renderText } from '../../../src/report/render-text.ts';
import { verdictLine } from '../../../src/report/verdict-line.ts';
import { failedJournal, sampleJournal } from '../../support/journal.ts';

describe('verdictLine', () => {
  it('says verdict, seconds and path', () => {
    expect(verdictLine(sampleJournal(), 'r/report.html')).to.equal(
      'verdict: pass | rto: 48.3 of 1800 s | report: r/report.html',
    );
    expect(verdictLine(failedJournal(), 'r')).to.equal('verdict: fail | rto: not reached of 1800 s | report: r');
  });
});

describe('renderText', () => {
  it('puts the verdict first, then each service', () => {
    const lines = renderText(sampleJournal()).split('\n');
    expect(lines[0]).to.equal('PASS: The service was restored in 48.3 s of 30 m; 3 checks passed.');
    expect(lines[2]).to.equal('Restore time  48.3 s of 30 m');
    expect(lines[3]).to.match(/^agama +MySQL: full-20261122T013000Z, back in 48\.3 s, would lose 44 m 59 s of 1 h/);
  });

  it('shows findings with untrusted names made harmless, and notes', () => {
    const text = renderText(failedJournal());
    expect(text).to.contain('FAILED rows: agama: table orders\\x1b[2J has 9 rows');
    expect(text).to.contain('Note: agama was judged by a stand-in');
    expect(text).to.not.contain('\u001b');
  });
});
