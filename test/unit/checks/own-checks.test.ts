import { expect } from 'chai';
import fc from 'fast-check';
import { checkOwn } from '../../../src/checks/own-checks.ts';
import { type Answer, answerOfRows, type Expectation, maxAnswerRows } from '../../../src/model/own-check.ts';

const ask = (expectation: Expectation, answer: Answer | { refusal: string }) =>
  checkOwn('agama', 1, [{ name: 'mine', expectation, answer }]);
const value = (first: string | number | boolean | null) => answerOfRows([[first]]);

describe('checkOwn', () => {
  const cases: [Expectation, Answer, boolean][] = [
    [{ equals: 5 }, value('5.00'), true],
    [{ equals: 5 }, value('5.01'), false],
    [{ equals: '5' }, value('5.00'), false],
    [{ equals: 'five' }, value('five'), true],
    [{ equals: 'five' }, value('Five'), false],
    [{ equals: true }, value('1'), true],
    [{ equals: true }, value(true), true],
    [{ equals: false }, value('1'), false],
    [{ equals: 0 }, value(null), false],
    [{ equals: 0 }, value(''), false],
    [{ equals: 'null' }, value(null), false],
    [{ min: 3 }, value('3'), true],
    [{ min: 3 }, value('2.9'), false],
    [{ max: 3 }, value(3), true],
    [{ max: 3 }, value('3.1'), false],
    [{ min: 1, max: 3 }, value('4'), false],
    [{ max: 3 }, value(null), false],
    [{ max: 3 }, value('many'), false],
    [{ max: 3 }, value(''), false],
    [{ max: 3 }, value(true), false],
    [{ max: 3 }, answerOfRows([]), false],
    [{ rows: 0 }, answerOfRows([]), true],
    [{ rows: 1 }, answerOfRows([]), false],
    [{ rows: 2 }, answerOfRows([['a'], ['b']]), true],
    [{ rows: 0 }, { rows: null, first: 'x', text: 'x' }, false],
    [{ contains: 'b\tc' }, answerOfRows([['a'], ['b', 'c']]), true],
    [{ contains: 'd' }, answerOfRows([['a'], ['b', 'c']]), false],
    [{ contains: 'x' }, answerOfRows([]), false],
  ];
  for (const [expectation, answer, holds] of cases) {
    it(`says that ${JSON.stringify(expectation)} ${holds ? 'holds' : 'does not hold'} of ${JSON.stringify(answer.text)}`, () => {
      const result = ask(expectation, answer);
      expect(result).to.include({ check: 'own-checks', outcome: holds ? 'pass' : 'fail', expected: 1, lookedAt: 1 });
      expect(result.findings).to.have.length(holds ? 0 : 1);
      expect(result.comparisons[0]?.what).to.equal('mine');
    });
  }

  it('names the check, what was expected and what was found', () => {
    const [finding] = ask({ min: 10 }, value('3')).findings;
    expect(finding).to.include({
      ...{ sentence: 'agama: own check “mine” does not hold', expected: 'at least 10', found: '3' },
    });
    expect(ask({ rows: 3 }, answerOfRows(Array(maxAnswerRows + 1).fill(['x']))).findings[0]).to.include({
      ...{ expected: '3 rows', found: 'more than 1,000 rows' },
    });
    expect(ask({ equals: 'x' }, answerOfRows([])).findings[0]).to.include({ found: 'no value' });
  });

  it('fails for a check that got no answer, and never passes it over', () => {
    const result = checkOwn('agama', 2, [
      { name: 'broken', expectation: { max: 1 }, answer: { refusal: 'You have an error in your SQL syntax (1064)' } },
      { name: 'good', expectation: { max: 1 }, answer: value('1') },
    ]);
    expect(result).to.include({ outcome: 'fail', expected: 2, lookedAt: 2 });
    expect(result.findings.map(({ sentence }) => sentence)).to.deep.equal([
      'agama: own check “broken” got no answer: You have an error in your SQL syntax (1064)',
    ]);
  });

  it('is no pass when a check was not asked', () => {
    const result = checkOwn('agama', 2, [{ name: 'good', expectation: { max: 1 }, answer: value('1') }]);
    expect(result.outcome).to.equal('inconclusive');
  });

  it('passes only where every expectation holds, whatever the answer', () => {
    const scalar = fc.oneof(fc.integer().map(String), fc.double(), fc.string(), fc.boolean(), fc.constant(null));
    const rows = fc.array(fc.array(scalar, { minLength: 1, maxLength: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(rows, fc.integer(), fc.integer(), fc.nat(4), (given, min, max, n) => {
        const answer = answerOfRows(given);
        const each = [{ min }, { max }, { rows: n }].map((one) => ask(one, answer).outcome);
        const all = ask({ min, max, rows: n }, answer);
        expect(all.outcome).to.equal(each.every((one) => one === 'pass') ? 'pass' : 'fail');
        expect(all.findings).to.have.length(each.filter((one) => one === 'fail').length);
      }),
    );
  });
});
