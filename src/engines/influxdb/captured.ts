import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { InfluxClient } from './client.ts';
import type { MeasurementFacts, PolicyFacts } from './facts.ts';
import { canBeNamed, firstNs, identifier, lastNs } from './influxql.ts';
import { parseInstant } from './instants.ts';
import { type ListedShard, listMeasurements } from './inventory.ts';

export interface NewestPoint {
  policy: string;
  measurement: string;
  /** RFC 3339. */
  at: string;
}

/**
 * The newest point of each measurement, as the live server says it. For one that may be anywhere, it opens every series in
 * every shard, which takes memory and seconds of a server that is at work: so the newest shards are asked for all, and the
 * others only for what is not there.
 */
export async function liveNewest(
  client: InfluxClient,
  database: string,
  policies: readonly PolicyFacts[],
  shards: readonly ListedShard[],
): Promise<NewestPoint[]> {
  const asked = policies.map(({ name }) => ({ policy: name, from: newestStart(shards, name) }));
  const found = await newestOf(
    client,
    database,
    asked.map(({ policy, from }) => ({ policy, source: '/.*/', where: `time >= ${from} AND time <= ${lastNs}` })),
  );
  const older = asked.filter(({ from }) => from > firstNs);
  const names = older.length === 0 ? [] : await listMeasurements(client, database);
  const rest = older.flatMap(({ policy, from }) =>
    names
      .filter((name) => canBeNamed(name) && !found.some((each) => each.policy === policy && each.measurement === name))
      .map((name) => ({ policy, source: identifier(name), where: `time >= ${firstNs} AND time < ${from}` })),
  );
  return [...found, ...(await newestOf(client, database, rest))];
}

/** Where the last but one of a policy's shards begins, since the last one may be made ahead of its time; the first instant where there are no more. */
function newestStart(shards: readonly ListedShard[], policy: string): bigint {
  const starts = shards.filter((each) => each.policy === policy).map(({ start }) => parseInstant(start) ?? firstNs);
  const from = starts.length > 2 ? starts.toSorted((a, b) => (a < b ? -1 : 1)).at(-2) : undefined;
  return from === undefined || from < firstNs ? firstNs : from;
}

interface Asked {
  policy: string;
  /** What stands behind the policy: a measurement's name as an identifier, or an expression for several. */
  source: string;
  where: string;
}

async function newestOf(client: InfluxClient, database: string, asked: readonly Asked[]): Promise<NewestPoint[]> {
  if (asked.length === 0) return [];
  const statements = asked.map(
    ({ policy, source, where }) =>
      `SELECT * FROM ${identifier(policy)}.${source} WHERE ${where} ORDER BY time DESC LIMIT 1`,
  );
  const answers = await client.queryAll(statements, database);
  return answers.flatMap((tables, i) =>
    tables.map(({ name = '', values }) => ({
      policy: asked[i]?.policy ?? '',
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
