import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Journal } from '../model/journal.ts';
import { renderAnnotations } from '../report/render-annotations.ts';
import { renderSummary } from '../report/render-summary.ts';
import { writeIndex } from '../report/write-index.ts';
import { readJournal, writeReports } from '../report/write-reports.ts';
import { chosenDrill } from './choose-drill.ts';
import { about } from './help.ts';
import { addReportIndex } from './report-index-command.ts';
import { addSending } from './report-send-command.ts';
import type { Session } from './session.ts';
import { shownPath } from './shown-path.ts';

const help = about(
  `Writes every form of the report anew from the journal that a drill left, such as after an upgrade, and prints their paths; the
index of all drills is written anew as well.

It does not drill: what it shows is as old as the journal.`,
  0,
  [1, 'the journal cannot be read, or the report not be written'],
  2,
  [10, 'there is no such drill'],
  130,
);

const openHelp = about(
  `Where there is no browser, or no screen, it prints the path only.`,
  0,
  [10, 'there is no such drill'],
  130,
);

const summaryHelp = about(
  `GitHub-flavoured Markdown, for a job's summary: firedrill report summary >> "$GITHUB_STEP_SUMMARY"`,
  0,
  [1, 'the journal cannot be read'],
  2,
  [10, 'there is no such drill'],
  130,
);

const annotationsHelp = about(
  `Workflow commands of GitHub Actions, a line for the verdict and for each finding, which GitHub shows beside the run. Its exit
status says nothing about the verdict: that was the drill's.`,
  0,
  [1, 'the journal cannot be read'],
  2,
  [10, 'there is no such drill'],
  130,
);

export function addReport(program: Command, session: Session): void {
  const report = program
    .command('report')
    .description("render a drill's report again (default: the newest)")
    .argument('[drill]', "a drill's id: the name of its folder")
    .addHelpText('after', help)
    .action((id?: string) => session.interruptible(renderAgain(session, id)));
  report
    .command('open')
    .description('open a report in the browser (default: the newest)')
    .argument('[drill]', "a drill's id: the name of its folder")
    .addHelpText('after', openHelp)
    .action((id?: string) => session.interruptible(openReport(session, id)));
  report
    .command('summary')
    .description('print a drill as Markdown (default: the newest)')
    .argument('[drill]', "a drill's id: the name of its folder")
    .addHelpText('after', summaryHelp)
    .action((id?: string) => session.interruptible(print(session, id, renderSummary)));
  report
    .command('annotations')
    .description('print a drill as annotations of GitHub Actions (default: the newest)')
    .argument('[drill]', "a drill's id: the name of its folder")
    .addHelpText('after', annotationsHelp)
    .action((id?: string) => session.interruptible(print(session, id, renderAnnotations)));
  addSending(report, session);
  addReportIndex(report, session);
}

async function print(session: Session, id: string | undefined, render: (journal: Journal) => string): Promise<void> {
  const { reportsFolder } = await session.configForReading();
  const journal = await readJournal(join(reportsFolder, await chosenDrill(reportsFolder, id), 'journal.json'));
  session.show(render(journal), journal);
}

async function renderAgain(session: Session, id: string | undefined): Promise<void> {
  const { reportsFolder, timeZone } = await session.configForReading();
  const journal = await readJournal(join(reportsFolder, await chosenDrill(reportsFolder, id), 'journal.json'));
  const { folder, ...files } = await writeReports(journal, reportsFolder);
  await writeIndex(reportsFolder, { timeZone, now: new Date() });
  session.show(Object.values(files).map(shownPath).join('\n'), { folder, ...files });
}

async function openReport(session: Session, id: string | undefined): Promise<void> {
  const { reportsFolder } = await session.configForReading();
  const html = join(reportsFolder, await chosenDrill(reportsFolder, id), 'report.html');
  session.show(shownPath(html), { html });
  if (session.environment.hasScreen) await openInBrowser(html);
}

async function openInBrowser(path: string): Promise<void> {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [path], { stdio: 'ignore', detached: true });
  // Without an opener the printed path is all there is to do.
  await once(child, 'spawn').catch(() => {});
  child.unref();
}
