import { type Forecast, leastDays, leastDrills } from '../../model/forecast.ts';
import { duration } from './duration.ts';

const monthMs = 30 * 86_400_000;

/** One sentence for people. `dayOf`: how an instant's day is called, such as `22 Nov 2027`. */
export function forecastWords(forecast: Forecast, objectiveMs: number, dayOf: (ms: number) => string): string {
  const objective = duration(objectiveMs);
  switch (forecast.kind) {
    case 'too-few': {
      const { drills, days } = forecast;
      return `No forecast yet: it takes at least ${leastDrills} drills with a restore time over ${leastDays} days; there are ${drills}, over ${days} ${days === 1 ? 'day' : 'days'}.`;
    }
    case 'over':
      return `The trend of ${forecast.drills} drills lies at ${duration(forecast.levelMs)}: above the ${objective} that are allowed already.`;
    case 'steady':
      return `No growth stands out from the scatter of ${forecast.drills} drills, so there is no date on which ${objective} would be crossed.${atTheWorst(forecast.earliestMs, dayOf)}`;
    case 'growing':
      return growingWords(forecast, objective, dayOf);
  }
}

function atTheWorst(earliestMs: number | null, dayOf: (ms: number) => string): string {
  return earliestMs === null
    ? ' Not within ten years, even with the steepest growth that they allow for.'
    : ` With the steepest growth that they allow for, it would not be before ${dayOf(earliestMs)}.`;
}

const growth = (ms: number) => (ms < 50 ? 'less than 0.1 s' : duration(ms));

function growingWords(
  { drills, atMs, earliestMs, latestMs, trend }: Extract<Forecast, { kind: 'growing' }>,
  objective: string,
  dayOf: (ms: number) => string,
): string {
  const pace = `The restore time grows by ${growth(trend.slope * monthMs)} in 30 days (${drills} drills).`;
  if (earliestMs === null) return `${pace} At this pace ${objective} are not crossed within ten years.`;
  const until = latestMs === null ? 'no end within ten years' : dayOf(latestMs);
  const between = `95 % interval: ${dayOf(earliestMs)} to ${until}`;
  return atMs === null
    ? `${pace} At this pace ${objective} are not crossed within ten years (${between}).`
    : `${pace} At this pace ${objective} are crossed about ${dayOf(atMs)} (${between}).`;
}
