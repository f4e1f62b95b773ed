import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import type { Journal } from '../../src/model/journal.ts';
import { renderMail } from '../../src/report/mail/render-mail.ts';
import { openPage } from '../support/chromium.ts';
import { demoJournal, failedDemoJournal, unclearDemoJournal } from '../support/demo-journal.ts';
import { hostileNames } from '../support/hostile.ts';
import { drillsBefore, mailOrder } from '../support/mail-order.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core');

function hostileJournal(): Journal {
  const good = failedDemoJournal();
  const long = hostileNames.join(' ');
  return {
    ...good,
    services: good.services.map((each, i) => ({ ...each, service: hostileNames[i] ?? '', title: long })),
    notes: [long],
  };
}

const journals: Record<string, () => Journal> = {
  pass: demoJournal,
  fail: failedDemoJournal,
  inconclusive: unclearDemoJournal,
  hostile: hostileJournal,
};

/** The mail as a mail program shows it: images come from the mail itself. */
async function show(page: Page, journal: Journal): Promise<void> {
  const { html, images } = await renderMail(mailOrder(journal, { earlier: drillsBefore(12) }));
  const shown = images.reduce(
    (text, { cid, png }) => text.replaceAll(`cid:${cid}`, `data:image/png;base64,${png.toString('base64')}`),
    html,
  );
  await page.setContent(shown);
}

describe('the mail in Chromium', function () {
  this.timeout(60_000);

  for (const [name, journal] of Object.entries(journals)) {
    for (const width of [375, 800]) {
      it(`fits ${width} pixels, shows both charts and asks for nothing: ${name}`, async () => {
        await using open = await openPage({ viewport: { width, height: 900 } });
        await show(open.page, journal());
        expect(open.complaints).to.deep.equal([]);
        expect(open.requests.filter((url) => !url.startsWith('data:'))).to.deep.equal([]);
        expect(await open.page.evaluate('document.documentElement.scrollWidth')).to.equal(width);
        const images = await open.page.evaluate<[number, number][]>(
          '[...document.images].map((each) => [each.naturalWidth, each.getBoundingClientRect().width])',
        );
        expect(images).to.have.length(2);
        for (const [natural, shown] of images) {
          expect(natural).to.equal(1056);
          expect(shown).to.be.within(width === 375 ? 290 : 500, Math.min(width, 520));
        }
        expect(await open.page.locator('script, iframe, form, link, object').count()).to.equal(0);
      });
    }

    for (const colorScheme of ['light', 'dark'] as const) {
      it(`can be read in a ${colorScheme} mail program: ${name}`, async () => {
        await using open = await openPage({ viewport: { width: 375, height: 900 }, colorScheme });
        await show(open.page, journal());
        await open.page.addScriptTag({ path: axePath });
        const found = await open.page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
          "axe.run(document, { runOnly: ['color-contrast', 'image-alt', 'empty-table-header', 'th-has-data-cells'] }).then((all) => all.violations)",
        );
        expect(found.map(({ id, nodes }) => [id, ...nodes.map((each) => each.html)])).to.deep.equal([]);
      });
    }
  }

  it('turns dark where the mail program knows how', async () => {
    const groundOf = async (colorScheme: 'light' | 'dark') => {
      await using open = await openPage({ colorScheme });
      await show(open.page, demoJournal());
      return await open.page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor");
    };
    expect(await groundOf('light')).to.equal('rgb(255, 255, 255)');
    expect(await groundOf('dark')).to.equal('rgb(28, 30, 33)');
  });
});
