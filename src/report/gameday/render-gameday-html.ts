import type { GameDayJournal } from '../../model/gameday-journal.ts';
import { compileTemplate } from '../compile-template.ts';
import { isolation } from '../template/evidence.ts';
import { style } from '../template/style.ts';
import { gameDayView } from './gameday-view.ts';
import {
  asked,
  disaster,
  gameDayPage,
  gameDayStyle,
  happened,
  lessons,
  minutes,
  stack,
} from './template/gameday-page.ts';

const partials = { style, gameDayStyle, minutes, disaster, happened, asked, lessons, stack, isolation };
const render = compileTemplate<ReturnType<typeof gameDayView>>(gameDayPage, partials);

/**
 * The journal of a game day as one HTML file that needs nothing else: no script, no request. Everything in it is escaped.
 * @param earlier game days of the same scenario, the newest first: their minutes stand beside this one's
 */
export function renderGameDayHtml(journal: GameDayJournal, earlier: readonly GameDayJournal[] = []): string {
  return render(gameDayView(journal, earlier));
}
