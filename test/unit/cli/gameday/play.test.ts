import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { abortGameDay, playGameDay, resumeGameDay } from '../../../../src/cli/gameday/play.ts';
import { FiredrillError } from '../../../../src/kit/errors.ts';
import type { GameDayJournal } from '../../../../src/model/gameday-journal.ts';
import { runningGameDay, runningGameDayId } from '../../../../src/report/gameday/running-gameday.ts';
import { fakeStage } from '../../../support/gameday-stage.ts';
import { rejectionOf } from '../../../support/rejection.ts';
import { asBeforeCheck, saysCheck, scenario } from '../../../support/scenario.ts';

/** What happened since the disaster; the clock is too coarse to tell what was right before it. */
const kindsSince = ({ timeline }: GameDayJournal) => {
  const kinds = timeline.map(({ kind }) => kind);
  return kinds.slice(kinds.indexOf('disaster'));
};

const byHand = { scenario: scenario(), operator: 'anna', robot: false };
const byRobot = { scenario: scenario(), operator: '', robot: true };

describe('a game day at the prompt', () => {
  it('tells the situation, notes, gives hints for minutes, and ends when the checks hold', async () => {
    const said: string[] = [];
    await using given = await fakeStage([
      'detected it says ill',
      'decided make it well',
      'support is told',
      'hint',
      'no',
      'hint',
      'yes',
      () => said.push(given.stacks[0]?.state.said.agama ?? ''),
      'recovered',
      () => given.stacks[0]?.say('agama', 'well'),
      'status',
      'recovered',
    ]);
    const { journal, left, error } = await playGameDay(given.stage, byHand);
    expect([left, error, said]).to.deep.equal([false, undefined, ['ill']]);
    expect(journal.outcome.outcome).to.equal('recovered');
    expect(journal.exitStatus).to.equal(0);
    expect(journal.gameDay).to.include({ operator: 'anna', robot: false, scenario: 'ill', limitMs: 60_000 });
    expect(journal.attempts.map(({ recovered }) => recovered)).to.deep.equal([false, true]);
    expect(journal.minutes.penaltyMs).to.equal(5_000);
    const kinds = kindsSince(journal);
    expect(kinds).to.deep.equal([
      ...['disaster', 'detected', 'decided', 'note', 'hint', 'claim', 'refuted', 'claim', 'verified', 'rolled-back'],
    ]);
    expect(journal.injected).to.deep.equal(['agama: statements: ill']);
    expect(journal.steadyBefore.map(({ holds }) => holds)).to.deep.equal([true]);
    expect(journal.steadyAfter.map(({ name, holds }) => [name, holds])).to.deep.equal([['it says well', true]]);
    const text = given.terminal.text;
    expect(text).to.include('Something is wrong.').and.include('export FIREDRILL_CONFIG=');
    expect(text).to.match(/Hint 1 of 2 costs 5\.0 s\. Sure\?[\s\S]*Then not\.[\s\S]*Hint 1 of 2[\s\S]*Hint: Ask it\./);
    expect(text).to.include('It is not recovered: 2 of 2 checks do not hold, of agama. The clock goes on.');
    expect(text, 'what was wanted is not told').to.not.include('expected');
    expect(given.stacks[0]?.state.gone).to.equal(true);
    expect(await runningGameDayId(given.folder)).to.equal(undefined);
  });

  it('says that the time is over, goes on, and is too late then', async () => {
    const wait = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    await using given = await fakeStage([() => given.stacks[0]?.say('agama', 'well'), wait, '', 'recovered']);
    const { journal } = await playGameDay(given.stage, { ...byHand, scenario: scenario({ limitMs: 0.5 }) });
    expect([journal.outcome.outcome, journal.exitStatus]).to.deep.equal(['too-late', 3]);
    expect(given.terminal.printed.filter((line) => line.includes('The time is over'))).to.have.length(1);
  });

  it('is aborted, or given up, after being asked once', async () => {
    for (const [word, outcome, status] of [
      ['abort', 'aborted', 130],
      ['give up', 'not-recovered', 3],
    ] as const) {
      await using given = await fakeStage([word, 'oh no', word, 'yes']);
      const { journal } = await playGameDay(given.stage, byHand);
      expect([journal.outcome.outcome, journal.exitStatus]).to.deep.equal([outcome, status]);
      expect(given.stacks[0]?.state.gone).to.equal(true);
      expect(given.terminal.prompts).to.have.length(4);
    }
  });

  it('asks at Ctrl-C whether to abort or to leave, and goes on otherwise', async () => {
    await using given = await fakeStage(['interrupt', 'sorry', 'interrupt', 'leave']);
    const { journal, left } = await playGameDay(given.stage, byHand);
    expect([left, journal.outcome.outcome]).to.deep.equal([true, 'not-recovered']);
    expect(given.stacks[0]?.state.gone).to.equal(false);
    await using other = await fakeStage(['interrupt', 'abort']);
    expect((await playGameDay(other.stage, byHand)).journal.outcome.outcome).to.equal('aborted');
  });

  it('leaves the stack standing when its input ends, or it is told to stop; --resume goes on with the same clock', async () => {
    for (const end of [[], ['stop']]) {
      await using given = await fakeStage(['detected ill', ...end]);
      const first = await playGameDay(given.stage, byHand);
      expect(first.left).to.equal(true);
      expect(given.stacks[0]?.state.gone).to.equal(false);
      const script = [() => given.stacks[0]?.say('agama', 'well'), 'recovered'];
      await using later = await fakeStage(script);
      const { journal } = await resumeGameDay({ ...later.stage, gameDaysFolder: given.folder });
      expect(journal.outcome.outcome).to.equal('recovered');
      expect(journal.gameDay.id).to.equal(first.journal.gameDay.id);
      const kinds = kindsSince(journal);
      expect(kinds).to.deep.equal(['disaster', 'detected', 'resumed', 'claim', 'verified', 'rolled-back']);
    }
  });

  it('says what did not work, and goes on', async () => {
    await using given = await fakeStage(['rebuild agana', 'rebuild agama', 'give up', 'yes']);
    const { journal } = await playGameDay(given.stage, byHand);
    expect(given.terminal.text).to.include('That did not work: there is no service agana; there are agama');
    expect(given.stacks[0]?.state.done).to.include('rebuild agama');
    expect(journal.minutes.decisionMs, 'an empty machine is a decision').to.be.a('number');
  });

  it('notices that it was aborted from elsewhere', async () => {
    await using given = await fakeStage(['note all is well', 'note is it?']);
    const stack = { ...given.stage, attach: given.stage.attach };
    const { journal } = await playGameDay(
      {
        ...given.stage,
        terminal: {
          print: (text) => given.terminal.print(text),
          ask: async (prompt) => {
            const line = await given.terminal.ask(prompt);
            if (typeof line === 'object' && line.text.includes('?')) await abortGameDay(stack);
            return line;
          },
        },
      },
      byHand,
    );
    expect(journal.outcome).to.deep.equal({ outcome: 'aborted', sentence: 'it was aborted from elsewhere' });
    expect(given.terminal.text).to.include('ended from elsewhere');
  });
});

