import { localClock } from '../../kit/local-time.ts';
import { count } from '../../kit/text.ts';
import type { FoundDrill } from '../drill-index.ts';
import { bounded } from './bounded.ts';
import { duration } from './duration.ts';
import { outcomeWords } from './outcome.ts';
import { line, sentence } from './untrusted.ts';

/** Rows of the table; the folders beside the index hold all. */
const maxListed = 400;
/** The others are folded. */
const maxOpen = 30;

/** All drills with links to their reports, newest first. `older`: drills that were only counted. */
export function drillsTable(
  drills: readonly FoundDrill[],
  older: number,
  dateOf: (drill: FoundDrill) => string,
  timeZone: string,
) {
  const rows = bounded(drills, maxListed, (each) => rowOf(each, dateOf(each), timeZone), older);
  const folded = rows.shown.slice(maxOpen);
  return {
    newest: rows.shown.slice(0, maxOpen),
    folded,
    foldedWords: `${count(folded.length, 'older drill')}`,
    leftOut: rows.leftOut,
    rest: rows.leftOut === 0 ? '' : `and ${count(rows.leftOut, 'older drill')}, whose reports lie beside this page`,
  };
}

function rowOf(drill: FoundDrill, date: string, timeZone: string) {
  const { usedMs, objectiveMs } = drill.rto;
  const passed = drill.services.filter((each) => each.outcome === 'pass').length;
  return {
    href: `${drill.folder}/report.html`,
    when: `${date} ${localClock(drill.startedAt, timeZone)}`,
    name: line(drill.name),
    vault: line(drill.vault),
    outcome: drill.verdict,
    word: drill.verdict === 'inconclusive' ? 'inconclusive' : outcomeWords[drill.verdict].word,
    sign: outcomeWords[drill.verdict].sign,
    used: usedMs === null ? 'not reached' : duration(usedMs),
    over: usedMs !== null && usedMs > objectiveMs,
    services: `${passed} of ${count(drill.services.length, 'service')}`,
    chosen: !drill.ofNewestPoint,
    said: drill.verdict === 'pass' ? '' : sentence(drill.sentence),
  };
}
