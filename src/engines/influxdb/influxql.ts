/** The first and the last instant that a point can have (influxdata/influxql, MinTime and MaxTime). */
const minTime = '1677-09-21T00:12:43.145224194Z';
const maxTime = '2262-04-11T23:47:16.854775806Z';

/** Without bounds the server looks from 1970, or to now, depending on the statement. */
export const allTime = `time >= '${minTime}' AND time <= '${maxTime}'`;

/** A database, policy, measurement, field or user as an identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** `"policy"."measurement"`. */
export function fromClause(policy: string, measurement: string): string {
  return `${identifier(policy)}.${identifier(measurement)}`;
}
