import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { count } from '../../../kit/text.ts';
import type { Source, Standing } from '../../engine.ts';
import { liveNewest } from '../captured.ts';
import type { InfluxClient } from '../client.ts';
import { type ListedShard, listDatabases, listMeasurements, listPolicies, listShards } from '../inventory.ts';
import type { InfluxdbSettings } from '../settings.ts';
import { asAdmin, isSupported, sourceClient } from '../source-client.ts';

/** Is there a database of that name at the target already, and what is in it? */
export async function lookAtTarget(
  target: Source<InfluxdbSettings>,
  { signal, clock }: Pick<Activity, 'signal' | 'clock'>,
): Promise<Standing<InfluxdbSettings>> {
  const { database } = target.settings;
  const client = sourceClient(target, signal);
  const version = await client.ping();
  if (!isSupported(version)) {
    const hint = 'Restore into InfluxDB 1.x.';
    throw new FiredrillError('SOURCE_UNSUITABLE', `InfluxDB ${version} cannot take such a backup`, { hint });
  }
  await asAdmin('the server was asked for its users', () => client.query('SHOW USERS'));
  if (!(await listDatabases(client)).includes(database)) return { holds: [], newest: null, backUpAs: null };
  const [measurements, shards] = [await listMeasurements(client, database), await listShards(client, database)];
  const holds = `database ${database}: ${count(measurements.length, 'measurement')}, ${count(shards.length, 'shard')}`;
  // A database without a shard holds no point: there is nothing that could be backed up.
  const backUpAs = shards.length > 0 ? target : null;
  return { holds: [holds], newest: await newestOf(client, database, shards, clock.now().toISOString()), backUpAs };
}

/** Points of the future tell nothing of when it was written last. */
async function newestOf(
  client: InfluxClient,
  database: string,
  shards: readonly ListedShard[],
  now: string,
): Promise<Standing<unknown>['newest']> {
  const points = await liveNewest(client, database, await listPolicies(client, database), shards);
  const past = points.filter(({ at }) => at <= now).sort((a, b) => (a.at < b.at ? 1 : -1));
  const [newest] = past;
  const ms = Date.parse(newest?.at ?? '');
  if (!newest || Number.isNaN(ms)) return null;
  return { at: new Date(ms).toISOString(), basis: `${newest.policy}.${newest.measurement}` };
}