describe('a game day that does not begin', () => {
  it('is cleaned up when the stack is not steady, and says which check', async () => {
    await using given = await fakeStage();
    const sick = scenario({ steady: [saysCheck('agama', 'better')] });
    const { journal, error } = await playGameDay(given.stage, { ...byHand, scenario: sick });
    expect([journal.outcome.outcome, journal.exitStatus, error?.exit]).to.deep.equal(['not-begun', 4, 4]);
    expect(journal.outcome.sentence).to.include('agama: it says better (expected better, found well)');
    expect(given.stacks[0]?.state).to.deep.include({ gone: true, done: ['backup'] });
    expect(journal.minutes.totalMs).to.equal(null);
    expect(given.terminal.printed).to.deep.equal([]);
  });

  it('is not begun when the stack cannot be raised, or the disaster cannot be injected', async () => {
    await using given = await fakeStage();
    const raise = () => Promise.reject(new FiredrillError('IMAGE_MISSING', 'there is no image'));
    const first = await playGameDay({ ...given.stage, raise }, byHand);
    expect([first.journal.outcome.outcome, first.error?.code]).to.deep.equal(['not-begun', 'IMAGE_MISSING']);
    const inject = [{ do: 'statements' as const, service: 'agama', text: 'refused' }];
    const second = await playGameDay(given.stage, { ...byHand, scenario: scenario({ inject }) });
    expect([second.journal.outcome.outcome, second.error?.code]).to.deep.equal(['not-begun', 'TOOL_FAILED']);
    expect(given.stacks[0]?.state.gone).to.equal(true);
    expect(await runningGameDayId(given.folder)).to.equal(undefined);
  });

  it('is not begun when the stack can reach the world', async () => {
    await using given = await fakeStage();
    const raise: typeof given.stage.raise = async (...args) => {
      const stack = await given.stage.raise(...args);
      return Object.assign(stack, {
        isolation: [{ what: 'the gateway', expected: 'unreachable', found: 'reachable', ok: false }],
      });
    };
    const { journal } = await playGameDay({ ...given.stage, raise }, byHand);
    expect(journal.outcome.sentence).to.equal('the stack is not sealed: the gateway is reachable');
    expect(given.stacks[0]?.state.gone).to.equal(true);
  });
});

