import { sinceWords } from '../report/gameday/gameday-view.ts';
import { whoOf } from '../report/gameday/minutes-view.ts';
import type { RunningGameDay } from '../report/gameday/running-gameday.ts';
import { duration } from '../report/view/duration.ts';
import { line, nameOf, paragraphs, sentence } from '../report/view/untrusted.ts';

const maxEntries = 30;

/**
 * The game day that goes on, for those who watch and those who have no terminal at hand. What was injected is not on it: the
 * operator may be watching as well. null when none goes on.
 */
export function liveGameDay(running: RunningGameDay | undefined) {
  if (!running) return null;
  const { journal, clockMs } = running;
  const { gameDay, timeline, minutes } = journal;
  const leftMs = clockMs === null ? null : gameDay.limitMs - clockMs;
  return {
    name: nameOf(gameDay.scenario),
    title: line(gameDay.title),
    who: whoOf(journal),
    clock: clockMs === null ? 'not begun: the stack is being raised' : clockWords(clockMs),
    limit: duration(gameDay.limitMs),
    left: leftMs === null ? '' : leftMs >= 0 ? `${clockWords(leftMs)} left` : `${clockWords(-leftMs)} over the limit`,
    isOver: leftMs !== null && leftMs < 0,
    percent: clockMs === null ? '0' : Math.min((100 * clockMs) / Math.max(gameDay.limitMs, 1), 100).toFixed(1),
    hints: minutes.penaltyMs > 0 ? `${duration(minutes.penaltyMs)} of it for hints` : '',
    // Before the clock runs, nobody has been told.
    situation: clockMs === null ? [] : paragraphs(gameDay.situation),
    entries: timeline
      .slice(-maxEntries)
      .reverse()
      .map(({ atMs, who, kind, text }) => ({
        since: sinceWords(atMs),
        who: who === 'firedrill' ? 'firedrill' : whoOf(journal),
        what: `${kind.replaceAll('-', ' ')}: ${kind === 'disaster' ? 'the clock runs' : sentence(text)}`,
      })),
  };
}

/** Whole seconds: it is a clock. */
const clockWords = (ms: number): string => duration(Math.floor(ms / 1000) * 1000).replace('.0\u00a0s', '\u00a0s');
