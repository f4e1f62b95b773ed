import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { GameDayJournal } from '../../src/model/gameday-journal.ts';
import { runningGameDayId } from '../../src/report/gameday/running-gameday.ts';
import { FakeStack } from '../support/fake-stack.ts';
import { scratchFolder } from '../support/scratch.ts';

const main = join(import.meta.dirname, '../support/gameday-main.ts');

const started: ChildProcess[] = [];

/** A terminal of its own: what is typed goes into a pipe, what is said comes out of another. */
function start(way: 'play' | 'resume' | 'abort', folder: string) {
  const child = spawn(process.execPath, [main, way, folder], { stdio: 'pipe' });
  started.push(child);
  let said = '';
  let result = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    result += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    type: (line: string) => child.stdin.write(`${line}\n`),
    until: (text: string) => until(() => said.includes(text), `“${text}” after: ${said}`),
    /** Its exit status, and its journal where it printed one. */
    end: async () => {
      const status = await ended;
      const { journal } = result === '' ? { journal: undefined } : JSON.parse(result);
      return { status, said, journal: journal as GameDayJournal };
    },
  };
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 600; i += 1) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`this did not come: ${what}`);
}

function kill(child: ChildProcess, signal: NodeJS.Signals) {
  child.kill(signal);
}

describe('the terminal of a game day', function () {
  this.timeout(120_000);

  let scratch: { path: string } & AsyncDisposable;
  beforeEach(async () => {
    scratch = await scratchFolder();
  });
  afterEach(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    await scratch[Symbol.asyncDispose]();
  });

  async function stack(): Promise<FakeStack> {
    const id = (await runningGameDayId(scratch.path)) ?? '';
    const found = FakeStack.attach(join(scratch.path, id, 'stack'));
    if (!found) throw new Error('the stack is gone');
    return found;
  }

  it('can be a pipe: a script is a game day', async () => {
    const terminal = start('play', scratch.path);
    for (const line of ['detected it is ill', 'hint', 'yes', 'give up', 'yes']) terminal.type(line);
    const { status, journal, said } = await terminal.end();
    expect([status, journal.outcome.outcome, journal.minutes.penaltyMs], said).to.deep.equal([
      3,
      'not-recovered',
      5_000,
    ]);
    expect(said, 'no prompt where nobody sees it').to.not.include('> ');
  });

  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGHUP'] as const) {
    it(`may die by ${signal}: the stack stands, and --resume goes on with the same clock`, async () => {
      const first = start('play', scratch.path);
      await first.until('The clock runs');
      first.type('detected it is ill');
      await first.until('Noted: detected');
      const began = Date.now();
      kill(first.child, signal);
      const dead = await first.end();
      expect(dead.status).to.equal(signal === 'SIGKILL' ? null : 130);
      expect((await stack()).state).to.deep.include({ gone: false, said: { agama: 'ill' } });
      await new Promise((resolve) => setTimeout(resolve, 1_500));

      const second = start('resume', scratch.path);
      await second.until('You go on with');
      (await stack()).say('agama', 'well');
      second.type('recovered');
      const { status, journal, said } = await second.end();
      const sinceMs = Date.now() - began;
      expect(status, said).to.equal(0);
      expect(said).to.include('Something is wrong.').and.include('It is recovered');
      const kinds = journal.timeline.map(({ kind }) => kind);
      expect(kinds.slice(kinds.indexOf('disaster'), -1)).to.deep.equal([
        'disaster',
        'detected',
        'resumed',
        'claim',
        'verified',
      ]);
      const detectedMs = journal.minutes.detectionMs ?? 0;
      expect(journal.minutes.totalMs, 'the time without a terminal counts').to.be.within(
        1_500,
        sinceMs + detectedMs + 1_000,
      );
      expect(await runningGameDayId(scratch.path)).to.equal(undefined);
    });
  }

  it('is told when its game day is aborted from elsewhere, and nothing is left', async () => {
    const first = start('play', scratch.path);
    await first.until('The clock runs');
    const there = await stack();
    const { status, journal } = await start('abort', scratch.path).end();
    expect([status, journal.outcome.outcome]).to.deep.equal([130, 'aborted']);
    expect(there.state.gone).to.equal(true);
    first.type('note is anybody there?');
    const left = await first.end();
    expect(left.said).to.include('ended from elsewhere');
    expect([left.status, left.journal.outcome.outcome]).to.deep.equal([130, 'aborted']);
    const events = await readFile(join(scratch.path, journal.gameDay.id, 'events.jsonl'), 'utf8');
    expect(events, 'nothing is noted after the end').to.not.include('is anybody there');
  });

  it('refuses a second game day, and a second terminal', async () => {
    const first = start('play', scratch.path);
    await first.until('The clock runs');
    for (const way of ['play', 'resume'] as const) {
      const { status, said } = await start(way, scratch.path).end();
      expect([status, said.includes('[LOCKED]')]).to.deep.equal([11, true]);
    }
    kill(first.child, 'SIGKILL');
    await first.end();
    const { status, said } = await start('play', scratch.path).end();
    expect(status, 'its terminal is gone, the game day is not').to.equal(11);
    expect(said).to.include('firedrill gameday --resume');
  });
});
