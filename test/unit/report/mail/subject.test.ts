import { expect } from 'chai';
import fc from 'fast-check';
import type { Journal } from '../../../../src/model/journal.ts';
import type { MailOrder } from '../../../../src/report/mail/mail-order.ts';
import { subjectOf } from '../../../../src/report/mail/subject.ts';
import { anyJournal } from '../../../support/arbitrary-journal.ts';
import { demoJournal, failedDemoJournal, unclearDemoJournal } from '../../../support/demo-journal.ts';
import { restoreRecord, sampleJournal } from '../../../support/journal.ts';
import { mailOrder } from '../../../support/mail-order.ts';
import { failed, passed } from '../../../support/results.ts';

const subject = (journal: Journal, change: Partial<MailOrder> = {}) => subjectOf(mailOrder(journal, change));
const lastGood = (dataAt: string | null) => [
  {
    service: 'agama',
    good: dataAt === null ? null : { set: 'backup-2026-11-15', member: 'incr-1', dataAt, lostMs: 9_900_000 },
    bad: 'incr-2',
  },
];

describe('the subject of a mail', () => {
  it('tells verdict, time of what is allowed, how far the data reaches, and the services', () => {
    const journal = demoJournal({ rto: { objectiveMs: 1_800_000, usedMs: 192_000 } });
    expect(subject(journal)).to.equal('PASS 3m12s of 30m · data to 01:30 · 4/4 services');
    expect(subject(journal, { timeZone: 'Europe/Tallinn' })).to.contain('data to 03:30');
  });

  it('names the service that is worst off, and to when it can be restored', () => {
    const bad = sampleJournal({
      verdict: { verdict: 'fail', sentence: 'bad' },
      checks: [failed('rows')],
      lastGood: lastGood('2026-11-21T23:30:00.000Z'),
    });
    expect(subject(bad)).to.equal('FAIL 48.3s of 30m · agama only to 21 Nov 23:30 · 0/1 service');
    expect(subject({ ...bad, lastGood: lastGood(null) })).to.contain('agama: NO GOOD BACKUP');
  });

  it('does not call data lost that is only late, and none known that nobody looked at', () => {
    const late = sampleJournal({
      verdict: { verdict: 'fail', sentence: 'late' },
      rto: { objectiveMs: 1_800_000, usedMs: 2_400_000 },
      checks: [passed('rows'), failed('rto', null)],
    });
    expect(subject(late)).to.equal('FAIL 40m of 30m · data to 01:30 · 1/1 service');
    expect(subject(failedDemoJournal())).to.equal('FAIL not all back (30m allowed) · data not known · 2/4 services');
    expect(subject(unclearDemoJournal())).to.match(/^INCONCLUSIVE not all back .* data not known · 0\/4 services$/);
  });

  it('believes nothing of a drill that overlooked a planted fault', () => {
    const blind = sampleJournal({
      verdict: { verdict: 'fail', sentence: 'blind' },
      checks: [passed('rows'), failed('planted', null)],
    });
    expect(subject(blind)).to.contain('data not known');
  });

  it('tells of a real restore what became of its target', () => {
    const of = (outcome: 'restored' | 'broke-off') => subject(sampleJournal({ restore: restoreRecord({ outcome }) }));
    expect(of('restored')).to.equal('RESTORE done · agama to rebuilt · 48.3s of 30m');
    expect(of('broke-off')).to.match(/^RESTORE BROKE OFF · agama/);
  });

  it('is one line that no name can end, and not longer than programs show', () => {
    fc.assert(
      fc.property(anyJournal, (journal) => {
        const line = subject(journal);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this looks for
        expect(line).to.not.match(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
        expect(line.length).to.be.within(10, 200);
      }),
    );
  });
});
