import { expect } from 'chai';
import fc from 'fast-check';
import { dateAfter } from '../../../../src/kit/local-time.ts';
import type { VerdictWord } from '../../../../src/model/journal.ts';
import { type CalendarDrill, calendarView } from '../../../../src/report/view/calendar.ts';

const drill = (date: string, verdict: VerdictWord = 'pass', usedMs: number | null = 60_000): CalendarDrill => ({
  ...{ date, verdict, href: `${date}/report.html` },
  rto: { objectiveMs: 1_800_000, usedMs },
});

const cellsOf = (drills: readonly CalendarDrill[], today: string) =>
  calendarView(drills, today).months.flatMap(({ id, weeks }) =>
    weeks.flat().flatMap((day) => (day.day === '' ? [] : [{ ...day, date: `${id}-${day.day.padStart(2, '0')}` }])),
  );

const cell = (drills: readonly CalendarDrill[], date: string, today = '2026-11-22') =>
  cellsOf(drills, today).find((each) => each.date === date);

describe('calendarView', () => {
  it('shows the month of today and the eleven before it, weeks from Monday on', () => {
    const { months } = calendarView([], '2026-11-22');
    expect(months.map(({ name }) => name)).to.have.length(12);
    expect([months[0]?.name, months.at(-1)?.name]).to.deep.equal(['December 2025', 'November 2026']);
    // 1 November 2026 is a Sunday.
    expect(months.at(-1)?.weeks[0]?.map(({ day }) => day)).to.deep.equal(['', '', '', '', '', '', '1']);
    expect(months.flatMap(({ weeks }) => weeks).every((week) => week.length === 7)).to.equal(true);
  });

  it('tells a pass, a failure, an unclear drill and no drill apart by signs and words', () => {
    const drills = [drill('2026-11-20'), drill('2026-11-21', 'fail', null), drill('2026-11-22', 'inconclusive', null)];
    expect(cell(drills, '2026-11-20')).to.include({ sign: '✓', kind: 'pass1', words: 'pass, 1\u00a0m of 30\u00a0m' });
    expect(cell(drills, '2026-11-21')).to.include({ sign: '✕', kind: 'fail', words: 'fail' });
    expect(cell(drills, '2026-11-22')).to.include({ sign: '?', kind: 'inconclusive' });
    expect(cell(drills, '2026-11-19')).to.include({ sign: '', kind: 'none', words: 'no drill', href: '' });
    expect(cell(drills, '2026-11-23')).to.include({ kind: 'ahead', words: '' });
  });

  it('shows the worst of several drills of a day, and links to it', () => {
    const drills = [drill('2026-11-20'), { ...drill('2026-11-20', 'fail', null), href: 'bad/report.html' }];
    expect(cell(drills, '2026-11-20')).to.include({
      kind: 'fail',
      href: 'bad/report.html',
      words: 'fail, the worst of 2',
    });
  });

  it('is deeper the more of what is allowed was used', () => {
    const kinds = [900_000, 900_001, 1_440_000, 1_440_001].map(
      (ms) => cell([drill('2026-11-20', 'pass', ms)], '2026-11-20')?.kind,
    );
    expect(kinds).to.deep.equal(['pass1', 'pass2', 'pass2', 'pass3']);
  });

  it('counts what it shows', () => {
    const drills = [drill('2026-11-20'), drill('2026-11-20', 'fail'), drill('2025-11-30'), drill('2026-11-23')];
    const { summary } = calendarView(drills, '2026-11-22');
    expect(summary).to.equal('2 drills on 1 day in these twelve months: 1 passed, 1 failed, 0 inconclusive.');
    expect(calendarView([], '2026-11-22').summary).to.equal('No drill in these twelve months.');
  });

  it('has each day of twelve months once, in order, whatever today is', () => {
    const anyDate = fc.integer({ min: 0, max: 40_000 }).map((days) => dateAfter('2000-01-01', days));
    fc.assert(
      fc.property(anyDate, (today) => {
        const dates = cellsOf([], today).map(({ date }) => date);
        expect(dates.every((date, i) => i === 0 || date === dateAfter(dates[i - 1] ?? '', 1))).to.equal(true);
        expect(dates[0]?.slice(8)).to.equal('01');
        expect(dates.length).to.be.within(365, 366);
        expect(dates).to.include(today);
        expect(dates.at(-1)?.slice(0, 7)).to.equal(today.slice(0, 7));
      }),
      { numRuns: 30 },
    );
  });
});
