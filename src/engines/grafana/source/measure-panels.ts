import pMap from 'p-map';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../../kit/errors.ts';
import { count } from '../../../kit/text.ts';
import type { Source } from '../../engine.ts';
import { askLive, type LiveDoor } from '../client.ts';
import { GrafanaDatabase } from '../database/grafana-database.ts';
import { arrayOf, isObject } from '../database/json-content.ts';
import type { GrafanaFacts } from '../facts.ts';
import { type Panel, readPanels } from '../panels/read-panels.ts';
import type { GrafanaSettings } from '../settings.ts';
import { majorOf } from '../version.ts';
import type { DatabaseCopy } from './copy-database.ts';

const concurrency = 4;

/**
 * Which panels have data, as the live Grafana's own data sources answer: what a drill is held to. Nothing without a token,
 * and nothing where it is not taken: a backup is made all the same.
 */
export async function measurePanels(
  { host, settings, service }: Source<GrafanaSettings>,
  copy: DatabaseCopy,
  engineVersion: string,
  activity: Activity,
): Promise<Pick<GrafanaFacts, 'panelsWithData'>> {
  const { apiToken, port, scheme } = settings;
  if (!apiToken) return {};
  const { signal } = activity;
  const tell = (text: string) => activity.tell({ service, phase: 'backup', text });
  const door: LiveDoor = { connect: () => host.connect({ port }), scheme, signal };
  const ask = (path: string) => askLive(door, path, apiToken);
  const organisation = await organisationOf(ask);
  if (organisation === undefined) {
    tell('Grafana does not take the API token: which panels have data is not known');
    return {};
  }
  using db = new GrafanaDatabase(copy.path, 'BACKUP_INCOMPLETE');
  const panels = [...readPanels(db)].filter((panel) => panel.organisation === organisation);
  const proxy = majorOf(engineVersion) >= 9 ? 'uid' : 'id';
  const look = async (panel: Panel) => {
    if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'the panels were looked at no further');
    return (await hasData(panel, copy.dataAt, proxy, ask)) ? [panel.id] : [];
  };
  const panelsWithData = (await pMap(panels, look, { concurrency })).flat();
  tell(`${count(panelsWithData.length, 'panel')} of ${panels.length} have data`);
  return { panelsWithData };
}

type Ask = (path: string) => ReturnType<typeof askLive>;

/** A token belongs to one organisation. undefined when it is not taken. */
async function organisationOf(ask: Ask): Promise<number | undefined> {
  const answer = await answered(() => ask('/api/org'));
  return answer?.status === 200 && isObject(answer.body) ? Number(answer.body.id) : undefined;
}

async function hasData({ questions }: Panel, until: Date, proxy: 'id' | 'uid', ask: Ask): Promise<boolean> {
  for (const question of questions) {
    if (question.kind !== 'influxql') continue;
    const { id, uid, database } = question.source;
    const target = new URLSearchParams({ db: database, q: question.statement(until), epoch: 'ms' });
    const place = proxy === 'uid' ? `uid/${encodeURIComponent(uid)}` : id;
    const answer = await answered(() => ask(`/api/datasources/proxy/${place}/query?${target}`));
    if (answer?.status === 200 && holdsValue(answer.body)) return true;
  }
  return false;
}

/** A panel that gives no answer is promised nothing. */
async function answered<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isFiredrillError(error, 'SOURCE_UNREACHABLE')) return undefined;
    throw error;
  }
}

function holdsValue(body: unknown): boolean {
  const series = arrayOf(isObject(body) ? body.results : undefined).flatMap((result) => arrayOf(result.series));
  return series.some(({ columns, values }) => {
    const time = Array.isArray(columns) ? columns.indexOf('time') : -1;
    const rows: unknown[] = Array.isArray(values) ? values : [];
    return rows.some((row) => Array.isArray(row) && row.some((value, i) => i !== time && value !== null));
  });
}
