import type { GrafanaDatabase } from './grafana-database.ts';

const places = [
  ['dashboard', 'updated'],
  ['data_source', 'updated'],
  ['user', 'updated'],
  ['org', 'updated'],
] as const;

/** The newest instant at which somebody edited something; null when there is none. */
export function newestEdit(db: GrafanaDatabase): { at: string; basis: string } | null {
  const found = places
    .filter(([table, column]) => db.hasColumn(table, column))
    .flatMap(([table, column]) => {
      const [row] = db.all(`SELECT max(datetime(${column})) AS newest FROM ${table}`);
      const at = new Date(`${String(row?.newest).replace(' ', 'T')}Z`);
      return Number.isNaN(at.getTime()) ? [] : [{ at: at.toISOString(), basis: `${table}.${column}` }];
    });
  return found.sort((a, b) => (a.at < b.at ? 1 : -1))[0] ?? null;
}
