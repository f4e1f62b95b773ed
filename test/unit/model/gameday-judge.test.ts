import { expect } from 'chai';
import fc from 'fast-check';
import type { AskedRecord, Attempt, TimelineEntry } from '../../../src/model/gameday-journal.ts';
import { gameDayStatus, isRecovered, minutesOf, outcomeOf } from '../../../src/model/gameday-judge.ts';

const asked = (service: string, name: string, holds = true): AskedRecord => ({
  ...{ service, name, holds, expected: '1', found: holds ? '1' : '2' },
});
const entry = (kind: TimelineEntry['kind'], atMs: number): TimelineEntry => ({
  ...{ at: '2026-11-29T10:31:00.000Z', atMs, who: 'operator', kind, text: '' },
});
const attempt = (claimedMs: number, judgedMs: number, recovered: boolean): Attempt => ({
  ...{ claimedMs, judgedMs, recovered, checks: [asked('a', 'x', recovered)] },
});

describe('isRecovered', () => {
  const wanted = [
    { service: 'a', name: 'x' },
    { service: 'b', name: 'x' },
  ];

  it('wants each check asked, and all of them to hold', () => {
    expect(isRecovered(wanted, [asked('a', 'x'), asked('b', 'x')])).to.equal(true);
    expect(isRecovered(wanted, [asked('b', 'x'), asked('a', 'x')]), 'in any order').to.equal(true);
    expect(isRecovered(wanted, [asked('a', 'x'), asked('b', 'x', false)])).to.equal(false);
  });

  it('takes no silence, no repetition and no answer to another question for a yes', () => {
    expect(isRecovered([], [])).to.equal(false);
    expect(isRecovered(wanted, [])).to.equal(false);
    expect(isRecovered(wanted, [asked('a', 'x')])).to.equal(false);
    expect(isRecovered(wanted, [asked('a', 'x'), asked('a', 'x')])).to.equal(false);
    expect(isRecovered(wanted, [asked('a', 'x'), asked('b', 'y')])).to.equal(false);
    expect(isRecovered(wanted, [asked('a', 'x'), asked('b', 'x'), asked('b', 'y')])).to.equal(false);
  });

  it('is never true without every check having been asked and having held (property)', () => {
    const name = fc.constantFrom('x', 'y', 'z');
    const check = fc.record({ service: fc.constantFrom('a', 'b'), name });
    const answers = fc.array(fc.tuple(check, fc.boolean()), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.uniqueArray(check, { selector: (each) => `${each.service}/${each.name}` }),
        answers,
        (all, given) => {
          const records = given.map(([each, holds]) => asked(each.service, each.name, holds));
          if (!isRecovered(all, records)) return;
          expect(all).to.not.deep.equal([]);
          expect(records).to.have.length(all.length);
          for (const each of all) {
            const own = records.filter((one) => one.service === each.service && one.name === each.name);
            expect(own.map(({ holds }) => holds)).to.deep.equal([true]);
          }
        },
      ),
    );
  });
});

