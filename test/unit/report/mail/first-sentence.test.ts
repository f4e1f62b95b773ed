import { expect } from 'chai';
import type { Journal } from '../../../../src/model/journal.ts';
import { firstSentence } from '../../../../src/report/mail/first-sentence.ts';
import type { MailOrder } from '../../../../src/report/mail/mail-order.ts';
import { demoJournal, failedDemoJournal, unclearDemoJournal } from '../../../support/demo-journal.ts';
import { sampleJournal } from '../../../support/journal.ts';
import { drillsBefore, mailOrder } from '../../../support/mail-order.ts';
import { failed, passed } from '../../../support/results.ts';

const plain = (journal: Journal, change: Partial<MailOrder> = {}) =>
  firstSentence(mailOrder(journal, change)).replaceAll('\u00a0', ' ');

const bad = (change: Partial<Journal>) =>
  sampleJournal({ verdict: { verdict: 'fail', sentence: 'bad' }, checks: [failed('rows')], ...change });

describe('the first sentence of a mail', () => {
  it('says of a drill that passed that all is well, until when, and how fast', () => {
    expect(plain(demoJournal())).to.equal(
      'All is well: all 4 services could be restored with the data until Sun 22 Nov, 01:30, in 41.9 s of the 30 m that are allowed.',
    );
  });

  it('says what is restorable until when, what would be lost, and who must do what', () => {
    const good = { set: 's', member: 'm', dataAt: '2026-11-21T23:30:00.000Z', lostMs: 9_900_000 };
    const journal = bad({
      lastGood: [{ service: 'agama', good, bad: 'incr-2' }],
      checks: [{ ...failed('rows'), findings: [{ sentence: 'rows', next: 'Run: firedrill backup agama --full' }] }],
    });
    expect(plain(journal, { responsible: 'Jaan' })).to.equal(
      'Not all is well: agama can be restored to Sat 21 Nov, 23:30 only, and 2 h 45 m of data would be lost; ' +
        'Jaan must look into it today, and begin with: firedrill backup agama --full.',
    );
  });

  it('says that nothing that was tried is good', () => {
    expect(plain(bad({ lastGood: [{ service: 'agama', good: null, bad: null }] }))).to.match(
      /^Not all is well: agama cannot be restored to any point that was tried; the administrator must look into it today/,
    );
  });

  it('tells services of one fate together, the worst first, from what earlier drills have proven', () => {
    expect(plain(failedDemoJournal(), { earlier: drillsBefore(2) })).to.match(
      /^Not all is well: agama and telegraf were last proven to be restorable to Sat 21 Nov, 01:30; latency and grafana can be restored to Sun 22 Nov, 01:30; the/,
    );
    expect(plain(failedDemoJournal())).to.contain('agama and telegraf have never been proven');
  });

  it('passes over earlier drills in which the service was not good', () => {
    const earlier = drillsBefore(3, (i) => {
      const [summary] = drillsBefore(1);
      return i > 0 ? {} : { services: summary?.services.map((each) => ({ ...each, outcome: 'fail' as const })) ?? [] };
    });
    expect(plain(failedDemoJournal(), { earlier })).to.contain('restorable to Fri 20 Nov, 01:30');
  });

  it('says of what is only late that it is late', () => {
    const late = bad({
      rto: { objectiveMs: 1_800_000, usedMs: 2_400_000 },
      checks: [passed('rows'), failed('rto', null)],
    });
    expect(plain(late)).to.match(
      /agama can be restored to Sun 22 Nov, 01:30, but only after 40 m instead of 30 m; the/,
    );
  });

  it('says that nothing is known when the drill could not look, or cannot be believed', () => {
    const unclear = plain(unclearDemoJournal(), { earlier: drillsBefore(1) });
    expect(unclear).to.match(
      /^Not known, for this drill could not look at everything: each of the 4 services was last proven/,
    );
    expect(plain(bad({ checks: [passed('rows'), failed('planted', null)] }))).to.match(
      /^This drill cannot be believed: agama has never been proven; the administrator/,
    );
  });
});
