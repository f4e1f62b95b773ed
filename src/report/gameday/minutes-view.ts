import type { GameDayJournal } from '../../model/gameday-journal.ts';
import { duration } from '../view/duration.ts';
import { instant, nameOf } from '../view/untrusted.ts';

type Minutes = GameDayJournal['minutes'];

/** In the order of a day, with the colour of the report's sheet that each is drawn in. */
const parts = [
  { key: 'detectionMs', word: 'detection', colour: 'fetch' },
  { key: 'decisionMs', word: 'decision', colour: 'check' },
  { key: 'restoreMs', word: 'restore', colour: 'restore' },
  { key: 'verificationMs', word: 'verification', colour: 'boot' },
  { key: 'penaltyMs', word: 'hints', colour: 'dispose' },
] as const satisfies readonly { key: keyof Minutes; word: string; colour: string }[];

/** Who recovered it. */
export const whoOf = ({ gameDay: { robot, operator } }: Pick<GameDayJournal, 'gameDay'>): string =>
  robot ? 'the robot' : operator === '' ? 'somebody' : nameOf(operator);

/** A bar for each game day, all on one scale, with the limit of the first one on it. */
export function minutesView(days: readonly [GameDayJournal, ...GameDayJournal[]]) {
  const [first] = days;
  const { limitMs } = first.gameDay;
  const mostMs = Math.max(limitMs, 1, ...days.map(({ minutes }) => sumOf(minutes)));
  const percent = (ms: number) => ((100 * ms) / mostMs).toFixed(2);
  return {
    limit: duration(limitMs),
    limitPercent: percent(limitMs),
    legend: parts.map(({ word, colour }) => ({ word, colour })),
    lanes: days.map((day, i) => ({
      name: i === 0 ? `this one: ${whoOf(day)}` : `${instant(day.gameDay.startedAt)}: ${whoOf(day)}`,
      note: totalWords(day),
      spoken: spokenOf(day),
      bars: barsOf(day.minutes, percent),
    })),
    rows: parts.map(({ key, word }) => ({ word, took: tookWords(first.minutes[key]) })),
    total: tookWords(first.minutes.totalMs),
  };
}

const sumOf = (minutes: Minutes) => parts.reduce((sum, { key }) => sum + (minutes[key] ?? 0), 0);

function barsOf(minutes: Minutes, percent: (ms: number) => string) {
  let from = 0;
  return parts.flatMap(({ key, colour }) => {
    const ms = minutes[key] ?? 0;
    const bar = { colour, x: percent(from), width: percent(ms) };
    from += ms;
    return ms > 0 ? [bar] : [];
  });
}

export const tookWords = (ms: number | null): string => (ms === null ? 'not known' : duration(ms));

function totalWords({ minutes, outcome }: GameDayJournal): string {
  const word = outcome.outcome.replaceAll('-', ' ');
  return minutes.totalMs === null ? word : `${word}, ${duration(minutes.totalMs)}`;
}

function spokenOf(day: GameDayJournal): string {
  const spoken = parts.flatMap(({ key, word }) => {
    const ms = day.minutes[key];
    return ms === null || ms === 0 ? [] : [`${word} ${duration(ms)}`];
  });
  return `${whoOf(day)}: ${spoken.join(', ') || 'nothing was measured'}; ${totalWords(day)}`;
}
