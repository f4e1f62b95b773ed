import { count, plainLine } from '../../src/kit/text.ts';
import { checks } from '../../src/model/check.ts';
import type { Outcome } from './run-saboteur.ts';
import { type Benign, markOf, type Saboteur, titleOf, titleOfBenign } from './saboteur.ts';

/** The last line, and whether all are killed and none is a false alarm. */
export function totals(outcomes: readonly Outcome[]): { line: string; allWell: boolean } {
  const [saboteurs, benigns] = [ofKind(outcomes, 'saboteur'), ofKind(outcomes, 'benign')];
  const killed = saboteurs.filter(isWell).length;
  const alarms = benigns.length - benigns.filter(isWell).length;
  const line = totalsLine(killed, saboteurs.length, alarms, benigns.length);
  return { line, allWell: outcomes.every(isWell) };
}

const ofKind = (outcomes: readonly Outcome[], kind: Outcome['kind']) => outcomes.filter((each) => each.kind === kind);
const isWell = ({ complaints }: Outcome) => complaints.length === 0;
const totalsLine = (killed: number, saboteurs: number, alarms: number, benigns: number) =>
  `killed ${killed} of ${saboteurs}, false alarms ${alarms} of ${benigns}`;

const words = {
  saboteur: { well: 'killed', ill: 'SURVIVED' },
  benign: { well: 'passed', ill: 'FALSE ALARM' },
} as const;

/** One line for the terminal, and below it why it is not well. */
export function tableLine(outcome: Outcome): string {
  const { kind, title, complaints, verdict, caughtBy, seconds } = outcome;
  const word = words[kind][isWell(outcome) ? 'well' : 'ill'];
  const by = caughtBy ? `${verdict}, by ${caughtBy}` : verdict;
  const line = `${word.padEnd(11)}  ${by.padEnd(28)}  ${seconds.toFixed(1).padStart(5)} s  ${title}`;
  return [line, ...complaints.map((each) => `             ${each}`)].join('\n');
}

/** A row of the document: its cells, escaped. */
type Row = readonly string[];

export interface Page {
  sections: readonly { title: string; rows: readonly Row[] }[];
  benigns: readonly Row[];
}

/**
 * The page of a whole catalogue, of whose rows some were run just now and the others stand on the page as it was; the title
 * of one that is in neither.
 */
export function pageOf(
  sections: readonly { title: string; saboteurs: readonly Saboteur[] }[],
  benigns: readonly Benign[],
  outcomes: readonly Outcome[],
  before: string,
): Page | { missing: string } {
  const ran = new Map(outcomes.map((each) => [each.title, each]));
  const known = new Map(rowsOfPage(before).map((row) => [titleOfRow(row), row]));
  let missing: string | undefined;
  const rowOf = (title: string, make: (outcome: Outcome) => Row): Row => {
    const outcome = ran.get(title);
    const row = outcome ? make(outcome).map(cell) : known.get(title);
    if (!row) missing ??= title;
    return row ?? [];
  };
  const page: Page = {
    sections: sections.map(({ title, saboteurs }) => ({
      title,
      rows: saboteurs.map((each) => rowOf(titleOf(each), (outcome) => saboteurRow(each, outcome))),
    })),
    benigns: benigns.map((each) => rowOf(titleOfBenign(each), () => [each.services.join(', '), each.what])),
  };
  return missing === undefined ? page : { missing };
}

function saboteurRow(saboteur: Saboteur, { verdict, caughtBy, sentence }: Outcome): Row {
  const { level, services, injects } = saboteur;
  return [markOf(saboteur), level, services.join(', '), injects, verdict, numbered(caughtBy), shortened(sentence)];
}

/** A check with its number in the catalogue; an error's code as it is. */
function numbered(caughtBy: string): string {
  const known = (checks as Record<string, { number: string }>)[caughtBy];
  return known ? `${caughtBy} (${known.number})` : caughtBy;
}

const shortened = (text: string) => (text.length > 240 ? `${text.slice(0, 239)}…` : text);

