import type { GameDayJournal } from '../../model/gameday-journal.ts';
import { gameDayView, outcomeWords } from './gameday-view.ts';
import { tookWords, whoOf } from './minutes-view.ts';

/** The journal of a game day as plain text, without colour, for terminals, mail and logs. Untrusted names are made harmless. */
export function renderGameDayText(journal: GameDayJournal, earlier: readonly GameDayJournal[] = []): string {
  const view = gameDayView(journal, earlier);
  const { head, minutes, lessons, followUps, rollBack, notes } = view;
  const refuted = view.checks.flatMap(({ title, shown }) =>
    shown.filter(({ holds }) => !holds).map((each) => `  ${title}: ${each.service}: ${each.name}: ${each.found}`),
  );
  return [
    `${head.word}: ${head.sentence}`,
    `Game day ${head.scenario} (${head.lead}), ${head.startedAt}, recovered by ${head.who}`,
    '',
    ...minutes.rows.map(({ word, took }) => `  ${word.padEnd(14)}${took}`),
    `  ${'in all'.padEnd(14)}${minutes.total} of ${minutes.limit}`,
    ...section('What did not hold', refuted),
    ...section(
      'Earlier',
      minutes.lanes.slice(1).map(({ name, note }) => `  ${name}: ${note}`),
    ),
    ...section(
      'Lessons',
      lessons.shown.map((each) => `  - ${each}`),
    ),
    ...section(
      'To be done',
      followUps.shown.map(({ what, who, until }) => `  - ${what} (${who}, ${until})`),
    ),
    ...section(
      'Could not be removed',
      rollBack.shown.filter(({ ok }) => !ok).map(({ what, said }) => `  ${what}: ${said}`),
    ),
    ...section(
      'Worth knowing',
      notes.shown.map((each) => `  ${each}`),
    ),
  ]
    .join('\n')
    .replaceAll('\u00a0', ' ');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

/** Several game days side by side, a line each: `deleted-data  RECOVERED  1m 12s of 30m  the robot`. */
export function gameDaysTable(days: readonly GameDayJournal[]): string[] {
  const rows = days.map((day) => [
    day.gameDay.scenario,
    outcomeWords[day.outcome.outcome].word,
    `${tookWords(day.minutes.totalMs)} of ${tookWords(day.gameDay.limitMs)}`,
    whoOf(day),
  ]);
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
      .replaceAll('\u00a0', ' '),
  );
}
