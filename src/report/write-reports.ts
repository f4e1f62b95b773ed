import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError, isFiredrillError, systemCode } from '../kit/errors.ts';
import { exists, removeAbandoned, syncFolder, writeNewFile } from '../kit/files.ts';
import { canonicalJson } from '../kit/json.ts';
import { partialNameOf, replaceFile } from '../kit/replace-file.ts';
import type { Journal } from '../model/journal.ts';
import { journalFile, readJournal } from './read-journal.ts';
import { renderHtml } from './render-html.ts';
import { renderJunit } from './render-junit.ts';
import { renderMetrics } from './render-metrics.ts';
import { renderText } from './render-text.ts';
import { reportWritingFails } from './writing-fails.ts';

export { readJournal } from './read-journal.ts';

/** Paths of what was written. */
export interface WrittenReports {
  folder: string;
  html: string;
  json: string;
  text: string;
  junit: string;
  metrics: string;
}

/** For the owner and the group, like the files in it: a report tells the names of tables and hosts. */
const folderMode = 0o750;
/** Drills of one name that began in one second. */
const maxNamesakes = 100;

/**
 * Writes `<reportsFolder>/<drill id>/`: the journal, and every report rendered from it. The folder appears whole or not
 * at all. A journal that lies there already is not written again, only its reports are; another drill's folder is never
 * touched: the new one gets a number behind its name. REPORT_WRITE when the disk does not want it.
 * @param beside further files of a new folder, by name: they are there as soon as the journal is
 */
export async function writeReports(
  journal: Journal,
  reportsFolder: string,
  beside: ReadonlyMap<string, string> = new Map(),
): Promise<WrittenReports> {
  const reports = await render(journal);
  return reportWritingFails(reportsFolder, async () => {
    await mkdir(reportsFolder, { recursive: true });
    await removeAbandoned(reportsFolder);
    for (let n = 1; n <= maxNamesakes; n += 1) {
      const folder = join(reportsFolder, n === 1 ? safeId(journal) : `${safeId(journal)}-${n}`);
      if (await placeIn(folder, journal, reports, beside)) return pathsIn(folder);
    }
    throw new FiredrillError(
      'REPORT_WRITE',
      `${reportsFolder} holds ${maxNamesakes} drills ${journal.drill.id} already`,
    );
  });
}

async function render(journal: Journal): Promise<Map<string, string>> {
  return new Map([
    ['report.html', renderHtml(journal)],
    ['report.txt', `${renderText(journal)}\n`],
    ['junit.xml', renderJunit(journal)],
    // A restore is no drill: its numbers are not among theirs.
    ['metrics.prom', journal.restore ? '' : await renderMetrics(journal)],
  ]);
}

function pathsIn(folder: string): WrittenReports {
  return {
    folder,
    html: join(folder, 'report.html'),
    json: join(folder, journalFile),
    text: join(folder, 'report.txt'),
    junit: join(folder, 'junit.xml'),
    metrics: join(folder, 'metrics.prom'),
  };
}

/** The id becomes a path; it comes from the clock and a name that was judged, and is judged once more. */
function safeId({ drill }: Journal): string {
  if (/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/.test(drill.id)) return drill.id;
  throw new FiredrillError('INTERNAL', 'the id of this drill cannot be the name of a folder');
}

/** False when the folder is another drill's. */
async function placeIn(
  folder: string,
  journal: Journal,
  reports: ReadonlyMap<string, string>,
  beside: ReadonlyMap<string, string>,
): Promise<boolean> {
  if (!(await exists(folder))) return createFolder(folder, journal, [...reports, ...beside]);
  if (!(await holds(folder, journal))) return false;
  for (const [name, content] of reports) await replaceFile(folder, name, content);
  await syncFolder(folder);
  return true;
}

async function createFolder(folder: string, journal: Journal, files: readonly [string, string][]): Promise<boolean> {
  const parent = join(folder, '..');
  const temporary = join(parent, partialNameOf(journal.drill.id));
  await mkdir(temporary, { mode: folderMode });
  try {
    await writeNewFile(join(temporary, journalFile), `${JSON.stringify(journal, null, 2)}\n`);
    for (const [name, content] of files) await writeNewFile(join(temporary, name), content);
    await syncFolder(temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another process was faster: rename never replaces a folder that holds something.
    if (systemCode(error) === 'ENOTEMPTY' || systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  await syncFolder(parent);
  return true;
}

async function holds(folder: string, journal: Journal): Promise<boolean> {
  try {
    return canonicalJson(await readJournal(join(folder, journalFile))) === canonicalJson(journal);
  } catch (error) {
    if (isFiredrillError(error, 'JOURNAL_INVALID')) return false;
    throw error;
  }
}
