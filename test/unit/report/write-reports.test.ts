import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readJournal } from '../../../src/report/read-journal.ts';
import { renderHtml } from '../../../src/report/render-html.ts';
import { writeReports } from '../../../src/report/write-reports.ts';
import { demoJournal, failedDemoJournal } from '../../support/demo-journal.ts';
import { restoreRecord } from '../../support/journal.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

const id = '20261122T021500Z-nightly';

describe('writeReports', () => {
  it('writes one folder with the journal and all that is rendered from it', async () => {
    await using scratch = await scratchFolder();
    const reports = join(scratch.path, 'deep', 'reports');
    const written = await writeReports(demoJournal(), reports);
    expect(written.folder).to.equal(join(reports, id));
    expect((await readdir(written.folder)).sort()).to.deep.equal([
      'journal.json',
      'junit.xml',
      'metrics.prom',
      'report.html',
      'report.txt',
    ]);
    expect(await readJournal(written.json)).to.deep.equal(demoJournal());
    expect(await readFile(written.html, 'utf8')).to.equal(renderHtml(demoJournal()));
    expect(await readFile(written.text, 'utf8')).to.match(/^PASS: .*\n$/s);
    expect(await readFile(written.junit, 'utf8')).to.match(/^<\?xml/);
    expect(await readFile(written.metrics, 'utf8')).to.match(/^# HELP firedrill_verdict/);
    expect(await readdir(reports), 'nothing left beside it').to.deep.equal([id]);
  });

  it('gives a real restore no numbers among those of drills', async () => {
    await using scratch = await scratchFolder();
    const { metrics } = await writeReports({ ...demoJournal(), restore: restoreRecord() }, scratch.path);
    expect(await readFile(metrics, 'utf8')).to.equal('');
  });

  it('is not for everybody to read', async () => {
    await using scratch = await scratchFolder();
    const { folder, html } = await writeReports(demoJournal(), scratch.path);
    expect((await stat(folder)).mode & 0o7).to.equal(0);
    expect((await stat(html)).mode & 0o137).to.equal(0);
  });

  it('renders anew what is there already, and leaves the journal alone', async () => {
    await using scratch = await scratchFolder();
    const first = await writeReports(demoJournal(), scratch.path);
    await writeFile(first.html, 'of an older version');
    const before = await stat(first.json);
    expect(await writeReports(demoJournal(), scratch.path)).to.deep.equal(first);
    expect(await readFile(first.html, 'utf8')).to.equal(renderHtml(demoJournal()));
    const after = await stat(first.json);
    expect([after.ino, after.mtimeMs]).to.deep.equal([before.ino, before.mtimeMs]);
    expect(await readdir(first.folder)).to.have.length(5);
  });

  it("never touches another drill's folder, a damaged one and an empty one included", async () => {
    await using scratch = await scratchFolder();
    const first = await writeReports(demoJournal(), scratch.path);
    const second = await writeReports(failedDemoJournal(), scratch.path);
    expect(second.folder).to.equal(`${first.folder}-2`);
    expect(await readJournal(first.json)).to.deep.equal(demoJournal());
    await writeFile(second.json, 'damaged');
    const third = await writeReports(failedDemoJournal(), scratch.path);
    expect(third.folder).to.equal(`${first.folder}-3`);
    expect(await readFile(second.json, 'utf8')).to.equal('damaged');
    expect((await writeReports(failedDemoJournal(), scratch.path)).folder, 'its own').to.equal(third.folder);
  });

  it('does not write through a link that lies in its way', async () => {
    await using scratch = await scratchFolder();
    const outside = join(scratch.path, 'outside');
    await writeFile(outside, 'not to be touched');
    const { html } = await writeReports(demoJournal(), join(scratch.path, 'reports'));
    await rm(html);
    await symlink(outside, html);
    await writeReports(demoJournal(), join(scratch.path, 'reports'));
    expect(await readFile(outside, 'utf8')).to.equal('not to be touched');
    expect(await readFile(html, 'utf8')).to.equal(renderHtml(demoJournal()));
  });

  it('lets two drills of one name and second both keep their report', async () => {
    await using scratch = await scratchFolder();
    const journals = [demoJournal(), failedDemoJournal()];
    const written = await Promise.all(journals.map((each) => writeReports(each, scratch.path)));
    const read = await Promise.all(written.map((each) => readJournal(each.json)));
    expect(read).to.deep.equal(journals);
  });

  it('removes what a dead process left, and nothing of a living one', async () => {
    await using scratch = await scratchFolder();
    const dead = `.partial-${id}.4194400`;
    const living = `.partial-${id}.1`;
    await mkdir(join(scratch.path, dead));
    await mkdir(join(scratch.path, living));
    await writeReports(demoJournal(), scratch.path);
    expect((await readdir(scratch.path)).sort()).to.deep.equal([living, id]);
  });

  it('says what to do when the folder cannot be written, and leaves nothing behind', async () => {
    await using scratch = await scratchFolder();
    const file = join(scratch.path, 'file');
    await writeFile(file, '');
    const error = await rejectionOf(writeReports(demoJournal(), join(file, 'reports')));
    expect(error).to.include({ code: 'REPORT_WRITE', exit: 1 });
    expect(error.message).to.match(/cannot be written to .*\/file\/reports: ENOTDIR$/);
    expect(error.hint).to.match(/reports\.folder/);
    expect(await readdir(scratch.path)).to.deep.equal(['file']);
  });

  it('refuses an id that would be a path', async () => {
    await using scratch = await scratchFolder();
    const drill = { ...demoJournal().drill, id: '../escaped' };
    expect(await rejectionOf(writeReports(demoJournal({ drill }), scratch.path))).to.include({ code: 'INTERNAL' });
    expect(await readdir(scratch.path)).to.deep.equal([]);
  });
});
