import { setTimeout as sleep } from 'node:timers/promises';
import type { Bay, StartedServer } from '../../hosts/bay.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { InfluxClient } from './client.ts';
import { allTime, identifier } from './influxql.ts';
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
export function awaitShards(server: StartedServer, database: string, policies: readonly string[], activity: Activity) {
  const client = restoredClient(server, activity.signal);
  return poll('open its shards', server, activity, () => readShards(client, database, policies));
}

/** A point of each policy; undefined while their shards cannot be read yet. */
export async function readShards(client: InfluxClient, database: string, policies: readonly string[]) {
  const statements = policies.map((name) => `SELECT * FROM ${identifier(name)}./.*/ WHERE ${allTime} LIMIT 1`);
  try {
    return await client.queryAll(statements, database);
  } catch (error) {
    if (
      isFiredrillError(error, 'TOOL_FAILED') &&
      /shard is disabled|engine is closed|not executed/i.test(error.message)
    )
      return undefined;
    throw error;
  }
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
