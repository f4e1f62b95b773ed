import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import type { GameDayHappening } from '../../src/model/gameday-event.ts';
import { appendEvent, eventsFile } from '../../src/report/gameday/event-log.ts';
import { markRunning, unmarkRunning } from '../../src/report/gameday/running-gameday.ts';
import { writeGameDay } from '../../src/report/gameday/write-gameday.ts';
import { RunningRecord } from '../../src/report/running/running-record.ts';
import { axeViolations, outsideOf } from '../support/browser-checks.ts';
import { openPage } from '../support/chromium.ts';
import { fileCompany } from '../support/firedrill.ts';
import { gameDayJournal } from '../support/gameday-journal.ts';
import { hostileNames } from '../support/hostile.ts';
import { scenario as ofScenario } from '../support/scenario.ts';
import { served } from '../support/served.ts';
import { until } from '../support/until.ts';

const id = '20261122T021500Z-nightly';
const about = { name: 'nightly', vault: 'onsite', services: ['agama', 'telegraf'], rtoMs: 1_800_000 };

/** A drill that is half-way, with the worst names as well. */
function begin(reports: string): RunningRecord {
  const record = new RunningRecord();
  record.begin(reports, { ...about, services: [...about.services, ...hostileNames] });
  record.tell({ service: 'agama', phase: 'fetch', text: 'ended after 0.2 s' });
  record.tell({ service: 'agama', phase: 'restore', text: 'agama.orders', bytes: 512, totalBytes: 1024 });
  for (const name of hostileNames) record.tell({ service: name, phase: 'restore', text: hostileNames.join(' ') });
  return record;
}

/** A game day that somebody is at: each thing that is written happens at once. */
async function runningDay(gameDays: string) {
  const { gameDay, environment } = gameDayJournal();
  const events = join(gameDays, gameDay.id, eventsFile);
  await mkdir(dirname(events), { recursive: true });
  await markRunning(gameDays, gameDay.id);
  const write = (happening: GameDayHappening) => appendEvent(events, happening);
  const { id, operator, robot, situation, limitMs, title } = gameDay;
  const scenario = { ...ofScenario(), name: gameDay.scenario, title, situation, limitMs };
  await write({ kind: 'begun', id, scenario, operator, robot, environment });
  return { write };
}

