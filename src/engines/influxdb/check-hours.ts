import { count, plainLine } from '../../kit/text.ts';
import type { Finding, Look } from '../../model/check.ts';
import type { InfluxClient } from './client.ts';
import { askEach, countByHour, countOneByHour, hoursOf } from './count-points.ts';
import { type Facts, heartbeatMeasurement, type MeasurementFacts } from './facts.ts';
import { type Gap, newGaps } from './hour-gaps.ts';
import { comparedDays, type Hours, hoursFrom } from './hours.ts';
import { dayName, dayOf, hourName, hourOf, nsOf } from './instants.ts';

/** So far back hours with and without points are looked at: four weeks, to know the rhythm of one. */
const rhythmDays = 28;

/**
 * Looks at each measurement once: are its values in each hour of the last days as many as were dumped? And are there hours without points
 * where there usually are some: then the source has a gap, or its dump. The second is a warning, since sources fail too.
 */
export async function lookAtHours(
  look: Look,
  service: string,
  { measurements, database }: Facts,
  client: InfluxClient,
  dataAt: string,
): Promise<void> {
  const dumpedAt = nsOf(new Date(dataAt));
  const days = comparedDays(dumpedAt);
  const begin = (offset: number) => `${dayName(dayOf(dumpedAt) + offset)}T00:00:00Z`;
  const [start, compared, end] = [begin(-rhythmDays), begin(1 - days.length), begin(1)];
  const filled = new Map<MeasurementFacts, Set<number>>();
  await askEach(client, database, measurements, countByHour(compared, end), (measurement, tables) => {
    const found = hoursOf(tables);
    look.sawOne();
    compareHours(look, service, measurement, hoursFrom(found), days);
    filled.set(measurement, new Set(found.keys()));
  });
  await askEach(client, database, measurements, countOneByHour(start, compared), (measurement, tables) => {
    for (const hour of hoursOf(tables).keys()) filled.get(measurement)?.add(hour);
  });
  for (const finding of gapsIn(service, filled, hourOf(dumpedAt))) look.warn(finding);
}

function compareHours(
  look: Look,
  service: string,
  measurement: MeasurementFacts,
  found: Hours,
  days: readonly string[],
) {
  const { hours: dumped } = measurement;
  if (!dumped) return;
  const wrong = days.flatMap((day) =>
    Array.from({ length: 24 }, (_, hour) => ({
      begin: `${day}T${String(hour).padStart(2, '0')}:00Z`,
      expected: dumped[day]?.[hour] ?? 0,
      found: found[day]?.[hour] ?? 0,
    })).filter((each) => each.expected !== each.found),
  );
  const [first] = wrong;
  if (!first) return;
  const more = wrong.length > 1 ? ` (and ${count(wrong.length - 1, 'other hour')})` : '';
  const has = `${nameOf(measurement)} has ${count(first.found, 'value')} in the hour from ${first.begin}${more}`;
  look.fail({
    sentence: `${service}: ${has}, the dump had ${count(first.expected, 'value')}`,
    expected: String(first.expected),
    found: String(first.found),
    next: `firedrill backup ${service} --full`,
  });
}

/** One finding for each gap, whoever has it; `until`: the hour of the dump, which is not complete. */
function gapsIn(service: string, filled: ReadonlyMap<MeasurementFacts, ReadonlySet<number>>, until: number): Finding[] {
  const found = [...filled]
    .filter(([{ name }]) => name !== heartbeatMeasurement)
    .flatMap(([measurement, hours]) => newGaps(hours, until).map((gap) => ({ measurement, gap })));
  const groups = Map.groupBy(found, ({ gap }) => `${gap.from} ${gap.to}`);
  return [...groups.values()].map(([first, ...others]) => {
    const { measurement, gap } = first as (typeof found)[number];
    const who = `${nameOf(measurement)}${others.length > 0 ? ` (and ${count(others.length, 'other measurement')})` : ''}`;
    const sentence = `${service}: ${who} has no point in ${when(gap, until)}, where there usually are some: the source has a gap, or its dump`;
    return { sentence, expected: 'points in each hour', found: 'none' };
  });
}

function when({ from, to }: Gap, until: number): string {
  const hours = count(to - from, 'hour');
  return to === until ? `the last ${hours} before the backup` : `the ${hours} from ${hourName(from)}`;
}

const nameOf = ({ policy, name }: MeasurementFacts) => plainLine(`${policy}.${name}`, 200);