describe('minutesOf', () => {
  it('tells where the time went', () => {
    const timeline = [entry('disaster', 0), entry('detected', 60), entry('decided', 100), entry('restore-began', 130)];
    expect(minutesOf(timeline, [attempt(300, 310, false), attempt(500, 520, true)], 1_000)).to.deep.equal({
      ...{ detectionMs: 60, decisionMs: 40, restoreMs: 400, verificationMs: 20, penaltyMs: 1_000, totalMs: 1_520 },
    });
  });

  it('takes the first restore, or an empty machine, for the decision where nobody said so', () => {
    const timeline = [entry('disaster', 0), entry('detected', 60), entry('step', 200), entry('restore-began', 250)];
    expect(minutesOf(timeline, [attempt(500, 520, true)], 0)).to.include({
      detectionMs: 60,
      decisionMs: 140,
      restoreMs: 300,
    });
  });

  it('does not make up what nobody said', () => {
    expect(minutesOf([entry('disaster', 0)], [attempt(500, 520, true)], 0)).to.deep.equal({
      ...{ detectionMs: null, decisionMs: null, restoreMs: 500, verificationMs: 20, penaltyMs: 0, totalMs: 520 },
    });
    const late = [entry('decided', 40), entry('detected', 60)];
    expect(minutesOf(late, [attempt(500, 520, true)], 0)).to.include({ detectionMs: null, decisionMs: 40 });
  });

  it('has no total before something was verified', () => {
    const { totalMs, restoreMs, detectionMs } = minutesOf([entry('detected', 60)], [attempt(500, 520, false)], 9);
    expect([totalMs, restoreMs, detectionMs]).to.deep.equal([null, null, 60]);
  });

  it('adds up to the total, whatever happened in which order (property)', () => {
    const kind = fc.constantFrom('detected', 'decided', 'step', 'restore-began', 'note', 'hint', 'claim' as const);
    const entries = fc.array(fc.tuple(kind, fc.integer({ min: -1000, max: 2000 })), { maxLength: 12 });
    fc.assert(
      fc.property(
        entries,
        fc.integer({ min: 0, max: 1500 }),
        fc.nat(500),
        fc.nat(1000),
        (given, claimedMs, tookMs, penaltyMs) => {
          const timeline = given.map(([each, atMs]) => entry(each, atMs)).sort((a, b) => a.atMs - b.atMs);
          const minutes = minutesOf(
            timeline,
            [attempt(1, 2, false), attempt(claimedMs, claimedMs + tookMs, true)],
            penaltyMs,
          );
          const { detectionMs, decisionMs, restoreMs, verificationMs, totalMs } = minutes;
          const parts = [detectionMs, decisionMs, restoreMs, verificationMs].map((each) => each ?? 0);
          for (const part of parts) expect(part).to.be.at.least(0);
          expect(parts.reduce((sum, each) => sum + each, 0) + penaltyMs).to.equal(totalMs);
          expect(totalMs).to.equal(claimedMs + tookMs + penaltyMs);
        },
      ),
    );
  });
});

describe('outcomeOf', () => {
  const over = { how: 'verified', sentence: 'verified' } as const;
  const judge = (ended: Parameters<typeof outcomeOf>[0], attempts: Attempt[], limitMs = 1_000, penaltyMs = 0) =>
    outcomeOf(ended, minutesOf([], attempts, penaltyMs), { limitMs, attempts });

  it('is recovered at the limit, and too late after it, the minutes of hints included', () => {
    expect(judge(over, [attempt(900, 1_000, true)]).outcome).to.equal('recovered');
    expect(judge(over, [attempt(900, 1_001, true)]).outcome).to.equal('too-late');
    expect(judge(over, [attempt(400, 500, true)], 1_000, 501).outcome).to.equal('too-late');
  });

  it('is not recovered by anybody’s word', () => {
    expect(judge(over, [attempt(1, 2, false)]).outcome).to.equal('not-recovered');
    expect(
      judge({ how: 'given-up', sentence: 'it was given up' }, [attempt(1, 2, false), attempt(3, 4, false)]),
    ).to.deep.equal({
      outcome: 'not-recovered',
      sentence: 'it was given up; 2 claims that it was recovered did not hold',
    });
    expect(judge(undefined, []).outcome).to.equal('not-recovered');
  });

  it('tells what was aborted, and what had not begun', () => {
    expect(judge({ how: 'aborted', sentence: 'no' }, [attempt(1, 2, false)]).outcome).to.equal('aborted');
    expect(judge({ how: 'not-begun', sentence: 'not steady' }, [])).to.deep.equal({
      outcome: 'not-begun',
      sentence: 'not steady',
    });
  });

  it('ends with the exit statuses that the help tells', () => {
    const statuses = (['recovered', 'too-late', 'not-recovered', 'not-begun', 'aborted'] as const).map(gameDayStatus);
    expect(statuses).to.deep.equal([0, 3, 3, 4, 130]);
  });
});