describe('firedrill serve in Chromium', function () {
  this.timeout(90_000);

  it('leads from the index to a report, without a complaint and without asking anybody else', async () => {
    await using given = await served();
    await using open = await openPage();
    await open.page.goto(given.url);
    await open.page.getByRole('link', { name: 'its report' }).click();
    expect(open.page.url()).to.equal(`${given.url}${id}/report.html`);
    expect(await open.page.getByRole('heading', { level: 1 }).textContent()).to.contain('PASS');
    expect(open.complaints).to.deep.equal([]);
    expect(open.requests.filter((url) => !url.startsWith(given.url) && !url.startsWith('data:'))).to.deep.equal([]);
  });

  it('shows a drill while it runs, goes on by itself, and leads to its report', async () => {
    await using given = await served();
    await using open = await openPage();
    await open.page.goto(`${given.url}live`);
    await open.page.getByText('No drill runs now.').waitFor();
    await open.page.getByRole('status').getByText('live', { exact: true }).waitFor();
    const record = begin(given.reports);
    const row = open.page.getByRole('row', { name: /^agama/ });
    await row.getByText('restore: agama.orders').waitFor();
    expect(await row.textContent()).to.match(/512 B of 1\.0 KiB[\s\S]*done: fetch/);
    await record.end('pass', id);
    await open.page.getByText('ended: pass').waitFor();
    await open.page.getByRole('link', { name: 'Its report' }).click();
    expect(open.page.url()).to.equal(`${given.url}${id}/report.html`);
    expect(open.complaints).to.deep.equal([]);
  });

  it('shows a game day with its clock, what the operator was told, and not what was injected; then its report', async () => {
    await using given = await served();
    await using open = await openPage({ viewport: { width: 375, height: 900 }, bypassCSP: true });
    const day = await runningDay(given.gameDays);
    await open.page.goto(`${given.url}live`);
    await open.page.getByText('not begun: the stack is being raised').waitFor();
    await day.write({ kind: 'disaster', before: [] });
    await day.write({ kind: 'injected', what: 'DROP TABLE agama.payments' });
    await day.write({ kind: 'said', who: 'operator', as: 'note', text: hostileNames.join(' ') });
    await open.page.getByText('Support says that invoices').waitFor();
    const clock = open.page.getByRole('timer');
    const first = (await clock.textContent()) ?? '';
    expect(first).to.match(/^\d+\ss of 30\sm$/);
    await clock.filter({ hasNotText: first }).waitFor();
    expect(await open.page.locator('main').textContent()).to.not.contain('DROP TABLE');
    expect(await outsideOf(open.page, 375)).to.deep.equal([]);
    expect(await axeViolations(open.page)).to.deep.equal([]);
    await writeGameDay(gameDayJournal(), given.gameDays);
    await unmarkRunning(given.gameDays);
    await open.page.getByText('No drill runs now.').waitFor();
    await open.page.goto(`${given.url}gamedays/`);
    await open.page.getByRole('link', { name: /Zoë Müller/ }).click();
    expect(open.page.url()).to.equal(`${given.url}gamedays/20261129T103107Z-deleted-data/report.html`);
    expect(open.complaints).to.deep.equal([]);
  });

  for (const width of [320, 375, 1440]) {
    it(`fits ${width} px, with hostile names`, async () => {
      await using given = await served();
      await using _record = begin(given.reports);
      await using open = await openPage({ viewport: { width, height: 900 } });
      await open.page.goto(`${given.url}live`);
      await open.page.getByText('restore: agama.orders').first().waitFor();
      expect(await outsideOf(open.page, width)).to.deep.equal([]);
      expect(open.complaints).to.deep.equal([]);
    });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`is accessible, ${colorScheme}`, async () => {
      await using given = await served();
      await using _record = begin(given.reports);
      await using open = await openPage({ colorScheme, viewport: { width: 375, height: 900 }, bypassCSP: true });
      await open.page.goto(`${given.url}live`);
      await open.page.getByText('restore: agama.orders').first().waitFor();
      expect(await axeViolations(open.page)).to.deep.equal([]);
    });
  }

  it('says that what stands there may be old when the server is gone', async () => {
    await using given = await served();
    await using open = await openPage();
    await open.page.goto(`${given.url}live`);
    await open.page.getByRole('status').getByText('live', { exact: true }).waitFor();
    await given.stop();
    await open.page.getByText('what stands here may be old').waitFor();
  });

  it('runs no script that was written into a report', async () => {
    await using given = await served();
    const page =
      '<!doctype html><title>as it was</title><script>document.title = "run"</script><img src=x onerror="document.title=1">';
    await writeFile(join(given.reports, id, 'report.html'), page);
    await using open = await openPage();
    await open.page.goto(`${given.url}${id}/report.html`);
    expect(await open.page.title()).to.equal('as it was');
    expect(open.complaints.join()).to.match(/Content Security Policy/);
  });
});

describe('firedrill serve, from the command line', function () {
  this.timeout(180_000);

  it('shows a real drill while it runs, and its report afterwards; ends well when it is stopped', async () => {
    await using company = await fileCompany('one', 'two');
    expect((await company.run(['backup'])).status).to.equal(0);
    const serve = company.start(['serve', '--port', '0']);
    let printed = '';
    serve.child.stdout.on('data', (text: string) => {
      printed += text;
    });
    const url = await until('the address', async () => /^http:\S+\/\n/.exec(printed)?.[0].trim());
    const drill = company.start(['drill', 'nightly']);
    const live = async () => (await fetch(`${url}live`)).text();
    await until(
      'the drill on the page',
      async () => (/nightly[\s\S]*running[\s\S]*one[\s\S]*restore: /.test(await live()) ? true : undefined),
      60_000,
    );
    expect((await drill.ended).status).to.equal(0);
    const [, report = ''] = await until(
      'its end',
      async () => /ended: pass[\s\S]*href="\/([^"]+)"/.exec(await live()) ?? undefined,
    );
    expect(report).to.match(/^\d{8}T\d{6}Z-nightly\/report\.html$/);
    expect((await fetch(`${url}${report}`)).status).to.equal(200);
    expect(await (await fetch(url)).text()).to.contain(`href="${report}"`);
    serve.child.kill('SIGTERM');
    expect(await serve.ended).to.deep.include({ status: 0, stderr: '' });
  });

  it('says what to type when the port is taken, and what a port is', async () => {
    await using company = await fileCompany('one');
    await using given = await served();
    const taken = await company.run(['serve', '--port', new URL(given.url).port]);
    expect(taken.status).to.equal(1);
    expect(taken.stderr).to.match(
      /\[LISTEN_FAILED\] cannot listen at 127\.0\.0\.1:\d+ \(EADDRINUSE\)\n {2}next: .*--port/,
    );
    const wrong = await company.run(['serve', '--port', '99999']);
    expect(wrong.status).to.equal(2);
    expect(wrong.stderr).to.match(/--port takes a number from 0 to 65535, not: 99999/);
  });
});
