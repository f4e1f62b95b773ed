import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Journal } from '../../../src/model/journal.ts';
import { renderIndex } from '../../../src/report/render-index.ts';
import { writeIndex } from '../../../src/report/write-index.ts';
import { demoJournal, failedDemoJournal } from '../../support/demo-journal.ts';
import { hostileNames } from '../../support/hostile.ts';
import { restoreRecord } from '../../support/journal.ts';
import { type PastDrills, pastDrills, writeJournals } from '../../support/many-drills.ts';
import { indexTags, sectionOf, strangeMarkup, textOf } from '../../support/markup.ts';
import { scratchFolder } from '../../support/scratch.ts';

const order = { timeZone: 'Europe/Tallinn', now: new Date('2026-11-22T09:00:00Z') };

async function pageOf(journals: readonly Journal[]): Promise<string> {
  await using scratch = await scratchFolder();
  await writeJournals(scratch.path, journals);
  return await renderIndex(scratch.path, order);
}

const pageAfter = (past: PastDrills) => pageOf(pastDrills(past));
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

/** The names a source may have, in every place of a journal where the index looks. */
const hostileJournal = (name: string): Journal => {
  const good = failedDemoJournal();
  return {
    ...good,
    drill: { ...good.drill, name, vault: name },
    verdict: { ...good.verdict, sentence: name },
    services: good.services.map((each) => ({ ...each, service: name })),
    checks: good.checks.map((each) => ({
      ...each,
      service: each.service && name,
      findings: each.findings.map((finding) => ({ ...finding, sentence: name })),
    })),
  };
};

const dayLater = (journal: Journal): Journal => ({
  ...journal,
  drill: { ...journal.drill, id: '20261123T021500Z-nightly', startedAt: '2026-11-23T02:15:00.000Z' },
});