describe('the robot', () => {
  it('detects, decides, does what the scenario says, and claims', async () => {
    await using given = await fakeStage();
    const robot = [
      { do: 'rebuild' as const, service: 'agama' },
      { do: 'restore' as const, service: 'agama', at: 'newest' as const, from: undefined, parts: undefined },
    ];
    const { journal } = await playGameDay(given.stage, { ...byRobot, scenario: scenario({ robot }) });
    expect(journal.outcome.outcome).to.equal('recovered');
    expect(journal.gameDay.robot).to.equal(true);
    const detected = journal.timeline.find(({ kind }) => kind === 'detected');
    expect(detected?.text).to.equal('agama: it says well: expected well, found ill');
    const { detectionMs, decisionMs, restoreMs, verificationMs, totalMs } = journal.minutes;
    expect((detectionMs ?? NaN) + (decisionMs ?? NaN) + (restoreMs ?? NaN) + (verificationMs ?? NaN)).to.equal(totalMs);
  });

  it('asks for the points that the scenario names', async () => {
    const orders: unknown[] = [];
    await using given = await fakeStage([], { restore: async (order) => void orders.push(order) });
    const step = { do: 'restore' as const, service: 'agama', from: 'offsite', parts: ['a'] };
    const robot = [
      { ...step, at: 'before-statement' as const },
      { ...step, at: 'last-good' as const },
      { ...step, at: { beforeDisasterMs: 2_000 } },
      { do: 'statements' as const, service: 'agama', text: 'well' },
    ];
    const { journal } = await playGameDay(given.stage, { ...byRobot, scenario: scenario({ robot }) });
    const disaster = journal.timeline.find(({ kind }) => kind === 'disaster')?.at ?? '';
    const common = { service: 'agama', reason: 'failed-service', from: 'offsite', parts: ['a'] };
    expect(orders).to.deep.equal([
      { ...common, at: 'before:1' },
      { ...common, at: 'full-20261122T013000Z' },
      { ...common, at: new Date(Date.parse(disaster) - 2_000).toISOString() },
    ]);
    expect(journal.outcome.outcome).to.equal('recovered');
  });

  it('is not believed when its recovery is wrong', async () => {
    await using given = await fakeStage();
    const robot = [{ do: 'statements' as const, service: 'agama', text: 'feverish' }];
    const { journal } = await playGameDay(given.stage, { ...byRobot, scenario: scenario({ robot }) });
    expect([journal.outcome.outcome, journal.exitStatus]).to.deep.equal(['not-recovered', 3]);
    expect(journal.outcome.sentence).to.include('expected well, found feverish; 1 claim');
    expect(journal.attempts).to.have.length(1);
    expect(given.stacks[0]?.state.gone).to.equal(true);
  });

  it('is held to its applications: before the disaster, and when all else holds', async () => {
    await using given = await fakeStage();
    const { journal } = await playGameDay(given.stage, { ...byRobot, scenario: scenario({ applications: ['todo'] }) });
    expect(journal.outcome.outcome).to.equal('recovered');
    const todo = { service: 'todo', name: 'the application works on the data', holds: true };
    for (const asked of [journal.steadyBefore, journal.attempts[0]?.checks, journal.steadyAfter]) {
      expect(asked?.at(-1)).to.deep.include(todo);
    }
    const done = given.stacks[0]?.state.done ?? [];
    expect(done.slice(0, 2), 'what it writes is in the backup').to.deep.equal(['try todo', 'backup']);
    expect(done.filter((each) => each === 'try todo')).to.have.length(2);
  });

  it('does not run its applications while other checks do not hold, and is not recovered then', async () => {
    await using given = await fakeStage();
    const robot = [{ do: 'statements' as const, service: 'agama', text: 'feverish' }];
    const wrong = scenario({ robot, applications: ['todo'] });
    const { journal } = await playGameDay(given.stage, { ...byRobot, scenario: wrong });
    expect(journal.outcome.outcome).to.equal('not-recovered');
    expect(journal.attempts[0]?.checks.at(-1)).to.deep.include({
      ...{ service: 'todo', holds: false, found: 'it was not run, because other checks do not hold' },
    });
    expect(given.stacks[0]?.state.done.filter((each) => each === 'try todo')).to.have.length(1);
  });

  it('is not begun when an application does not work on what was seeded', async () => {
    await using given = await fakeStage();
    const raise: typeof given.stage.raise = async (...order) => {
      const stack = await given.stage.raise(...order);
      stack.tryApplications = async () => [
        {
          service: 'todo',
          name: 'the application works on the data',
          holds: false,
          expected: 'x',
          found: 'status 500',
        },
      ];
      return stack;
    };
    const stage = { ...given.stage, raise };
    const { journal } = await playGameDay(stage, { ...byRobot, scenario: scenario({ applications: ['todo'] }) });
    expect(journal.outcome.outcome).to.equal('not-begun');
    expect(journal.outcome.sentence).to.include('todo').and.include('status 500');
  });

  it('gives up when a step fails, and says which', async () => {
    const refuse = () => Promise.reject(new FiredrillError('NO_SUCH_SET', 'there is no backup'));
    await using given = await fakeStage([], { restore: refuse });
    const robot = [
      { do: 'restore' as const, service: 'agama', at: 'newest' as const, from: undefined, parts: undefined },
    ];
    const { journal } = await playGameDay(given.stage, { ...byRobot, scenario: scenario({ robot }) });
    expect(journal.outcome.sentence).to.equal('the robot could not go on: there is no backup');
    expect(given.stacks[0]?.state.gone).to.equal(true);
  });

  it('goes by the situation where no steady check fails', async function () {
    this.timeout(10_000);
    await using given = await fakeStage();
    const wish = scenario({ steady: [asBeforeCheck('agama')], recovered: [saysCheck('agama', 'well')] });
    const { journal } = await playGameDay(given.stage, { ...byRobot, scenario: wish });
    const detected = journal.timeline.find(({ kind }) => kind === 'detected');
    expect(detected?.text).to.equal('no steady check fails: the situation, as it was told');
  });
});

