import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { GameDayJournal } from '../../src/model/gameday-journal.ts';
import { writeGameDay } from '../../src/report/gameday/write-gameday.ts';
import { axeViolations, outsideOf } from '../support/browser-checks.ts';
import { openPage } from '../support/chromium.ts';
import { gameDayJournal, hostileGameDay, lostGameDay, robotGameDay } from '../support/gameday-journal.ts';
import { scratchFolder } from '../support/scratch.ts';

describe('the report of a game day in Chromium', function () {
  this.timeout(60_000);

  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  const urls: Record<string, string> = {};
  const journals: Record<string, GameDayJournal> = {
    robot: robotGameDay(),
    lost: lostGameDay(),
    recovered: gameDayJournal(),
    hostile: hostileGameDay(),
  };

  before(async () => {
    folder = await scratchFolder();
    for (const [i, [name, journal]] of Object.entries(journals).entries()) {
      const id = `2026112${i}T100000Z-${name}`;
      const gameDay = { ...journal.gameDay, id };
      const { html, index } = await writeGameDay({ ...journal, gameDay }, folder.path);
      urls[name] = pathToFileURL(html).href;
      urls.overview = pathToFileURL(index).href;
    }
  });

  after(() => folder[Symbol.asyncDispose]());

  for (const name of [...Object.keys(journals), 'overview']) {
    it(`asks for nothing else, fits phone and desk, is accessible in light and dark: ${name}`, async () => {
      for (const width of [375, 1440]) {
        const colorScheme = width === 375 ? 'dark' : 'light';
        await using open = await openPage({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
        await open.page.goto(urls[name] ?? '');
        await open.page.waitForLoadState('networkidle');
        expect(open.complaints).to.deep.equal([]);
        expect(open.requests).to.deep.equal([urls[name]]);
        await open.page.locator('details').evaluateAll((all) => {
          for (const each of all) each.setAttribute('open', '');
        });
        expect(await outsideOf(open.page, width)).to.deep.equal([]);
        expect(await axeViolations(open.page)).to.deep.equal([]);
      }
    });
  }

  it('leads from the overview to the report, and prints on a few sheets', async () => {
    await using open = await openPage();
    await open.page.goto(urls.overview ?? '');
    await open.page
      .getByRole('link', { name: /Zoë Müller/ })
      .first()
      .click();
    await open.page.getByRole('heading', { name: /RECOVERED/ }).waitFor();
    const sheets = (await open.page.pdf({ preferCSSPageSize: true })).toString('latin1').match(/\/Type\s*\/Page\b/g);
    expect(sheets?.length).to.be.within(1, 6);
  });
});
