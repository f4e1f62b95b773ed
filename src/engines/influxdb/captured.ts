import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { InfluxClient } from './client.ts';
import type { MeasurementFacts, PolicyFacts } from './facts.ts';
import { allTime, identifier } from './influxql.ts';
import { parseInstant } from './instants.ts';

export interface NewestPoint {
  policy: string;
  measurement: string;
  /** RFC 3339. */
  at: string;
}

/** The newest point of each measurement, as the live server says it. */
export async function liveNewest(
  client: InfluxClient,
  database: string,
  policies: readonly PolicyFacts[],
): Promise<NewestPoint[]> {
  const statements = policies.map(
    ({ name }) => `SELECT * FROM ${identifier(name)}./.*/ WHERE ${allTime} ORDER BY time DESC LIMIT 1`,
  );
  const answers = await client.queryAll(statements, database);
  return answers.flatMap((tables, i) =>
    tables.map(({ name = '', values }) => ({
      policy: policies[i]?.name ?? '',
      measurement: name,
      at: String(values[0]?.[0] ?? ''),
    })),
  );
}

/**
 * A busy server (1.8 and later) may back up without the cache, which holds the newest points, and says so only in its own
 * log: what it had before the dump began must be in the dump.
 */
export function assertNewestCaptured(before: readonly NewestPoint[], dumped: readonly MeasurementFacts[]) {
  for (const { policy, measurement, at } of before) {
    const found = dumped.find((each) => each.policy === policy && each.name === measurement);
    const last = found?.fields
      .map((field) => field.last)
      .sort()
      .at(-1);
    const newest = last === undefined ? undefined : parseInstant(last);
    const expected = parseInstant(at);
    if (expected === undefined || (newest !== undefined && newest >= expected)) continue;
    const where = plainLine(`${policy}.${measurement}`);
    const sentence = `the backup lacks the newest points of ${where}: the server had ${plainLine(at)}, the backup ends at ${last ?? 'nothing'}`;
    throw new FiredrillError('BACKUP_INCOMPLETE', sentence, {
      hint: 'If nobody deleted points meanwhile the server was too busy to flush its cache: run the backup again.',
    });
  }
}
