import { expect } from 'chai';
import type { Asker } from '../../../../src/engines/questions.ts';
import { askLive } from '../../../../src/flow/gameday/ask.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';
import type { AskedRecord } from '../../../../src/model/gameday-journal.ts';
import { answerOfRows } from '../../../../src/model/own-check.ts';
import type { ScenarioCheck } from '../../../../src/model/scenario.ts';
import { rejectionOf } from '../../../support/rejection.ts';

const { signal } = new AbortController();

const check = (name: string, more: Partial<ScenarioCheck> = {}): ScenarioCheck => ({
  ...{ service: 'agama', name, question: name, expectation: {}, withinMs: 1_000, asBefore: false },
  ...more,
});

/** Answers each question by what stands under its name. */
function asker(answers: Record<string, string | Error>): Asker {
  return {
    ask: async (question) => {
      const answer = answers[String(question)];
      if (answer instanceof Error) throw answer;
      return answerOfRows([[answer ?? null]]);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

const ask = (checks: ScenarioCheck[], answers: Record<string, string | Error>, before?: AskedRecord[]) =>
  askLive(checks, asker(answers), before, signal);

describe('questions to a live service of a game day', () => {
  it('hold when all that is expected is found', async () => {
    const checks = [check('rows', { expectation: { min: 3, max: 5 } }), check('none', { expectation: { equals: 1 } })];
    expect(await ask(checks, { rows: '4', none: '0' })).to.deep.equal([
      { service: 'agama', name: 'rows', holds: true, expected: 'at least 3; at most 5', found: '4' },
      { service: 'agama', name: 'none', holds: false, expected: '1', found: '0' },
    ]);
  });

  it('compare an answer with the one right before the disaster, and any expectation beside it', async () => {
    const checks = [check('sum', { asBefore: true, expectation: { min: 1 } })];
    const before = await ask(checks, { sum: '7' });
    expect(before[0]).to.include({ holds: true, found: '7' });
    expect((await ask(checks, { sum: '7' }, before))[0]).to.include({ holds: true });
    const [other] = await ask(checks, { sum: '8' }, before);
    expect(other).to.include({ holds: false, expected: 'at least 1; as before: 7', found: '8' });
    expect((await ask(checks, { sum: '0' }))[0]).to.include({ holds: false });
  });

  it('tell long answers apart that begin alike', async () => {
    const checks = [check('long', { asBefore: true })];
    const long = 'x'.repeat(500);
    const before = await ask(checks, { long: `${long}a` });
    expect(before[0]?.found.length).to.be.lessThan(250);
    expect((await ask(checks, { long: `${long}a` }, before))[0]?.holds).to.equal(true);
    expect((await ask(checks, { long: `${long}b` }, before))[0]?.holds).to.equal(false);
  });

  it('do not hold when they are refused, whatever is down; a refusal is not what was before', async () => {
    const checks = [check('sum', { asBefore: true })];
    const gone = new FiredrillError('HOST_UNREACHABLE', 'docker:agama does not exist');
    const before = await ask(checks, { sum: gone });
    expect(before[0]).to.deep.include({
      holds: false,
      expected: 'an answer',
      found: 'no answer: docker:agama does not exist',
    });
    const down = new FiredrillError('SOURCE_UNREACHABLE', 'no answer');
    expect((await ask(checks, { sum: down }, before))[0]?.holds).to.equal(false);
  });

  it('throw what is about Docker, and an order to stop', async () => {
    for (const code of ['DOCKER_UNAVAILABLE', 'INTERRUPTED'] as const) {
      const thrown = ask([check('sum')], { sum: new FiredrillError(code, 'no') });
      expect(await rejectionOf(thrown)).to.include({ code });
    }
  });
});
