import type { InfluxClient } from '../client.ts';
import type { Facts } from '../facts.ts';
import { identifier } from '../influxql.ts';
import { type ListedShard, listMeasurements, listPolicies, listShards } from '../inventory.ts';

/**
 * Leaves of a restored database only what is wanted of it, for good: it is the pod's, and used up. What is taken away here
 * is never sent. Retention ends nowhere from now on: a server that restores it would else remove old shards at once.
 */
export async function thinOut(client: InfluxClient, database: string, wanted: Facts): Promise<void> {
  for (const { name } of await listPolicies(client, database)) {
    await client.query(`ALTER RETENTION POLICY ${identifier(name)} ON ${identifier(database)} DURATION INF`);
  }
  const places = new Set(wanted.shards.map(placeOf));
  for (const shard of await listShards(client, database)) {
    if (!places.has(placeOf(shard))) await client.query(`DROP SHARD ${shard.id}`);
  }
  const names = new Set(wanted.measurements.map(({ name }) => name));
  for (const name of await listMeasurements(client, database)) {
    if (!names.has(name)) await client.query(`DROP MEASUREMENT ${identifier(name)}`, database);
  }
}

/** The restored shards have other numbers than those of the source. */
const placeOf = ({ policy, start, end }: Omit<ListedShard, 'id'>) => JSON.stringify([policy, start, end]);
