import { type DataSources, readDataSources } from '../panels/data-sources.ts';
import { panelsOf } from '../panels/panels-of.ts';
import { variablesOf } from '../panels/variables.ts';
import { type GrafanaDatabase, textOf } from './grafana-database.ts';
import { arrayOf, isObject, type JsonObject, parseObject } from './json-content.ts';

/** The same words wherever it is told. */
export const dangling = (dashboard: string, source: string) =>
  `${dashboard} uses the data source ${source}, which does not exist`;

export interface Semantics {
  dashboards: number;
  panels: number;
  /** One sentence each, sorted. Untrusted names are in them. */
  problems: string[];
}

/**
 * Does the content make sense in itself? Nothing of this is noticed by Grafana's health: a dashboard whose data source is gone
 * shows empty panels, an alert without its dashboard never fires.
 */
export function readSemantics(db: GrafanaDatabase): Semantics {
  const problems = new Set<string>(orphans(db));
  const sourcesOf = readDataSources(db);
  const folders = new Set(db.all('SELECT id FROM dashboard WHERE is_folder').map(({ id }) => Number(id)));
  let [dashboards, panels] = [0, 0];
  for (const row of db.each('SELECT id, org_id, uid, folder_id, data FROM dashboard WHERE NOT is_folder ORDER BY id')) {
    dashboards += 1;
    const name = `dashboard ${row.uid} of organisation ${row.org_id}`;
    if (row.folder_id && !folders.has(Number(row.folder_id)))
      problems.add(`${name} is in a folder that does not exist`);
    const dashboard = parseObject(textOf(row.data));
    if (!dashboard) {
      problems.add(`${name} is not readable JSON`);
      continue;
    }
    const found = panelsOf(dashboard);
    panels += found.length;
    if (found.length === 0) problems.add(`${name} has no panels`);
    for (const missing of danglingSources(dashboard, found, sourcesOf(Number(row.org_id)))) {
      problems.add(dangling(name, missing));
    }
  }
  return { dashboards, panels, problems: [...problems].sort() };
}

/** Whatever a dashboard asks: panels, their targets, variables and annotations. */
function danglingSources(dashboard: JsonObject, panels: JsonObject[], sources: DataSources): string[] {
  const variables = variablesOf(dashboard);
  const lists = [dashboard.templating, dashboard.annotations].filter(isObject);
  const users = [
    ...panels,
    ...panels.flatMap((panel) => arrayOf(panel.targets)),
    ...lists.flatMap((each) => arrayOf(each.list)),
  ];
  const resolved = users.map(({ datasource }) => sources.resolve(datasource, variables));
  return [...new Set(resolved.flatMap((each) => (each.kind === 'missing' ? [each.name] : [])))];
}

/** Rows that point at nothing. */
function orphans(db: GrafanaDatabase): string[] {
  const looks = [
    ['alert', 'dashboard_id', 'dashboard', "'alert ' || c.name || ' belongs to a dashboard that does not exist'"],
    [
      'org_user',
      'user_id',
      'user',
      "'a membership of organisation ' || c.org_id || ' is of a user that does not exist'",
    ],
    ['org_user', 'org_id', 'org', "'user ' || c.user_id || ' is a member of an organisation that does not exist'"],
  ] as const;
  const found = looks
    .filter(([child, , parent]) => db.hasTable(child) && db.hasTable(parent))
    .flatMap(([child, column, parent, sentence]) =>
      db.all(
        `SELECT ${sentence} AS said FROM ${child} c LEFT JOIN ${parent} p ON p.id = c.${column} WHERE p.id IS NULL`,
      ),
    );
  const unversioned = db.all(
    `SELECT 'dashboard ' || uid || ' of organisation ' || org_id || ' has no version' AS said FROM dashboard
     WHERE NOT is_folder AND id NOT IN (SELECT dashboard_id FROM dashboard_version)`,
  );
  const admins = db.count('SELECT count(*) FROM user WHERE is_admin');
  return [...found, ...unversioned]
    .map(({ said }) => String(said))
    .concat(admins > 0 ? [] : ['there is no server admin']);
}
