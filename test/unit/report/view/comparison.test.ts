import { expect } from 'chai';
import fc from 'fast-check';
import { changeWords, comparisonView } from '../../../../src/report/view/comparison.ts';
import { anyJournal } from '../../../support/arbitrary-journal.ts';
import { demoJournal, failedDemoJournal } from '../../../support/demo-journal.ts';
import { failed, passed } from '../../../support/results.ts';

const plain = (text: string | undefined) => text?.replaceAll('\u00a0', ' ');

describe('comparisonView', () => {
  it('says what takes longer and what has grown', () => {
    const before = demoJournal();
    const now = demoJournal({
      rto: { objectiveMs: 1_800_000, usedMs: 50_244 },
      services: before.services.map((each) => ({
        ...each,
        members: each.members.map((member) => ({ ...member, bytes: member.bytes * 2 })),
      })),
    });
    const view = comparisonView(now, before);
    expect(plain(view.whole[0]?.change)).to.equal('8.4 s more (20 %)');
    const [agama] = view.services.shown;
    expect(agama?.rows.map(({ what, change }) => [what, plain(change)])).to.deep.equal([
      ['back after', 'the same'],
      ['size', '68.0 MiB more (100 %)'],
    ]);
    expect(view.checks.shown).to.deep.equal([]);
  });

  it('names checks that are new, gone, or ended otherwise, and services that came or went', () => {
    const before = demoJournal({ checks: [passed('rows'), passed('schema'), failed('content', null)] });
    const [first, ...others] = demoJournal().services;
    const now = demoJournal({
      services: first ? [{ ...first, service: 'shop' }, ...others] : [],
      checks: [failed('rows', 'agama', 'one row is gone'), passed('content', null), passed('secrets')],
    });
    const { checks, services } = comparisonView(now, before);
    expect(checks.shown).to.deep.equal([
      'rows of agama passed then, and failed now: one row is gone',
      'content failed then, and passed now',
      'secrets of agama is new: passed',
      'schema of agama is gone: it passed then',
    ]);
    const names = services.shown.map(({ service }) => service);
    expect(names).to.have.members(['shop', 'telegraf', 'latency', 'grafana', 'agama']);
    expect(services.shown.find(({ service }) => service === 'shop')?.rows[0]).to.include({
      before: 'not known',
      change: '',
    });
  });

  it('claims no change where one of both is not known', () => {
    expect(comparisonView(failedDemoJournal(), demoJournal()).whole[0]).to.include({ now: 'not known', change: '' });
  });

  it('finds nothing between a journal and itself', () => {
    fc.assert(
      fc.property(anyJournal, (journal) => {
        const { whole, services, checks } = comparisonView(journal, journal);
        const changes = [...whole, ...services.shown.flatMap((each) => each.rows)].map((each) => each.change);
        expect(changes.every((each) => each === '' || each === 'the same')).to.equal(true);
        expect(checks.shown).to.deep.equal([]);
      }),
    );
  });

  it('has words for changes from nothing, to nothing, and hardly any', () => {
    const number = (n: number) => `${n}`;
    expect(changeWords(0, 5, number)).to.equal('5 more');
    expect(plain(changeWords(5, 0, number))).to.equal('5 less (100 %)');
    expect(plain(changeWords(1000, 1001, number))).to.equal('1 more (less than 1 %)');
    expect(changeWords(null, 5, number)).to.equal('');
  });
});
