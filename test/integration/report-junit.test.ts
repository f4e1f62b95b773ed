import { expect } from 'chai';
import fc from 'fast-check';
import { renderJunit } from '../../src/report/render-junit.ts';
import { anyJournal } from '../support/arbitrary-journal.ts';
import { openPage } from '../support/chromium.ts';
import { failedDemoJournal, unclearDemoJournal } from '../support/demo-journal.ts';

interface Suite {
  name: string | null;
  counts: (string | null)[];
  cases: { name: string | null; outcome: string }[];
}

/** What a real XML parser makes of it; `error` when it refuses. */
async function parseAll(texts: string[]): Promise<{ error: string; suites: Suite[] }[]> {
  await using open = await openPage();
  return await open.page.locator('html').evaluate((html, all) => {
    return all.map((text) => {
      const parsed = new html.ownerDocument.defaultView.DOMParser().parseFromString(text, 'application/xml');
      return {
        error: parsed.querySelector('parsererror')?.textContent ?? '',
        suites: [...parsed.querySelectorAll('testsuites > testsuite')].map((suite) => ({
          name: suite.getAttribute('name'),
          counts: ['tests', 'failures', 'errors', 'skipped'].map((each) => suite.getAttribute(each)),
          cases: [...suite.querySelectorAll('testcase')].map((each) => ({
            name: each.getAttribute('name'),
            outcome: each.firstElementChild?.tagName ?? 'passed',
          })),
        })),
      };
    });
  }, texts);
}

describe('renderJunit', function () {
  this.timeout(60_000);

  it('gives a suite for the drill and each service, a case for each check', async () => {
    const [parsed] = await parseAll([renderJunit(failedDemoJournal())]);
    expect(parsed?.error).to.equal('');
    expect(parsed?.suites.map(({ name, counts }) => [name, ...counts])).to.deep.equal([
      ['drill', '4', '0', '0', '1'],
      ['agama', '14', '1', '0', '0'],
      ['telegraf', '10', '1', '0', '5'],
      ['latency', '10', '0', '0', '0'],
      ['grafana', '11', '0', '0', '0'],
    ]);
    expect(parsed?.suites[1]?.cases).to.deep.include({
      name: 'rows: Does every table hold exactly the rows that were dumped?',
      outcome: 'failure',
    });
  });

  it('calls an error what could not be seen, never a failure', async () => {
    const [parsed] = await parseAll([renderJunit(unclearDemoJournal())]);
    expect(parsed?.suites[0]?.cases).to.deep.include({
      name: 'restore-run: Did every stage of the restore end well, into an empty target?',
      outcome: 'error',
    });
    const outcomes = parsed?.suites.flatMap((suite) => suite.cases.map((each) => each.outcome));
    expect(outcomes).to.not.include('failure');
  });

  it('is well-formed whatever the names are, and loses no check', async () => {
    const journals = fc.sample(anyJournal, 200);
    const parsed = await parseAll(journals.map(renderJunit));
    expect(parsed.map((each) => each.error).filter((each) => each !== '')).to.deep.equal([]);
    const cases = parsed.map(({ suites }) => suites.reduce((sum, suite) => sum + suite.cases.length, 0));
    expect(cases).to.deep.equal(journals.map((each) => each.checks.length));
  });

  it('notices XML that is not well-formed: the assertion itself works', async () => {
    const good = renderJunit(failedDemoJournal());
    const [first, second] = await parseAll([good.replace('nightly', '\u001b'), good.replace('nightly', '<')]);
    expect(first?.error).to.not.equal('');
    expect(second?.error).to.not.equal('');
  });
});
