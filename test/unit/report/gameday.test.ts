import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { renderGameDayHtml } from '../../../src/report/gameday/render-gameday-html.ts';
import { renderGameDayText } from '../../../src/report/gameday/render-gameday-text.ts';
import { renderGameDays } from '../../../src/report/gameday/render-gamedays.ts';
import { gameDaysIn, writeGameDay } from '../../../src/report/gameday/write-gameday.ts';
import { readGameDay } from '../../../src/report/read-journal.ts';
import { gameDayJournal, hostileGameDay, lostGameDay, robotGameDay } from '../../support/gameday-journal.ts';
import { strangeMarkup, textOf } from '../../support/markup.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

describe('the report of a game day', () => {
  it('says what came of it, where the minutes went, and what was done', () => {
    const text = textOf(renderGameDayHtml(gameDayJournal()));
    for (const said of [
      'RECOVERED',
      'A sensitive table was dropped',
      'Zoë Müller',
      'agama: DROP TABLE agama.payments',
      'Support says that invoices show no payments.',
      '1 of 2 checks held',
      'The password of the admin account was known to one person only.',
      '2026-12-04',
      'and a replica',
    ]) {
      expect(text, said).to.contain(said);
    }
    expect(text).to.match(/restore\s*6 m 40 s/);
  });

  it('shows earlier game days of the scenario beside it, with the limit on the same scale', () => {
    const html = renderGameDayHtml(gameDayJournal(), [lostGameDay(), robotGameDay()]);
    expect(textOf(html)).to.contain('here and in earlier game days').and.contain('2026-11-27 10:00:00 UTC: the robot');
    const widths = [...html.matchAll(/<rect class="p-restore" x="[\d.]+%" width="([\d.]+)%" y="2"/g)].map(([, w]) => w);
    // 400 s and 38 s of 1800 s; the lost one has none.
    expect(widths).to.deep.equal(['22.22', '2.11']);
  });

  it('does not say that all was removed when it was not', () => {
    expect(textOf(renderGameDayHtml(gameDayJournal()))).to.contain('Nothing of the stack is left');
    const lost = textOf(renderGameDayHtml(lostGameDay()));
    expect(lost).to.contain('Not everything could be removed.').and.not.contain('Nothing of the stack is left');
    expect(lost).to.contain('None was written down yet.').and.contain('firedrill gameday lessons');
  });

  it('lets no name be anything but text', () => {
    for (const html of [renderGameDayHtml(hostileGameDay(), [hostileGameDay()]), renderGameDays([hostileGameDay()])]) {
      expect(strangeMarkup(html, ['a', 'h1'])).to.deep.equal([]);
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(renderGameDayText(hostileGameDay())).to.not.match(/[\u0000-\u0009\u000b-\u001f\u202e\u2066]/);
  });

  it('is the same in text, with what did not hold', () => {
    const lines = renderGameDayText(gameDayJournal(), [robotGameDay()]).split('\n');
    expect(lines[0]).to.equal('RECOVERED: agama was recovered in 14 m 12 s of 30 m: all 2 checks hold.');
    expect(lines.join('\n')).to.match(/Claim 1, after .*: agama: orders as before: 0/);
    expect(lines).to.include('  in all        14 m 12 s of 30 m');
    expect(lines.join('\n')).to.contain('put it into the vault of secrets (Zoë, 2026-12-04)');
  });

  it('overviews all: the fastest robot beside the fastest person, lost ones not counted', () => {
    const text = textOf(renderGameDays([gameDayJournal(), lostGameDay(), robotGameDay()]));
    expect(text).to.contain('3 game days of 1 scenario.');
    expect(text).to.contain('the robot 39.5 s, a person 14 m 12 s.');
    expect(textOf(renderGameDays([lostGameDay()]))).to.contain('the robot never recovered, a person never recovered');
    expect(textOf(renderGameDays([]))).to.contain('There was none yet.');
  });
});

describe('the folder of game days', () => {
  it('holds journal, reports and an overview, and gets lessons later', async () => {
    await using folder = await scratchFolder();
    await writeGameDay(robotGameDay(), folder.path);
    const written = await writeGameDay(gameDayJournal({ lessons: [] }), folder.path);
    expect((await readdir(written.folder)).sort()).to.deep.equal(['journal.json', 'report.html', 'report.txt']);
    expect(await readGameDay(written.json)).to.deep.equal(gameDayJournal({ lessons: [] }));
    expect(await readFile(written.html, 'utf8')).to.contain('here and in earlier game days');
    await writeGameDay(gameDayJournal(), folder.path);
    expect((await readGameDay(written.json)).lessons).to.have.length(1);
    const index = await readFile(written.index, 'utf8');
    expect(index.match(/href="[^"]+"/g)).to.deep.equal([
      'href="20261129T103107Z-deleted-data/report.html"',
      'href="20261127T100000Z-deleted-data/report.html"',
    ]);
  });

  it('leaves out what is no journal of a game day', async () => {
    await using folder = await scratchFolder();
    const { json } = await writeGameDay(robotGameDay(), folder.path);
    await writeGameDay(gameDayJournal(), folder.path);
    await writeFile(json, (await readFile(json, 'utf8')).replace('"recovered"', '"wonderful"'));
    expect((await rejectionOf(readGameDay(json))).message).to.contain('is not a journal of this version');
    expect((await gameDaysIn(folder.path)).map(({ gameDay }) => gameDay.robot)).to.deep.equal([false]);
    expect(await gameDaysIn(join(folder.path, 'none'))).to.deep.equal([]);
  });
});
