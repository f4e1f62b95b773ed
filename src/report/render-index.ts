import { join } from 'node:path';
import { isFiredrillError } from '../kit/errors.ts';
import type { Journal } from '../model/journal.ts';
import { compileTemplate } from './compile-template.ts';
import { type FoundDrill, readDrillIndex } from './drill-index.ts';
import { journalFile, readJournal } from './read-journal.ts';
import { calendar } from './template/calendar.ts';
import { changeRow, comparison } from './template/comparison.ts';
import { drillRow, drills, drillsHead } from './template/drills.ts';
import { indexPage, indexVerdict } from './template/index-page.ts';
import { indexStyle } from './template/index-style.ts';
import { style } from './template/style.ts';
import { chart, series } from './template/trends.ts';
import { type IndexContent, indexView } from './view/index-view.ts';
import { seriesView } from './view/series-view.ts';
import { previousOf, seriesAmong } from './view/trends.ts';

const partials = {
  ...{ style, indexStyle, indexVerdict, calendar, series, chart, comparison, changeRow },
  ...{ drills, drillsHead, drillRow },
};
const render = compileTemplate<ReturnType<typeof indexView>>(indexPage, partials);

/** Series of drills that are drawn; each costs some 100 KB. */
const maxSeries = 3;

export interface IndexOrder {
  /** An IANA name: days are reckoned there. */
  timeZone: string;
  now: Date;
  /** Where a running drill can be watched; absent in a file. */
  liveHref?: string;
}

/**
 * All drills whose reports lie in a folder, as one HTML file that needs nothing else but links to those reports. Everything in
 * it is escaped. VAULT_READ when the folder cannot be listed.
 */
export async function renderIndex(reportsFolder: string, order: IndexOrder): Promise<string> {
  return renderIndexOf(await contentOf(reportsFolder, order));
}

const renderIndexOf = (content: IndexContent): string => render(indexView(content));

async function contentOf(reportsFolder: string, { timeZone, now, liveHref = '' }: IndexOrder): Promise<IndexContent> {
  const index = await readDrillIndex(reportsFolder);
  const [latest] = index.drills;
  const all = seriesAmong(index.drills);
  const shown = [];
  for (const each of all.slice(0, maxSeries)) shown.push(await seriesView(each, timeZone));
  return {
    ...{ index, timeZone, now, liveHref },
    newest: await journalOf(reportsFolder, latest),
    previous: await journalOf(reportsFolder, latest && previousOf(index.drills, latest)),
    series: { shown, leftOut: Math.max(all.length - maxSeries, 0) },
  };
}

async function journalOf(reportsFolder: string, drill: FoundDrill | undefined): Promise<Journal | null> {
  if (!drill) return null;
  try {
    return await readJournal(join(reportsFolder, drill.folder, journalFile));
  } catch (error) {
    // It was there a moment ago, and may be removed by hand.
    if (isFiredrillError(error, 'JOURNAL_INVALID')) return null;
    throw error;
  }
}
