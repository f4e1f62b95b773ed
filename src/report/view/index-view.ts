import { localDate } from '../../kit/local-time.ts';
import { count } from '../../kit/text.ts';
import type { Journal } from '../../model/journal.ts';
import type { DrillIndex, FoundDrill } from '../drill-index.ts';
import { calendarView } from './calendar.ts';
import { comparisonView } from './comparison.ts';
import { drillsTable } from './drills-table.ts';
import type { SeriesView } from './series-view.ts';
import { line } from './untrusted.ts';
import { verdictView } from './verdict-view.ts';

/** All that the index is rendered from. */
export interface IndexContent {
  index: DrillIndex;
  /** Of the newest drill, and of the one before that can be held against it; null where there is none or it cannot be read. */
  newest: Journal | null;
  previous: Journal | null;
  series: { shown: SeriesView[]; leftOut: number };
  /** An IANA name: days are reckoned there. */
  timeZone: string;
  now: Date;
  /** Where a running drill can be watched; empty in a file. */
  liveHref: string;
}

/** All that the templates of the index show, as plain text; nothing in it is HTML. */
export function indexView({ index, newest, previous, series, timeZone, now, liveHref }: IndexContent) {
  const { drills, restores, unreadable, older } = index;
  const dates = new Map(drills.map((each) => [each.folder, localDate(each.startedAt, timeZone)]));
  const dateOf = ({ folder }: FoundDrill) => dates.get(folder) ?? '';
  const latest = drills[0];
  const today = [localDate(now.toISOString(), timeZone), latest ? dateOf(latest) : ''].sort().at(-1) ?? '';
  const calendar = calendarView(
    drills.map((each) => ({
      ...{ date: dateOf(each), verdict: each.verdict, rto: each.rto },
      href: `${each.folder}/report.html`,
    })),
    today,
  );
  return {
    title: latest ? `${latest.verdict.toUpperCase()} · all drills` : 'No drill yet',
    verdict: newest ? verdictView(newest) : null,
    newestHref: latest ? `${latest.folder}/report.html` : '',
    liveHref,
    calendar,
    series: series.shown,
    seriesRest:
      series.leftOut === 0
        ? ''
        : `and ${count(series.leftOut, 'other series', 'other series')} of drills, not drawn here`,
    comparison: newest && previous ? comparisonView(newest, previous) : null,
    drills: drillsTable(drills, older, dateOf, timeZone),
    timeZone: line(timeZone),
    notes: notesOf(restores, unreadable),
  };
}

const maxNamed = 5;

function notesOf(restores: number, unreadable: readonly string[]): string[] {
  const notes: string[] = [];
  if (restores > 0) {
    notes.push(
      `${count(restores, 'real restore')} ${restores === 1 ? 'is' : 'are'} not among the drills; the reports lie beside them.`,
    );
  }
  if (unreadable.length > 0) {
    const more = unreadable.length > maxNamed ? ' …' : '';
    const names = unreadable.slice(0, maxNamed).map(line).join(', ');
    notes.push(
      `${count(unreadable.length, 'journal')} cannot be read, and ${unreadable.length === 1 ? 'is' : 'are'} missing here: ${names}${more}`,
    );
  }
  return notes;
}
