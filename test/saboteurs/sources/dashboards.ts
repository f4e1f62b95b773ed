import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StandIn } from '../../support/grafana-stand-in.ts';

/** What is backed up beside the database. */
export async function filesBeside(folder: string): Promise<string[]> {
  const ini = join(folder, 'grafana.ini');
  await writeFile(ini, '[security]\n');
  return [ini];
}

export async function save(grafana: StandIn, uid: string, text: string, title = `About ${uid}`) {
  const dashboard = { uid, title, panels: [{ id: 1, type: 'text', text }] };
  const { status, body } = await grafana.ask('/api/dashboards/db', { body: { dashboard, overwrite: true } });
  if (status !== 200) throw new Error(`the dashboard ${uid} was not saved: ${JSON.stringify(body)}`);
}

/** The first is before the second backup: the sample is full of things. */
export const nights: readonly ((grafana: StandIn) => Promise<void>)[] = [
  (grafana) => save(grafana, 'night-1', 'made in the first night'),
  (grafana) => save(grafana, 'night-1', 'changed in the second night'),
];

export const editOfTwin = (grafana: StandIn) => save(grafana, 'twin', 'is only in the other one');
