import type { Facts, FieldFacts, MeasurementFacts, ShardFacts } from './facts.ts';
import { composeHours } from './hours.ts';
import { kindOf } from './tsm/block-types.ts';

/** What the measurements of one policy are told apart by. */
export const measurementKey = ({ policy, name }: Pick<MeasurementFacts, 'policy' | 'name'>) =>
  JSON.stringify([policy, name]);

/** What the fields of one measurement are told apart by: a name, as a number or as one of the other types. */
export const fieldKey = ({ name, types }: Pick<FieldFacts, 'name' | 'types'>) =>
  JSON.stringify([name, kindOf(types[0] ?? '')]);

/**
 * The points of a database from those of its shards: shards of one policy share no time, so that points add up. Series
 * lie in many shards: of these only bounds are known.
 */
export function composeMeasurements(shards: readonly ShardFacts[]): MeasurementFacts[] {
  const groups = Map.groupBy(
    shards.flatMap((shard) => shard.measurements),
    measurementKey,
  );
  return [...groups.values()].map((parts) => {
    const { policy, name } = parts[0] as MeasurementFacts;
    const fields = Map.groupBy(
      parts.flatMap((part) => part.fields),
      fieldKey,
    );
    const tagKeys = [...new Set(parts.flatMap((part) => part.tagKeys))].sort();
    const hours = composeHours(parts.map((part) => part.hours));
    return { policy, name, tagKeys, fields: [...fields.values()].map(composeField), ...(hours && { hours }) };
  });
}

function composeField(parts: readonly FieldFacts[]): FieldFacts {
  const days: Record<string, number> = {};
  for (const [day, points] of parts.flatMap((part) => Object.entries(part.days))) days[day] = (days[day] ?? 0) + points;
  const series = parts.map((part) => part.series);
  const bounds = parts.length === 1 ? {} : { seriesAtMost: series.reduce((sum, n) => sum + n, 0) };
  return {
    name: parts[0]?.name ?? '',
    types: [...new Set(parts.flatMap((part) => part.types))].sort(),
    series: Math.max(...series),
    ...bounds,
    points: parts.reduce((sum, part) => sum + part.points, 0),
    first: parts.map((part) => part.first).sort()[0] ?? '',
    last:
      parts
        .map((part) => part.last)
        .sort()
        .at(-1) ?? '',
    days: Object.fromEntries(Object.entries(days).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

export function composeNewest(shards: readonly ShardFacts[]): Facts['newest'] {
  const known = shards.map((shard) => shard.newest).filter((newest) => newest !== null);
  return known.sort((a, b) => (a.at < b.at ? -1 : 1)).at(-1) ?? null;
}
