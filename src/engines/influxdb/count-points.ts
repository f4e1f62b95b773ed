import type { InfluxClient, Series } from './client.ts';
import type { MeasurementFacts } from './facts.ts';
import { allTime, fromClause, identifier } from './influxql.ts';

/** Statements in one request: enough to save round trips, few enough that answers stay small. */
const batchSize = 20;

/**
 * The server labels days wrongly at the ends of its calendar; points there are held to the total only.
 * (InfluxDB 1.6: a point of 2262-04-11 is missing from GROUP BY time, one of 1677-09-21 comes back as 1970.)
 */
export const firstDay = '1678-01-01';
export const endDay = '2262-01-01';
const datedTime = `time >= '${firstDay}T00:00:00Z' AND time < '${endDay}T00:00:00Z'`;

/** Asks one thing of each measurement, in batches. */
export async function askEach<T>(
  client: InfluxClient,
  database: string,
  measurements: readonly MeasurementFacts[],
  statement: (measurement: MeasurementFacts) => string,
  read: (measurement: MeasurementFacts, tables: Series[]) => T,
): Promise<T[]> {
  const answers: T[] = [];
  for (let at = 0; at < measurements.length; at += batchSize) {
    const batch = measurements.slice(at, at + batchSize);
    const tables = await client.queryAll(batch.map(statement), database);
    answers.push(...batch.map((measurement, i) => read(measurement, tables[i] ?? [])));
  }
  return answers;
}

/** `COUNT("usage"::float) AS "c0", …`: by number, since names may clash, and by type, since a field may have had several. */
function each(what: 'COUNT' | 'FIRST', { fields }: MeasurementFacts): string {
  return fields.map(({ name, types }, i) => `${what}(${identifier(name)}::${types[0]}) AS "c${i}"`).join(', ');
}

export const countByDay = (m: MeasurementFacts) =>
  `SELECT ${each('COUNT', m)} FROM ${fromClause(m.policy, m.name)} WHERE ${datedTime} GROUP BY time(1d) fill(none)`;

/** Of all fields, by hour, for times as RFC 3339. */
export const countByHour = (from: string, to: string) => (m: MeasurementFacts) =>
  `SELECT ${each('COUNT', m)} FROM ${fromClause(m.policy, m.name)} WHERE time >= '${from}' AND time < '${to}' GROUP BY time(1h) fill(none)`;

export const countAll = (m: MeasurementFacts) =>
  `SELECT ${each('COUNT', m)} FROM ${fromClause(m.policy, m.name)} WHERE ${allTime}`;

/** How many series have each field: the rows of a subquery that has one for each series. */
export const countSeries = (m: MeasurementFacts) => {
  const outer = m.fields.map((_, i) => `COUNT("c${i}") AS "c${i}"`).join(', ');
  return `SELECT ${outer} FROM (SELECT ${each('FIRST', m)} FROM ${fromClause(m.policy, m.name)} WHERE ${allTime} GROUP BY *)`;
};

/** The newest point that is not later than `until`. */
export const newestUntil = (until: string) => (m: MeasurementFacts) => {
  const columns = m.fields.map(({ name, types }, i) => `${identifier(name)}::${types[0]} AS "c${i}"`).join(', ');
  const from = fromClause(m.policy, m.name);
  return `SELECT ${columns} FROM ${from} WHERE time >= -9223372036854775806 AND time <= '${until}' ORDER BY time DESC LIMIT 1`;
};

/** One number for each field; 0 where the server has none. */
export function numbersOf(measurement: MeasurementFacts, tables: readonly Series[]): number[] {
  const [table] = tables;
  return measurement.fields.map((_, i) => Number(table?.values[0]?.[table.columns.indexOf(`c${i}`)] ?? 0));
}

/** Points by day for each field. */
export function daysOf(measurement: MeasurementFacts, tables: readonly Series[]): Map<string, number>[] {
  const days = measurement.fields.map(() => new Map<string, number>());
  for (const { columns, values } of tables) {
    for (const row of values) {
      const day = String(row[0]).slice(0, 10);
      for (const [i, field] of days.entries()) {
        const n = row[columns.indexOf(`c${i}`)];
        if (typeof n === 'number' && n > 0) field.set(day, (field.get(day) ?? 0) + n);
      }
    }
  }
  return days;
}

/** As `countByHour`, of one field only: what a server reads for that is a part. */
export const countOneByHour = (from: string, to: string) => (m: MeasurementFacts) => {
  const most = m.fields.toSorted((a, b) => b.points - a.points).slice(0, 1);
  return countByHour(from, to)({ ...m, fields: most });
};

/** The sums of all columns, by hour since 1970. */
export function hoursOf(tables: readonly Series[]): Map<number, number> {
  const hours = new Map<number, number>();
  for (const row of tables.flatMap(({ values }) => values)) {
    const sum = row.slice(1).reduce<number>((total, n) => total + (typeof n === 'number' ? n : 0), 0);
    const hour = Math.floor(Date.parse(String(row[0])) / 3_600_000);
    if (sum > 0) hours.set(hour, (hours.get(hour) ?? 0) + sum);
  }
  return hours;
}
