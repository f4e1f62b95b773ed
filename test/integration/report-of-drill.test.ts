import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { drill } from '../../src/flow/drill.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { readJournal } from '../../src/report/read-journal.ts';
import { type WrittenReports, writeReports } from '../../src/report/write-reports.ts';
import { testActivity } from '../support/activity.ts';
import { openPage } from '../support/chromium.ts';
import { drillFixture } from '../support/drill-fixture.ts';
import { closedPort } from '../support/file-engine.ts';
import { sectionOf } from '../support/markup.ts';
import { scratchFolder } from '../support/scratch.ts';

type Given = Awaited<ReturnType<typeof drillFixture>>;

/** Drills for real, writes the reports, and gives them to `look` while they lie there. */
async function afterDrill(
  change: (given: Given) => Promise<Given['order']>,
  look: (reports: WrittenReports) => Promise<void>,
) {
  await using given = await drillFixture('one', 'two');
  await using scratch = await scratchFolder();
  const journal = await drill(await change(given), testActivity());
  const reports = await writeReports(journal, scratch.path);
  expect(await readJournal(reports.json), 'read back').to.deep.equal(journal);
  await look(reports);
}

async function headline(html: string): Promise<string> {
  await using open = await openPage();
  await open.page.goto(pathToFileURL(html).href);
  expect(open.complaints).to.deep.equal([]);
  return ((await open.page.getByRole('heading', { level: 1 }).textContent()) ?? '').replaceAll(/\s+/g, ' ');
}

describe('the report of a real drill', function () {
  this.timeout(90_000);

  it('passes: all sections are filled from what happened', async () => {
    await afterDrill(
      async ({ order }) => order,
      async (reports) => {
        expect(await headline(reports.html)).to.match(
          /^✓ PASS The backup works: everything could be back in [\d.]+ s\.$/,
        );
        const html = await readFile(reports.html, 'utf8');
        expect(sectionOf(html, 'timeline')).to.match(/the drill's own cost was [\d.]+ s\./);
        expect(sectionOf(html, 'services')).to.match(
          /one ✓ passed Engine .* Restored backup-.* To the instant 2\d{3}-/,
        );
        expect(sectionOf(html, 'isolation')).to.match(/could reach nothing outside their pod: all \d+ attempts/);
        expect(sectionOf(html, 'origins')).to.match(/Manifest SHA-256 [0-9a-f]{64}/);
        expect(await readFile(reports.metrics, 'utf8')).to.match(/^firedrill_verdict\{.*verdict="pass"\} 1$/m);
      },
    );
  });

  it('fails: names the damaged backup, the other one stays good', async () => {
    await afterDrill(
      async ({ order, memberFolder }) => {
        await appendFile(join(memberFolder('one'), 'content.txt'), 'x');
        return order;
      },
      async (reports) => {
        expect(await headline(reports.html)).to.equal('✕ FAIL Do not rely on the backup of one.');
        const html = await readFile(reports.html, 'utf8');
        expect(sectionOf(html, 'findings')).to.match(
          /failed · one · manifest .* The check asks: Are the files exactly/,
        );
        expect(sectionOf(html, 'services')).to.match(/two ✓ passed/);
        expect(await readFile(reports.junit, 'utf8')).to.match(/<failure message="[^"]*content\.txt/);
      },
    );
  });

  it('is inconclusive without Docker, and does not blame the backup', async () => {
    await afterDrill(
      async ({ order }) => ({
        ...order,
        docker: dockerClient({ dockerHost: `tcp://127.0.0.1:${await closedPort()}` }),
      }),
      async (reports) => {
        expect(await headline(reports.html)).to.match(/^\? INCONCLUSIVE Not known: the drill could not look/);
        expect(await readFile(reports.text, 'utf8')).to.match(/Restore time: not reached/);
        expect(await readFile(reports.junit, 'utf8')).to.match(/ failures="0" errors="[1-9]/);
      },
    );
  });
});
