import { count, plainLine } from '../kit/text.ts';
import { formatDuration } from '../kit/units.ts';
import type { Journal, ServiceRecord } from '../model/journal.ts';
import { applicationLines } from './view/applications-view.ts';
import { estimateView } from './view/estimate-view.ts';
import { findingsView } from './view/findings-view.ts';
import { restoreView } from './view/restore-view.ts';

/** A terminal's screen holds no more; the HTML report has them all. */
const maxFindingsShown = 20;
const maxNotesShown = 10;
/** It names each service that failed, and what of it can still be restored. */
const maxSentenceChars = 2000;

/** The journal as plain text, without colour, for terminals and logs. Untrusted names are made harmless. */
export function renderText(journal: Journal): string {
  const { verdict, services, checks, notes } = journal;
  const notRun = checks.filter((each) => each.outcome === 'not-run').length;
  return [
    `${verdict.verdict.toUpperCase()}: ${plainLine(verdict.sentence, maxSentenceChars)}`,
    '',
    ...target(journal),
    ...restoreTime(journal),
    ...estimated(journal),
    ...columns(services.map(serviceCells)),
    ...applicationLines(journal),
    ...plantedFault(journal),
    ...findings(journal),
    ...(notRun > 0
      ? ['', `${count(notRun, 'check was', 'checks were')} not run; the report says which, and why.`]
      : []),
    ...(notes.length > 0 ? ['', ...notesOf(notes)] : []),
  ].join('\n');
}

function target(journal: Journal): string[] {
  const view = restoreView(journal);
  if (!view) return [];
  const findings = view.findings.shown.map((sentence) => `  ${sentence}`);
  return [view.outcome, ...columns(view.facts.map(({ name, value }) => [`  ${name}`, value])), ...findings, ''];
}

function restoreTime({ rto, ownCostMs }: Journal): string[] {
  const objective = formatDuration(rto.objectiveMs);
  if (rto.usedMs === null)
    return [`Restore time: not reached, for not all services came back; allowed are ${objective}`];
  const own = ownCostMs === null ? '' : `, ${formatDuration(ownCostMs)} of them firedrill's own`;
  return [`Restore time: ${formatDuration(rto.usedMs)} of ${objective}${own}`];
}

/** Views keep numbers and units together by spaces that a terminal need not know. */
function estimated(journal: Journal): string[] {
  const view = estimateView(journal);
  return view ? [[view.words, view.past].join(' ').trimEnd().replaceAll('\u00a0', ' ')] : [];
}

/** What would be lost is only known of what came back. */
function serviceCells({ service, title, members, readyMs, rpo, image }: ServiceRecord): string[] {
  const lost = readyMs === null || rpo.measuredMs === null ? null : formatDuration(rpo.measuredMs);
  return [
    `  ${service}`,
    `${title}${image?.standIn ? ' (stand-in)' : ''}`,
    readyMs === null ? 'did not come back' : `back in ${formatDuration(readyMs)}`,
    lost === null ? '' : `would lose ${lost} of ${formatDuration(rpo.objectiveMs)}`,
    members.at(-1)?.id ?? 'no backup',
  ].map((cell) => plainLine(cell, 60));
}

function columns(rows: readonly string[][]): string[] {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function plantedFault({ planted }: Journal): string[] {
  if (!planted) return [];
  const { title, service, caughtBy } = planted;
  return [`Planted: ${plainLine(title)}, in a copy of ${plainLine(service, 60)}; caught by: ${caughtBy ?? 'nobody'}`];
}

const shouted = { fail: 'FAILED', inconclusive: 'UNCLEAR', warning: 'WARNING' } as const;

function findings(journal: Journal): string[] {
  const { shown, total } = findingsView(journal);
  const texts = shown
    .slice(0, maxFindingsShown)
    .flatMap(({ outcome, check, sentence, next }) => [
      '',
      `${shouted[outcome]} ${check}: ${sentence}`,
      ...(next.given ? [`  next: ${next.before}${next.command}${next.after}`] : []),
    ]);
  const more = total - Math.min(shown.length, maxFindingsShown);
  return more > 0 ? [...texts, '', `… and ${count(more, 'further finding')}, in the report`] : texts;
}

function notesOf(notes: readonly string[]): string[] {
  const more = notes.length - maxNotesShown;
  const lines = notes.slice(0, maxNotesShown).map((note) => `Note: ${plainLine(note)}`);
  return more > 0 ? [...lines, `… and ${count(more, 'further note')}, in the report`] : lines;
}
