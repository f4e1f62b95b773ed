import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import type { Journal } from '../../src/model/journal.ts';
import { renderIndex } from '../../src/report/render-index.ts';
import { writeIndex } from '../../src/report/write-index.ts';
import { axeViolations, outsideOf } from '../support/browser-checks.ts';
import { openPage } from '../support/chromium.ts';
import { failedDemoJournal } from '../support/demo-journal.ts';
import { hostileNames } from '../support/hostile.ts';
import { pastDrills, writeJournals } from '../support/many-drills.ts';
import { scratchFolder } from '../support/scratch.ts';

const order = { timeZone: 'Europe/Tallinn', now: new Date('2026-11-22T09:00:00Z') };

/** A good half year with some bad nights. */
const longHistory = () =>
  pastDrills({
    nights: 200,
    verdictOf: (night) => (night % 47 === 20 ? 'fail' : night % 61 === 30 ? 'inconclusive' : 'pass'),
  });

/** The worst names in every place where a name can be. */
function hostile(): Journal[] {
  const long = hostileNames.join(' ');
  const names = new Map(
    pastDrills({ nights: 1 })[0]?.services.map(({ service }, i) => [service, hostileNames[i] ?? '']),
  );
  return pastDrills({ nights: 3, verdictOf: () => 'fail' }).map((journal) => ({
    ...journal,
    checks: journal.checks.map((each) => ({ ...each, service: each.service && (names.get(each.service) ?? null) })),
    drill: { ...journal.drill, name: long, vault: long },
    verdict: { ...journal.verdict, sentence: long },
    services: journal.services.map((each) => ({ ...each, service: names.get(each.service) ?? '' })),
  }));
}

const histories: Record<string, () => Journal[]> = {
  'half a year': longHistory,
  'one drill': () => [failedDemoJournal()],
  'no drill': () => [],
  hostile,
};

const charts = (page: Page) => page.locator('picture img');

describe('the index of all drills in Chromium', function () {
  this.timeout(60_000);

  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  const urls: Record<string, string> = {};

  before(async () => {
    folder = await scratchFolder();
    for (const [name, journals] of Object.entries(histories)) {
      const reports = join(folder.path, name.replaceAll(' ', '-'));
      await writeJournals(reports, journals());
      urls[name] = pathToFileURL(await writeIndex(reports, order)).href;
    }
  });

  after(() => folder[Symbol.asyncDispose]());

  const urlOf = (name: string) => urls[name] ?? '';

  for (const name of Object.keys(histories)) {
    it(`opens without a complaint, asks for nothing else, and shows every chart: ${name}`, async () => {
      await using open = await openPage();
      await open.page.goto(urlOf(name));
      await open.page.waitForLoadState('networkidle');
      expect(open.complaints).to.deep.equal([]);
      expect(open.requests.filter((url) => !url.startsWith('data:'))).to.deep.equal([urlOf(name)]);
      expect(await open.page.locator('script, iframe, object, embed, link, form').count()).to.equal(0);
      const widths = await charts(open.page).evaluateAll((all) => all.map((each) => each.naturalWidth));
      expect(new Set(widths)).to.deep.equal(new Set(name === 'no drill' ? [] : [440]));
    });

    for (const width of [320, 375, 1440]) {
      it(`fits ${width} px: ${name}`, async () => {
        await using open = await openPage({ viewport: { width, height: 900 } });
        await open.page.goto(urlOf(name));
        expect(await outsideOf(open.page, width)).to.deep.equal([]);
      });
    }

    for (const colorScheme of ['light', 'dark'] as const) {
      it(`is accessible, ${colorScheme}: ${name}`, async () => {
        await using open = await openPage({ colorScheme, viewport: { width: 375, height: 900 }, bypassCSP: true });
        await open.page.goto(urlOf(name));
        expect(await axeViolations(open.page)).to.deep.equal([]);
      });
    }
  }

  it('draws charts for a dark page where the reader wants it dark, and for a light one on paper', async () => {
    await using open = await openPage({ colorScheme: 'dark' });
    await open.page.goto(urlOf('half a year'));
    const source = () =>
      charts(open.page)
        .first()
        .evaluate((each) => each.currentSrc);
    const textOf = async () => Buffer.from((await source()).split(',')[1] ?? '', 'base64').toString();
    expect(await textOf()).to.contain('#7fb0f2');
    await open.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await textOf()).to.contain('#2a5ca8');
    await open.page.emulateMedia({ media: 'screen', colorScheme: 'light' });
    expect(await textOf()).to.contain('#2a5ca8');
  });

  it('prints on a few sheets, the calendar included and older drills left out', async () => {
    await using open = await openPage();
    await open.page.goto(urlOf('half a year'));
    const sheets = (await open.page.pdf({ preferCSSPageSize: true })).toString('latin1').match(/\/Type\s*\/Page\b/g);
    expect(sheets?.length).to.be.within(3, 7);
    await open.page.emulateMedia({ media: 'print' });
    expect(await open.page.locator('.older tr').first().isVisible()).to.equal(false);
    expect(await open.page.locator('.month').count()).to.equal(12);
    const cells = open.page.locator('.said td');
    const displays = await cells.evaluateAll((all) =>
      all.map((each) => each.ownerDocument.defaultView.getComputedStyle(each).display),
    );
    expect(new Set(displays), 'sentences over the whole width').to.deep.equal(new Set(['table-cell']));
    const colours = await open.page
      .locator('.day.fail')
      .evaluateAll((all) => all.map((each) => each.ownerDocument.defaultView.getComputedStyle(each).printColorAdjust));
    expect(new Set(colours)).to.deep.equal(new Set(['exact']));
  });

  it('leads from a day, and from a row, to the report of that drill', async () => {
    await using open = await openPage();
    const reports = join(folder.path, 'half-a-year');
    await writeFile(
      join(reports, '20261121T021500Z-nightly', 'report.html'),
      '<!doctype html><title>that night</title>',
    );
    for (const [within, name] of [
      ['table.month', /^21 ✓?pass/],
      ['table.drills', '2026-11-21 04:15'],
    ] as const) {
      await open.page.goto(urlOf('half a year'));
      await open.page.locator(within).getByRole('link', { name }).last().click();
      expect(await open.page.title()).to.equal('that night');
    }
  });

  it('points to a running drill only where it can be watched', async () => {
    await using open = await openPage();
    const reports = join(folder.path, 'one-drill');
    await open.page.goto(urlOf('one drill'));
    expect(await open.page.locator('.live').count()).to.equal(0);
    await open.page.setContent(await renderIndex(reports, { ...order, liveHref: 'live' }));
    expect(await open.page.getByRole('link', { name: 'Watch what is running' }).getAttribute('href')).to.equal('live');
  });
});
