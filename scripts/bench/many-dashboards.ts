import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sampleFolder, standIn } from '../../test/support/grafana-stand-in.ts';
import { writeConfig } from './config.ts';
import type { Grown } from './growing.ts';

/** A Grafana (the stand-in) with `count` dashboards more than its sample has, as a process of this machine. */
export async function manyDashboards(folder: string, image: string, count: number): Promise<Grown> {
  await using held = new AsyncDisposableStack();
  const place = held.use(await sampleFolder('7.5.5'));
  addDashboards(place.database, count);
  const server = held.use(await standIn(place.folder));
  const files = join(folder, 'grafana-files');
  await mkdir(files);
  const service = `    engine: grafana
    reach: local
    settings: { database: '${place.database}', files: ['${files}'], port: ${server.port} }`;
  const config = await writeConfig(folder, service, `grafana: '${image}'`);
  const stack = held.move();
  return { config, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Copies of one, each with a name of its own and one version: 9 KB of JSON twice. */
function addDashboards(file: string, count: number) {
  using database = new DatabaseSync(file);
  database.exec(`
    BEGIN;
    CREATE TEMP TABLE grown AS
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      SELECT 100000 + i AS id, 'grown-' || i AS slug, 'Grown ' || i AS title, d.* FROM n, (
        SELECT version, CAST(data AS TEXT) AS data, org_id, created, updated, folder_id FROM dashboard WHERE uid = 'telegraf-system') d;
    UPDATE grown SET data = json_set(data, '$.uid', slug, '$.title', title);
    INSERT INTO dashboard (id, version, slug, title, data, org_id, created, updated, folder_id, uid)
      SELECT id, version, slug, title, data, org_id, created, updated, folder_id, slug FROM grown;
    INSERT INTO dashboard_version (dashboard_id, parent_version, restored_from, version, created, created_by, message, data)
      SELECT id, 0, 0, version, created, 1, '', data FROM grown;
    COMMIT`);
}
