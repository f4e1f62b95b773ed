import { createHash } from 'node:crypto';
import { type GrafanaDatabase, textOf } from './grafana-database.ts';

const rows = 20;

/**
 * What tells installations of Grafana apart: when their first tables were made, which nothing changes later. Grafana has no
 * id of its own before 8. A copy of a database is the same installation.
 */
export function installationOf(db: GrafanaDatabase): string {
  const hash = createHash('sha256');
  for (const row of db.all(`SELECT migration_id, timestamp FROM migration_log ORDER BY id LIMIT ${rows}`)) {
    hash.update(`${textOf(row.migration_id)}\0${textOf(row.timestamp)}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}