describe('one game day at a time', () => {
  it('is held to by a lock, also when its terminal has left', async () => {
    await using given = await fakeStage(['leave']);
    const { journal } = await playGameDay(given.stage, byHand);
    const error = await rejectionOf(playGameDay(given.stage, byHand));
    expect([error.code, error.exit]).to.deep.equal(['LOCKED', 11]);
    expect(error.message).to.include(journal.gameDay.id);
    expect(error.hint).to.include('--resume').and.include('--abort');
  });

  it('is refused to a second terminal while one is at it', async () => {
    let second: FiredrillError | undefined;
    await using given = await fakeStage(['note']);
    const terminal = {
      print: () => {},
      ask: async () => {
        second ??= await rejectionOf(resumeGameDay(given.stage));
        return 'end' as const;
      },
    };
    await playGameDay({ ...given.stage, terminal }, byHand);
    expect([second?.code, second?.exit]).to.deep.equal(['LOCKED', 11]);
  });

  it('can be seen while it goes on, with its clock', async () => {
    await using given = await fakeStage(['hint', 'yes', 'leave']);
    const { journal } = await playGameDay(given.stage, byHand);
    const running = await runningGameDay(given.folder);
    expect(running?.id).to.equal(journal.gameDay.id);
    expect(running?.clockMs).to.be.within(5_000, 30_000);
    expect(running?.journal.gameDay.situation).to.equal('Something is wrong.');
    await abortGameDay(given.stage);
    expect(await runningGameDay(given.folder)).to.equal(undefined);
  });
});

