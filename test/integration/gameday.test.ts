import { readdirSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ownScenarios } from '../../src/config/load-scenarios.ts';
import type { GameDayJournal } from '../../src/model/gameday-journal.ts';
import { runningGameDayId } from '../../src/report/gameday/running-gameday.ts';
import { firedrill, startFiredrill } from '../support/firedrill.ts';
import { gameDayCompany } from '../support/gameday-company.ts';
import { scratchFolder } from '../support/scratch.ts';
import { leftOf } from '../support/stack-company.ts';
import { until } from '../support/until.ts';

/** All that come with firedrill. */
const all = readdirSync(ownScenarios).map((name) => name.replace('.yaml', ''));

/** Those that need no MySQL. */
const others = ['manager-request', 'new-colleague'];

describe('game days of the demo’s company', function () {
  this.timeout(600_000);

  let scratch: { path: string } & AsyncDisposable;
  let folder: string;
  before(async () => {
    scratch = await scratchFolder();
    folder = scratch.path;
    await gameDayCompany(folder);
  });
  after(() => scratch?.[Symbol.asyncDispose]());

  const run = (...args: string[]) => firedrill(['--quiet', ...args], { cwd: folder, main: 'real' });
  const scenarioText = (name: string) => readFile(join(import.meta.dirname, `../../drills/${name}.yaml`), 'utf8');

  async function played(...args: string[]) {
    const { status, stdout, stderr } = await run('gameday', '--json', ...args);
    return { status, stderr, journal: JSON.parse(stdout) as GameDayJournal };
  }

  it('lists the scenarios, with what each of them is', async () => {
    const { status, stdout } = await run('gameday');
    expect(status).to.equal(0);
    for (const name of all) expect(stdout).to.match(new RegExp(`^${name} `, 'm'));
  });

  async function assertRecovered(journal: GameDayJournal) {
    expect(journal.outcome.outcome, journal.outcome.sentence).to.equal('recovered');
    const { detectionMs, decisionMs, restoreMs, verificationMs, totalMs } = journal.minutes;
    const parts = [detectionMs, decisionMs, restoreMs, verificationMs].map((each) => each ?? Number.NaN);
    expect(parts.reduce((sum, each) => sum + each, 0)).to.equal(totalMs);
    const [attempt] = journal.attempts;
    expect(attempt?.checks.length).to.be.above(0);
    expect(attempt?.checks.every(({ holds }) => holds)).to.equal(true);
    expect(journal.restores.map(({ outcome, verdict }) => [outcome, verdict])).to.deep.equal([['restored', 'pass']]);
    expect(journal.injected).to.not.deep.equal([]);
    expect(journal.isolation.every(({ ok }) => ok)).to.equal(true);
    expect(journal.rollBack.length).to.be.above(1);
    expect(await leftOf(journal.gameDay.id)).to.deep.equal([]);
  }

  for (const name of all.filter((each) => !others.includes(each))) {
    it(`${name} is recovered by the robot, and verified, its application as well, and nothing is left`, async () => {
      const { status, stderr, journal } = await played(name, '--robot');
      await assertRecovered(journal);
      for (const asked of [journal.steadyBefore, journal.attempts[0]?.checks, journal.steadyAfter]) {
        const todo = asked?.find(({ service }) => service === 'todo');
        expect([todo?.holds, todo?.found]).to.deep.equal([true, 'ready, and 5 steps']);
      }
      expect(status, stderr).to.equal(0);
    });
  }

  it('the others, too, one after the other, with one exit status', async () => {
    const text = await readFile(join(folder, 'firedrill.yaml'), 'utf8');
    const few = text.replace(/^ {2}agama:[\s\S]*?(?=^ {2}telegraf:)/m, '').replace(/^applications:[\s\S]*/m, '');
    await writeFile(join(folder, 'few.yaml'), few);
    const { status, stdout, stderr } = await run('--config', 'few.yaml', 'gameday', '--all', '--robot', '--json');
    const journals = JSON.parse(stdout) as GameDayJournal[];
    expect(journals.map(({ gameDay }) => gameDay.scenario)).to.deep.equal(others);
    for (const journal of journals) await assertRecovered(journal);
    expect(status, stderr).to.equal(0);
  });

  it('shows the times of all of them on one page', async () => {
    const index = await readFile(join(folder, 'gamedays/index.html'), 'utf8');
    for (const name of all) expect(index).to.include(name);
  });

  it('judges a recovery that went to after the disaster as not recovered', async () => {
    await mkdir(join(folder, 'drills'), { recursive: true });
    const wrong = (await scenarioText('deleted-data')).replace(
      /^robot:[\s\S]*?(?=^rollBack:)/m,
      'robot:\n  - { do: backup, services: [agama] }\n  - { do: restore, service: agama }\n',
    );
    await writeFile(join(folder, 'drills/too-far.yaml'), wrong);
    const { status, journal } = await played('too-far', '--robot');
    expect([status, journal.outcome.outcome]).to.deep.equal([3, 'not-recovered']);
    expect(
      journal.restores.map(({ outcome }) => outcome),
      'it was restored, and is wrong all the same',
    ).to.deep.equal(['restored']);
    const failing =
      journal.attempts
        .at(-1)
        ?.checks.filter(({ holds }) => !holds)
        .map(({ found }) => found) ?? [];
    expect(failing.length).to.be.above(0);
    expect(failing.join('\n')).to.include("attachments' doesn't exist").and.include('other checks do not hold');
    expect(await leftOf(journal.gameDay.id)).to.deep.equal([]);
  });

  it('goes on after its terminal was killed, with the same clock; an abort from elsewhere leaves nothing', async () => {
    const first = startFiredrill(['gameday', 'deleted-data', '--operator', 'anna'], { cwd: folder, main: 'real' });
    let said = '';
    first.child.stderr.on('data', (text: string) => {
      said += text;
    });
    // Its input has ended, so it leaves as soon as the clock is told: a terminal that dies does no more.
    await until('the clock runs', async () => (said.includes('The clock runs') ? true : undefined), 180_000);
    first.child.kill('SIGKILL');
    await first.ended;
    const id = (await runningGameDayId(join(folder, 'gamedays'))) ?? '';
    expect(await leftOf(id)).to.not.deep.equal([]);
    const second = await run('gameday', 'hardware', '--robot');
    expect([second.status, second.stderr.includes('--resume')]).to.deep.equal([11, true]);

    const resumed = await firedrill(['gameday', '--resume'], { cwd: folder, main: 'real' });
    expect(resumed.status, 'its input ends at once: the stack stands').to.equal(130);
    expect(resumed.stderr).to.include('Support calls').and.include(`You go on with ${id}`);
    const { status, journal } = await played('--abort');
    expect([status, journal.outcome.outcome, journal.gameDay.operator]).to.deep.equal([130, 'aborted', 'anna']);
    const atMs = (kind: string) => journal.timeline.find((each) => each.kind === kind)?.atMs ?? Number.NaN;
    expect(atMs('resumed')).to.be.above(0);
    expect(atMs('aborted')).to.be.at.least(atMs('resumed'));
    expect(await leftOf(id)).to.deep.equal([]);
    expect(await runningGameDayId(join(folder, 'gamedays'))).to.equal(undefined);
  });

  it('removes what is left of a stack whose raising was killed', async () => {
    const raising = startFiredrill(['gameday', 'manager-request', '--robot'], { cwd: folder, main: 'real' });
    const id = await until(
      'something of the stack is there',
      async () => {
        const found = await runningGameDayId(join(folder, 'gamedays'));
        return found !== undefined && (await leftOf(found)).length > 1 ? found : undefined;
      },
      120_000,
    );
    raising.child.kill('SIGKILL');
    await raising.ended;
    const { status, journal } = await played('--abort');
    expect([status, journal.outcome.outcome, journal.minutes.totalMs]).to.deep.equal([130, 'aborted', null]);
    expect(await leftOf(id)).to.deep.equal([]);
    expect(await runningGameDayId(join(folder, 'gamedays'))).to.equal(undefined);
  });

  it('keeps lessons and what is to be done, and renders the report anew', async () => {
    const ids = (await readdir(join(folder, 'gamedays'))).filter((name) => name.endsWith('-deleted-data'));
    const [id = ''] = ids;
    const added = await run(
      'gameday',
      'lessons',
      id,
      '--lesson',
      'We had no key.',
      '--follow-up',
      'Copy it',
      '--who',
      'Anna',
    );
    expect(added.status, added.stderr).to.equal(0);
    const html = await readFile(join(folder, 'gamedays', id, 'report.html'), 'utf8');
    expect(html).to.include('We had no key.').and.include('Copy it');
    const unknown = await run('gameday', 'lessons', '20200101T000000Z-none', '--lesson', 'x');
    expect(unknown.status).to.equal(10);
  });
});
