import type { GameDayJournal } from '../../model/gameday-journal.ts';
import { gameDayView } from './gameday-view.ts';

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
