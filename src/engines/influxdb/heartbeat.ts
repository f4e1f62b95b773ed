import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import type { Heartbeat } from '../../model/journal.ts';
import type { Source } from '../engine.ts';
import type { InfluxClient } from './client.ts';
import { type Facts, heartbeatMeasurement } from './facts.ts';
import { allTime, fromClause, identifier } from './influxql.ts';
import type { InfluxdbSettings } from './settings.ts';
import { sourceClient } from './source-client.ts';

/** One point for each backup, in the default retention policy: its time is the heartbeat's, its field the run's id. */
export async function writeHeartbeat(
  source: Source<InfluxdbSettings>,
  { id, at }: Heartbeat,
  activity: Activity,
): Promise<void> {
  const { database } = source.settings;
  const tag = source.service.replaceAll(/[ ,=\\]/g, '\\$&');
  const line = `${heartbeatMeasurement},service=${tag} id="${id}" ${Date.parse(at)}`;
  try {
    await sourceClient(source, activity.signal).write(database, line);
  } catch (error) {
    if (!isFiredrillError(error, 'SOURCE_DENIED')) throw error;
    const user = identifier(source.settings.user ?? '');
    const hint = `Type on the source, as an admin: GRANT WRITE ON ${identifier(database)} TO ${user}; or set heartbeat: false.`;
    throw new FiredrillError('SOURCE_DENIED', error.message, { hint, cause: error });
  }
}

/** The newest heartbeat of the service in the restored data, whichever policy was the default one then; null for none. */
export async function findHeartbeat(
  client: InfluxClient,
  service: string,
  { database, policies }: Facts,
): Promise<Heartbeat | null> {
  const quoted = service.replaceAll(/['\\]/g, '\\$&');
  const statements = policies.map(
    ({ name }) =>
      `SELECT id FROM ${fromClause(name, heartbeatMeasurement)} WHERE service = '${quoted}' AND ${allTime} ORDER BY time DESC LIMIT 1`,
  );
  const rows = (await client.queryAll(statements, database)).flat().flatMap(({ values }) => values);
  const beats = rows.map(([time, id]) => ({ at: new Date(String(time)).toISOString(), id: String(id) }));
  return beats.sort((one, other) => (one.at < other.at ? -1 : 1)).at(-1) ?? null;
}
