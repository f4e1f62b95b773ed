import { count } from '../../kit/text.ts';
import type { GameDayJournal } from '../../model/gameday-journal.ts';
import { instant, line, nameOf } from '../view/untrusted.ts';
import { outcomeWords } from './gameday-view.ts';
import { minutesView, tookWords, whoOf } from './minutes-view.ts';

const maxShown = 12;

/** What the overview shows: the newest robot and the newest person of each scenario side by side, then all that there were. */
export function gameDaysView(days: readonly GameDayJournal[]) {
  const groups = [...Map.groupBy(days, ({ gameDay }) => gameDay.scenario).values()];
  const scenarios = groups.flatMap(([first, ...rest]) => (first ? [scenarioView([first, ...rest])] : []));
  return {
    scenarios: scenarios.sort((a, b) => (a.name < b.name ? -1 : 1)),
    summary: `${count(days.length, 'game day')} of ${count(groups.length, 'scenario')}`,
    legend: days[0] ? minutesView([days[0]]).legend : [],
  };
}

function scenarioView(days: readonly [GameDayJournal, ...GameDayJournal[]]) {
  const [newest] = days;
  const { gameDay } = newest;
  const shown = days.slice(0, maxShown);
  const { lanes, limit, limitPercent } = minutesView([newest, ...shown.slice(1)]);
  const fastest = (robot: boolean) => {
    const totals = days
      .filter((each) => each.gameDay.robot === robot && each.outcome.outcome === 'recovered')
      .flatMap(({ minutes }) => (minutes.totalMs === null ? [] : [minutes.totalMs]));
    return totals.length === 0 ? 'never recovered' : tookWords(Math.min(...totals));
  };
  return {
    name: nameOf(gameDay.scenario),
    title: line(gameDay.title),
    robot: fastest(true),
    person: fastest(false),
    ...{ limit, limitPercent },
    days: shown.map((day, i) => ({
      ...{ bars: lanes[i]?.bars ?? [], spoken: lanes[i]?.spoken ?? '' },
      name: `${instant(day.gameDay.startedAt)}, ${whoOf(day)}`,
      href: `${day.gameDay.id}/report.html`,
      ...outcomeWords[day.outcome.outcome],
      took: tookWords(day.minutes.totalMs),
      limitPercent,
    })),
    rest: days.length > maxShown ? `and ${count(days.length - maxShown, 'older one')}, not drawn here` : '',
  };
}
