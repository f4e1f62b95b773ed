import { mock } from 'node:test';
import { expect } from 'chai';
import { openLog } from '../../../src/daemon/log.ts';
import { everyMinute } from '../../../src/daemon/ticker.ts';
import { beginWords, endWords, levelOf } from '../../../src/daemon/words.ts';
import { plainLine } from '../../../src/kit/text.ts';
import type { JobOutcome } from '../../../src/model/job-outcome.ts';

const outcome: JobOutcome = {
  ...{ job: 'hourly', run: 'a', occasion: '2026-11-22T01:30:00.000Z', missed: 0, attempt: 1 },
  ...{ startedAt: '2026-11-22T01:30:00.000Z', endedAt: '2026-11-22T01:33:12.000Z' },
  ...{ end: 'ok', status: 0, retryAt: null, report: null, summary: null, errors: [] },
};

describe('the log', () => {
  it('is a line of JSON for each event, whatever a text holds', () => {
    const lines: string[] = [];
    const log = openLog((line) => lines.push(line));
    log.info({ job: 'full', next: { full: 'x' } }, 'two\nlines\u001b[2J');
    log.warn({}, 'w');
    log.error({}, 'e');
    expect(lines).to.have.length(3);
    expect(plainLine(lines.join(''), 10_000)).to.equal(lines.join(''));
    const [first, ...rest] = lines.map((line) => JSON.parse(line));
    expect(first).to.deep.include({ level: 'info', job: 'full', next: { full: 'x' }, message: 'two\nlines\u001b[2J' });
    expect(first.time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(rest.map(({ level }) => level)).to.deep.equal(['warn', 'error']);
  });

  it('says in a sentence what happened, why, and what comes next', () => {
    const errors = [{ code: 'LOCKED', message: 'agama is locked: by\u001b process 7', hint: 'Wait', service: 'agama' }];
    const retryAt = '2026-11-22T01:38:12.000Z';
    const summary = 'verdict: pass |\u001b rto';
    const said: [Partial<JobOutcome>, string, string][] = [
      [{}, 'hourly ended well after 3 m 12 s', 'info'],
      [{ summary }, 'hourly ended well after 3 m 12 s: verdict: pass |\\x1b rto', 'info'],
      [{ summary, errors }, 'hourly ended well after 3 m 12 s: verdict: pass |\\x1b rto', 'info'],
      [
        { end: 'failed', status: 3, summary },
        'hourly failed with exit status 3 after 3 m 12 s: verdict: pass |\\x1b rto',
        'error',
      ],
      [
        { end: 'locked', status: 11, errors, retryAt },
        `hourly was locked out after 3 m 12 s: agama is locked: by\\x1b process 7; it is tried again at ${retryAt}`,
        'warn',
      ],
      [{ end: 'failed', status: 3 }, 'hourly failed with exit status 3 after 3 m 12 s', 'error'],
      [{ end: 'deadline', status: 130 }, 'hourly took too long and was stopped after 3 m 12 s', 'error'],
      [{ end: 'died', status: null, retryAt }, `hourly died after 3 m 12 s; it is tried again at ${retryAt}`, 'warn'],
      [
        { end: 'interrupted', status: 130, retryAt },
        `hourly was stopped after 3 m 12 s; it is tried again at ${retryAt}`,
        'warn',
      ],
    ];
    for (const [change, words, level] of said) {
      expect(endWords({ ...outcome, ...change })).to.equal(words);
      expect(levelOf({ ...outcome, ...change })).to.equal(level);
    }
    expect(beginWords(outcome)).to.equal('hourly begins');
    expect(beginWords({ ...outcome, attempt: 3, missed: 9 })).to.equal(
      'hourly begins, for the 3rd time, also for 9 earlier times that it missed',
    );
  });
});

describe('everyMinute', () => {
  it('calls back at the beginning of each minute, until it is disposed of', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: new Date('2026-11-22T01:29:30Z') });
    try {
      const ticks: string[] = [];
      const ticker = everyMinute(() => ticks.push(new Date().toISOString().slice(11, 19)));
      const pass = async (seconds: number) => {
        for (let i = 0; i < seconds; i += 1) {
          mock.timers.tick(1000);
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await pass(150);
      expect(ticks).to.deep.equal(['01:30:00', '01:31:00', '01:32:00']);
      ticker[Symbol.dispose]();
      await pass(150);
      expect(ticks).to.have.length(3);
    } finally {
      mock.timers.reset();
    }
  });
});