describe('--abort', () => {
  it('removes what a terminal has left', async () => {
    await using given = await fakeStage(['leave']);
    await playGameDay(given.stage, byHand);
    const { journal } = await abortGameDay(given.stage);
    expect([journal.outcome.outcome, journal.exitStatus]).to.deep.equal(['aborted', 130]);
    expect(given.stacks[0]?.state.gone).to.equal(true);
    expect(journal.rollBack).to.deep.equal([{ what: 'container game-agama', ok: true, sentence: 'it was removed' }]);
  });

  it('says that there is none, as --resume does', async () => {
    await using given = await fakeStage();
    for (const error of [await rejectionOf(abortGameDay(given.stage)), await rejectionOf(resumeGameDay(given.stage))]) {
      expect([error.code, error.hint]).to.deep.equal(['USAGE', 'Run: firedrill gameday']);
    }
  });

  it('frees the way where nothing of a game day can be read any more', async () => {
    await using given = await fakeStage(['leave']);
    const { folder } = await playGameDay(given.stage, byHand);
    await writeFile(join(folder, 'events.jsonl'), 'nothing of it\n');
    expect((await rejectionOf(abortGameDay(given.stage))).code).to.equal('JOURNAL_INVALID');
    expect(await runningGameDayId(given.folder)).to.equal(undefined);
  });

  it('clears away what is left of a stack that cannot be attached to', async () => {
    await using given = await fakeStage(['leave']);
    const { folder } = await playGameDay(given.stage, byHand);
    const { journal } = await abortGameDay({ ...given.stage, attach: async () => undefined });
    expect(given.cleared).to.deep.equal([join(folder, 'stack')]);
    expect(journal.outcome.outcome).to.equal('aborted');
    expect(await runningGameDayId(given.folder)).to.equal(undefined);
  });

  it('tries again what could not be removed', async () => {
    await using given = await fakeStage(['leave']);
    await playGameDay(given.stage, byHand);
    const [stack] = given.stacks;
    const stubborn = { dispose: async () => [{ what: 'container', ok: false, sentence: 'Docker is away' }] };
    const attach = async () => Object.assign(Object.create(stack ?? null), stubborn);
    await abortGameDay({ ...given.stage, attach });
    expect(await runningGameDayId(given.folder)).to.be.a('string');
    const { journal } = await abortGameDay(given.stage);
    expect(journal.rollBack.map(({ ok }) => ok)).to.deep.equal([true]);
    expect(await runningGameDayId(given.folder)).to.equal(undefined);
  });
});

describe('what was written down of a game day', () => {
  it('is on the disk before the next thing happens, and a line that was cut off costs only itself', async () => {
    await using given = await fakeStage(['note one', 'leave']);
    const { folder } = await playGameDay(given.stage, byHand);
    const file = join(folder, 'events.jsonl');
    const text = await readFile(file, 'utf8');
    await writeFile(file, `${text}{"moment":{"at":"2026-11-`);
    await using later = await fakeStage(['note two', 'leave']);
    const { journal } = await resumeGameDay({ ...later.stage, gameDaysFolder: given.folder });
    const notes = journal.timeline.filter(({ kind }) => kind === 'note').map((each) => each.text);
    expect(notes).to.deep.equal(['one', 'two']);
  });

  it('is not gone on with when the terminal died before the clock was told', async () => {
    await using given = await fakeStage(['leave']);
    const { folder } = await playGameDay(given.stage, byHand);
    const file = join(folder, 'events.jsonl');
    const lines = (await readFile(file, 'utf8')).split('\n');
    const until = lines.findIndex((line) => line.includes('"kind":"injected"'));
    await writeFile(file, `${lines.slice(0, until).join('\n')}\n`);
    const { journal, left } = await resumeGameDay(given.stage);
    expect([journal.outcome.outcome, left]).to.deep.equal(['aborted', false]);
    expect(given.stacks[0]?.state.gone).to.equal(true);
  });
});