/** A text may hold what means something in a table, or to a terminal. */
const cell = (text: string) =>
  plainLine(text, 10_000)
    .replaceAll(/[\\|<>`*_[\]]/g, (char) => `\\${char}`)
    .replaceAll(/\s+/g, ' ');
const plain = (cell: string) => cell.replaceAll(/\\(.)/g, '$1');

/** The document. Only rows in which all was well come to stand on it. */
export function renderPage({ sections, benigns }: Page): string {
  const rows = sections.flatMap((each) => each.rows);
  const kinds = new Set(rows.map(([mark = '']) => mark.replace('†', '')));
  return [
    '# Saboteurs',
    '',
    'A drill that has never met a bad backup is untested. Each saboteur takes a good backup of a real service (Grafana by a',
    'stand-in), spoils exactly one thing, and lets the drill run: the verdict must be as it stands here, by the check that stands',
    'here, in a sentence on the report that names the service. † means that sizes, hashes and signatures were made to fit',
    'afterwards, so that they cannot tell. The benign variants at the end must pass. `npm run saboteurs` runs them all, and so does',
    '`npm test`. Both also let a company live through 20 nights in a row in which nothing bad happens: each of its drills must pass',
    '(`npm run saboteurs -- --clean 100` for more of them). This page is written by `npm run saboteurs -- --write`; never by hand.',
    '',
    `**${totalsLine(rows.length, rows.length, 0, benigns.length)}** (${count(kinds.size, 'kind')} of fault)`,
    '',
    'Level F: on a finished backup. S: at the source or in the dump, which is then sealed. E: environment, clock or drill.',
    ...sections.flatMap(({ title, rows }) => ['', `## ${title}`, '', ...saboteurHead, ...rows.map(line)]),
    '',
    '## Benign: no alarm',
    '',
    '| service | what is as it may be |',
    '|---|---|',
    ...benigns.map(line),
    '',
  ].join('\n');
}

const summaryBegin = '<!-- written by npm run saboteurs -- --write: never by hand -->';
const summaryEnd = '<!-- end of what is written -->';

/** A text with the table of what was caught by what, in the place of the one between the marks; it has to have them. */
export function withSummary(text: string, { sections, benigns }: Page): string {
  const [begin, end] = [text.indexOf(summaryBegin), text.indexOf(summaryEnd)];
  if (begin === -1 || end < begin) throw new Error(`there is no place for the table: ${summaryBegin}`);
  const rows = sections.flatMap((each) => each.rows);
  const table = [
    summaryBegin,
    `| kinds of fault, each in the services that it concerns | killed | mostly caught by |`,
    '|---|---|---|',
    ...sections.map((each) => line([each.title, `${each.rows.length} of ${each.rows.length}`, catchersOf(each.rows)])),
    line(['all', totalsLine(rows.length, rows.length, 0, benigns.length), '']),
    '',
  ];
  return `${text.slice(0, begin)}${table.join('\n')}${text.slice(end)}`;
}

const maxCatchers = 5;

/** What caught most of them first: `manifest, chain, rows`. */
function catchersOf(rows: readonly Row[]): string {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row[5] ?? '', (counts.get(row[5] ?? '') ?? 0) + 1);
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([name]) => name);
  const more = sorted.length > maxCatchers ? ` and ${count(sorted.length - maxCatchers, 'other')}` : '';
  return `${sorted.slice(0, maxCatchers).join(', ')}${more}`;
}

const saboteurHead = [
  '| # | level | service | what was done | verdict | caught by | what the report says |',
  '|---|---|---|---|---|---|---|',
];
const line = (row: Row) => `| ${row.join(' | ')} |`;

/** All rows of a page, as they stand there. */
export function rowsOfPage(page: string): Row[] {
  return page
    .split('\n')
    .filter((each) => each.startsWith('| ') && !/^\| (#|service) \|/.test(each))
    .map((each) => each.slice(2, -2).split(' | '));
}

/** As `titleOf`, or `titleOfBenign`. */
export function titleOfRow(row: Row): string {
  const cells = row.map(plain);
  return cells.length === 2 ? `${cells[0]}: ${cells[1]}` : `${cells[0]} ${cells[2]}: ${cells[3]}`;
}
