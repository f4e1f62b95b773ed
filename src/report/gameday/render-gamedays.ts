import type { GameDayJournal } from '../../model/gameday-journal.ts';
import { compileTemplate } from '../compile-template.ts';
import { indexStyle } from '../template/index-style.ts';
import { style } from '../template/style.ts';
import { gameDaysView } from './gamedays-view.ts';
import { gameDayStyle } from './template/gameday-page.ts';
import { gameDaysPage, lane } from './template/gamedays-page.ts';

const partials = { style, indexStyle, gameDayStyle, lane };
const render = compileTemplate<ReturnType<typeof gameDaysView>>(gameDaysPage, partials);

/** All game days, by scenario, as one HTML file beside their folders. Everything in it is escaped. The newest first. */
export function renderGameDays(days: readonly GameDayJournal[]): string {
  return render(gameDaysView(days));
}
