import { setTimeout as sleep } from 'node:timers/promises';
import type { Bay, StartedServer } from '../../hosts/bay.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { InfluxClient } from './client.ts';
import type { Facts } from './facts.ts';
import { canBeNamed, fromClause, identifier } from './influxql.ts';
import { assertGoesOn } from './interrupted.ts';
import { recipe } from './recipe.ts';

const pollMs = 25;
const startMs = 300_000;

export function restoredClient(server: StartedServer, signal: AbortSignal): InfluxClient {
  return new InfluxClient({ through: { socketPath: () => server.socketPath() }, signal });
}

/** Starts the bay's server and waits until it answers. */
export function startServer(bay: Bay, activity: Activity): Promise<{ server: StartedServer; version: string }> {
  return activity.native('start InfluxDB', async () => {
    const server = await bay.start(recipe(bay));
    const client = restoredClient(server, activity.signal);
    const version = await poll('answer', server, activity, async () => {
      try {
        return await client.ping();
      } catch (error) {
        if (isFiredrillError(error, 'SOURCE_UNREACHABLE', 'SANDBOX_FAILED')) return undefined;
        throw error;
      }
    });
    return { server, version };
  });
}

/** `influxd restore` returns before the shards can be read; some of its refusals say "not executed", and nothing of why. */
export function awaitShards(server: StartedServer, facts: Facts, activity: Activity) {
  const client = restoredClient(server, activity.signal);
  const questions = shardQuestions(facts);
  return poll('open its shards', server, activity, () => readShards(client, facts.database, questions));
}

/** The answers to `shardQuestions`; undefined while a shard cannot be read yet. */
export async function readShards(client: InfluxClient, database: string, questions: readonly string[]) {
  if (questions.length === 0) return [];
  try {
    return await client.queryAll(questions, database);
  } catch (error) {
    if (
      isFiredrillError(error, 'TOOL_FAILED') &&
      /shard is disabled|engine is closed|not executed/i.test(error.message)
    )
      return undefined;
    throw error;
  }
}

/**
 * A question that only one shard can answer, for each: a server opens all series of what it is asked for, so it is the field that
 * the fewest have. A shard whose points are not among the facts' is not asked.
 */
export function shardQuestions({ shards, measurements }: Facts): string[] {
  const known = new Set(measurements.map(({ name }) => name));
  return shards.flatMap((shard) => {
    const fields = shard.measurements
      .filter(({ name }) => known.has(name) && canBeNamed(name))
      .flatMap((measurement) => measurement.fields.map((field) => ({ measurement: measurement.name, ...field })))
      .filter(({ name }) => canBeNamed(name));
    const [least] = fields.toSorted((a, b) => a.series - b.series);
    if (!least) return [];
    const { measurement, name, types, first, last } = least;
    const from = fromClause(shard.policy, measurement);
    return [
      `SELECT ${identifier(name)}::${types[0]} FROM ${from} WHERE time >= '${first}' AND time <= '${last}' LIMIT 1`,
    ];
  });
}

async function poll<T>(what: string, server: StartedServer, activity: Activity, look: () => Promise<T | undefined>) {
  const { clock, signal } = activity;
  for (const end = clock.monotonicMs() + startMs; clock.monotonicMs() < end; await sleep(pollMs)) {
    assertGoesOn(signal);
    const found = await look();
    if (found !== undefined) return found;
    await server.assertAlive();
  }
  throw new FiredrillError('SANDBOX_FAILED', `the restored InfluxDB did not ${what} within ${startMs / 1000} s`);
}