describe('the index of all drills', () => {
  it('begins with the newest verdict, and says what the trends come to', async () => {
    const html = plain(await pageAfter({ nights: 60 }));
    expect(textOf(html)).to.match(/The newest drill ✓ PASS The backup works: everything could be back in 5 m \d+ s\./);
    expect(sectionOf(html, 'calendar')).to.match(/^Twelve months 60 drills on 60 days .* 60 passed, 0 failed/);
    expect(sectionOf(html, 'trends')).to.match(
      /nightly, from the vault onsite \(60 drills\) The restore time grows by .* crossed about \d+ \S+ 20\d\d \(95 % interval/,
    );
    expect(html).to.match(/alt="Restore times of 60 drills, between \S.* m \d+ s; 30 m are allowed"/);
    expect(html).to.match(/alt="What the restore time goes into; in the newest drill: plan .*, restore \d/);
    expect(html).to.match(/alt="size of agama: from 68\.0 MiB to \d+\.\d MiB, at last/);
    expect(html).to.match(/alt="rows of agama: from 520,113 to \d{3},\d{3}, at last/);
    expect(sectionOf(html, 'comparison')).to.match(
      /Restore time .* agama back after .* rows .* None is new, none is gone/,
    );
  });

  it('counts days and hours where the people are', async () => {
    const [journal] = pastDrills({ nights: 1, until: '2026-11-21T23:30:00.000Z' });
    const html = await pageOf(journal ? [journal] : []);
    expect(sectionOf(html, 'drills')).to.contain('2026-11-22 01:30');
    expect(sectionOf(html, 'trends')).to.match(/No forecast yet: .* there are 1, over 0 days/);
  });

  it('links to reports that there are, and to nothing else', async () => {
    const html = await pageAfter({ nights: 3 });
    const links = new Set([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href));
    expect([...links].sort()).to.deep.equal([
      '20261120T021500Z-nightly/report.html',
      '20261121T021500Z-nightly/report.html',
      '20261122T021500Z-nightly/report.html',
    ]);
  });

  it('says of a failed newest drill what failed, and what passed before', async () => {
    const html = await pageAfter({ nights: 3, verdictOf: (night) => (night === 2 ? 'fail' : 'pass') });
    expect(textOf(html)).to.match(/✕ FAIL Do not rely on/);
    expect(sectionOf(html, 'comparison')).to.match(
      /manifest of telegraf passed then, and failed now: telegraf: artifact/,
    );
    expect(sectionOf(html, 'drills')).to.match(/✕ failed 2 of 4 services not reached The backup is not good/);
  });

  it('parts drills that cannot be held against one another', async () => {
    const nightly = pastDrills({ nights: 3 });
    const others = pastDrills({ nights: 2, until: '2026-11-22T05:00:00.000Z' }).map((journal) => ({
      ...journal,
      drill: { ...journal.drill, id: journal.drill.id.replace('nightly', 'weekly'), name: 'weekly' },
    }));
    const html = await pageOf([...nightly, ...others]);
    expect(sectionOf(html, 'trends')).to.match(
      /weekly, from the vault onsite \(2 drills\) .* nightly, from .* \(3 drills\)/,
    );
    expect(sectionOf(html, 'comparison')).to.contain('against that of 2026-11-21 05:00:00 UTC');
  });

  it('lists 400 drills, and says how many more there are', async () => {
    const html = await pageAfter({ nights: 403 });
    expect(html.match(/<tr><th scope="row"><a href/g)).to.have.length(400);
    expect(sectionOf(html, 'drills')).to.match(
      /370 older drills .* and 3 older drills, whose reports lie beside this page/,
    );
  });

  it('names what it leaves out: real restores and journals that cannot be read', async () => {
    await using scratch = await scratchFolder();
    const [one, two] = pastDrills({ nights: 2 });
    if (!one || !two) throw new Error('two nights');
    await writeJournals(scratch.path, [{ ...one, restore: restoreRecord() }, { ...two, version: 9 } as never]);
    const text = textOf(await renderIndex(scratch.path, order));
    expect(text).to.match(/No drill has left a report yet\./);
    expect(text).to.match(
      /1 real restore is not among the drills; .* 1 journal cannot be read, .*: 20261122T021500Z-nightly$/,
    );
  });

  for (const name of hostileNames) {
    it(`lets ${JSON.stringify(name.slice(0, 40))} be text and nothing else`, async () => {
      const html = await pageOf([hostileJournal(name), dayLater(hostileJournal(name))]);
      expect(strangeMarkup(html, indexTags)).to.deep.equal([]);
      const kinds = [...html.matchAll(/(?:src|srcset)="([^"]{0,30})/g)].map(([, url]) => url);
      expect(new Set(kinds.map((url) => url?.slice(0, 26)))).to.deep.equal(new Set(['data:image/svg+xml;base64,']));
    });
  }

  it('says the same for the same journals', async () => {
    const journals = pastDrills({ nights: 5 });
    expect(await pageOf(journals)).to.equal(await pageOf(journals));
  });
});

describe('writeIndex', () => {
  it('writes one file beside the reports, not for everybody to read, and leaves no other', async () => {
    await using scratch = await scratchFolder();
    const reports = join(scratch.path, 'reports');
    const file = await writeIndex(reports, order);
    expect(file).to.equal(join(reports, 'index.html'));
    expect((await stat(file)).mode & 0o137).to.equal(0);
    expect(textOf(await readFile(file, 'utf8'))).to.match(/No drill has left a report yet/);
    await writeJournals(reports, [demoJournal()]);
    await writeIndex(reports, order);
    expect(textOf(await readFile(file, 'utf8'))).to.match(/✓ PASS/);
    expect((await readdir(reports)).sort()).to.deep.equal(['.drills.json', '20261122T021500Z-nightly', 'index.html']);
  });

  it('ends with the reports of all, when many runs write it at once', async () => {
    await using scratch = await scratchFolder();
    const journals = pastDrills({ nights: 6 });
    await Promise.all(
      journals.map(async (journal) => {
        await writeJournals(scratch.path, [journal]);
        await writeIndex(scratch.path, order);
      }),
    );
    expect(textOf(await readFile(join(scratch.path, 'index.html'), 'utf8'))).to.contain('6 drills on 6 days');
  });

  it('says that the disk does not want it', async () => {
    await using scratch = await scratchFolder();
    const reports = join(scratch.path, 'reports');
    await writeIndex(reports, order);
    await rm(join(reports, 'index.html'));
    await mkdir(join(reports, 'index.html', 'in the way'), { recursive: true });
    const error = await writeIndex(reports, order).catch((failure: unknown) => failure);
    expect(error).to.include({ code: 'REPORT_WRITE' });
    expect((await readdir(reports)).filter((name) => name.startsWith('.partial'))).to.deep.equal([]);
  });
});
