import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import type { Journal } from '../../src/model/journal.ts';
import { writeReports } from '../../src/report/write-reports.ts';
import { openPage } from '../support/chromium.ts';
import { demoJournal, failedDemoJournal, triedDemoJournal, unclearDemoJournal } from '../support/demo-journal.ts';
import { hostileNames } from '../support/hostile.ts';
import { failed } from '../support/results.ts';
import { scratchFolder } from '../support/scratch.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core');

/** The failed drill with the worst names in every place where a name can be. */
function hostileJournal(): Journal {
  const text = hostileNames.join(' ');
  const good = failedDemoJournal();
  const services = good.services.map((each, i) => ({
    ...each,
    title: text,
    service: hostileNames[i] ?? '',
    set: text,
  }));
  const findings = hostileNames.map((each) => ({ sentence: each, expected: text, found: text, next: each }));
  const comparisons = hostileNames.map((each) => ({ what: each, expected: text, found: each }));
  const point = { service: text, set: text, member: text, dataAt: '2026-11-21T23:30:01.000Z' };
  const tried = { reason: 'random' as const, members: 1, verdict: 'fail' as const, sentence: text, usedMs: 1 };
  return {
    ...good,
    excursions: [{ ...point, ...tried }],
    lastGood: [{ service: text, good: { ...point, lostMs: 1 }, bad: text }],
    services,
    applications: [
      {
        application: hostileNames.join(),
        services: hostileNames,
        image: { name: text, id: text, digest: text },
        readyMs: 1,
        steps: { expected: 1, taken: 0 },
      },
    ],
    checks: [
      ...good.checks,
      { ...failed('rows', text), findings, comparisons },
      { ...failed('application', hostileNames.join()), findings, comparisons },
    ],
    notes: [text],
  };
}

const unfold = (page: Page) =>
  page.locator('details').evaluateAll((all) => {
    for (const each of all) each.setAttribute('open', '');
  });

const styleOf = (page: Page, selector: string, property: string): Promise<string[]> =>
  page
    .locator(selector)
    .evaluateAll(
      (all, name) => all.map((each) => each.ownerDocument.defaultView.getComputedStyle(each)[name]),
      property,
    );

const journals: Record<string, () => Journal> = {
  pass: demoJournal,
  fail: failedDemoJournal,
  inconclusive: unclearDemoJournal,
  idle: () => triedDemoJournal(false),
  hostile: hostileJournal,
};

describe('the report in Chromium', function () {
  this.timeout(60_000);

  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  const urls: Record<string, string> = {};

  before(async () => {
    folder = await scratchFolder();
    for (const [name, journal] of Object.entries(journals)) {
      const { html } = await writeReports(journal(), join(folder.path, name));
      urls[name] = pathToFileURL(html).href;
    }
  });

  after(() => folder[Symbol.asyncDispose]());

  const urlOf = (name: string) => urls[name] ?? '';

  for (const name of Object.keys(journals)) {
    it(`opens without a complaint and asks for nothing else: ${name}`, async () => {
      await using open = await openPage();
      await open.page.goto(urlOf(name));
      await open.page.waitForLoadState('networkidle');
      expect(open.complaints).to.deep.equal([]);
      expect(open.requests).to.deep.equal([urlOf(name)]);
      expect(await open.page.locator('script, iframe, img, object, embed, link, form').count()).to.equal(0);
    });

    for (const width of [320, 375, 1440]) {
      it(`fits ${width} px, all folds open: ${name}`, async () => {
        await using open = await openPage({ viewport: { width, height: 800 } });
        await open.page.goto(urlOf(name));
        await unfold(open.page);
        const { scrollWidth, clientWidth } = await open.page
          .locator('html')
          .evaluate(({ scrollWidth, clientWidth }) => ({
            scrollWidth,
            clientWidth,
          }));
        expect(scrollWidth).to.equal(clientWidth);
        const outside = await open.page
          .locator('body *')
          .evaluateAll(
            (all, edge) =>
              all.filter((each) => each.getBoundingClientRect().right > edge + 1).map((each) => each.outerHTML),
            width,
          );
        expect(outside).to.deep.equal([]);
      });
    }

    for (const colorScheme of ['light', 'dark'] as const) {
      it(`is accessible, ${colorScheme}: ${name}`, async () => {
        await using open = await openPage({ colorScheme, viewport: { width: 375, height: 800 }, bypassCSP: true });
        await open.page.goto(urlOf(name));
        await unfold(open.page);
        await open.page.addScriptTag({ path: axePath });
        const { passes, violations } = await open.page.evaluate(async () => {
          const { axe } = globalThis as unknown as {
            axe: { run(): Promise<{ passes: []; violations: AxeViolation[] }> };
          };
          return axe.run();
        });
        expect(passes.length, 'rules that had something to look at').to.be.greaterThan(15);
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html, nodes[0]?.failureSummary])).to.deep.equal([]);
      });
    }
  }

  it('is dark where the reader wants it dark, and light on paper', async () => {
    await using open = await openPage({ colorScheme: 'dark' });
    await open.page.goto(urlOf('pass'));
    const background = () => styleOf(open.page, 'body', 'backgroundColor').then(([color]) => color);
    expect(await background()).to.equal('rgb(19, 20, 22)');
    await open.page.emulateMedia({ media: 'print' });
    expect(await background()).to.equal('rgb(255, 255, 255)');
    await open.page.emulateMedia({ media: 'screen', colorScheme: 'light' });
    expect(await background()).to.equal('rgb(255, 255, 255)');
  });

  it('prints on a few sheets, every fold open and no row cut', async () => {
    await using open = await openPage();
    await open.page.goto(urlOf('fail'));
    const sheets = (await open.page.pdf({ preferCSSPageSize: true })).toString('latin1').match(/\/Type\s*\/Page\b/g);
    expect(sheets?.length).to.be.within(4, 12);
    await open.page.emulateMedia({ media: 'print' });
    const folded = open.page.locator('details:not([open]) td');
    const heights = await folded.evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
    expect(heights.length).to.be.greaterThan(20);
    expect(Math.min(...heights)).to.be.greaterThan(5);
    expect(new Set(await styleOf(open.page, 'tr', 'breakInside'))).to.deep.equal(new Set(['avoid']));
  });

  it('gives the timeline to those who cannot see it, in a table', async () => {
    await using open = await openPage();
    await open.page.goto(urlOf('pass'));
    const names = await open.page
      .getByRole('img')
      .evaluateAll((each) => each.map((one) => one.getAttribute('aria-label')));
    expect(names.filter((each) => /^agama: fetch .*restore .*check /.test(each ?? ''))).to.have.length(1);
    await open.page.getByText('The same in numbers').click();
    const rows = open.page.getByRole('table', { name: /Each step/ }).getByRole('row');
    expect(await rows.count()).to.equal(1 + demoJournal().phases.length + demoJournal().native.length);
  });
});

interface AxeViolation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}
