import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { Page } from 'playwright-core';

const axePath = createRequire(import.meta.url).resolve('axe-core');

interface AxeViolation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe finds on a page whose context bypasses its content security policy. */
export async function axeViolations(page: Page) {
  await page.addScriptTag({ path: axePath });
  const { passes, violations } = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ passes: []; violations: AxeViolation[] }> } };
    return axe.run();
  });
  expect(passes.length, 'rules that had something to look at').to.be.greaterThan(10);
  return violations.map(({ id, nodes }) => [id, nodes[0]?.html, nodes[0]?.failureSummary]);
}

/** The elements of a page that reach beyond its right edge, and the page itself when it can be scrolled sideways. */
export async function outsideOf(page: Page, width: number): Promise<string[]> {
  const { scrollWidth, clientWidth } = await page
    .locator('html')
    .evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
  const elements = await page
    .locator('body *')
    .evaluateAll(
      (all, edge) => all.filter((each) => each.getBoundingClientRect().right > edge + 1).map((each) => each.outerHTML),
      width,
    );
  return scrollWidth > clientWidth ? [`the page is ${scrollWidth} px wide`, ...elements] : elements;
}
