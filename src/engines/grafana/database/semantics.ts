import { type GrafanaDatabase, textOf } from './grafana-database.ts';
import { arrayOf, isObject, type JsonObject, parseObject } from './json-content.ts';

/** Names that mean something other than a row of data_source. */
const builtIn = new Set([
  '-- Grafana --',
  '-- Mixed --',
  '-- Dashboard --',
  '__expr__',
  '-100',
  'default',
  'grafana',
  '',
]);

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
  const sources = readSources(db);
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
    for (const missing of danglingSources(dashboard, found, sources.get(Number(row.org_id)))) {
      problems.add(`${name} uses the data source ${missing}, which does not exist`);
    }
  }
  return { dashboards, panels, problems: [...problems].sort() };
}

/** Names and uids of each organisation's data sources. */
function readSources(db: GrafanaDatabase): Map<number, Set<string>> {
  const sources = new Map<number, Set<string>>();
  const uid = db.hasColumn('data_source', 'uid') ? 'uid' : 'name AS uid';
  for (const row of db.all(`SELECT org_id, name, ${uid} FROM data_source`)) {
    const known = sources.get(Number(row.org_id)) ?? new Set();
    sources.set(Number(row.org_id), known.add(String(row.name)).add(String(row.uid)));
  }
  return sources;
}

/** Panels, those of collapsed rows, and those of the rows of old dashboards. */
function panelsOf(dashboard: JsonObject): JsonObject[] {
  const rows = arrayOf(dashboard.rows).flatMap((row) => arrayOf(row.panels));
  const panels = arrayOf(dashboard.panels);
  return [...panels, ...panels.flatMap((panel) => arrayOf(panel.panels)), ...rows];
}

function danglingSources(dashboard: JsonObject, panels: JsonObject[], known: Set<string> | undefined): string[] {
  const lists = [dashboard.templating, dashboard.annotations].filter(isObject);
  const users = [
    ...panels,
    ...panels.flatMap((panel) => arrayOf(panel.targets)),
    ...lists.flatMap((each) => arrayOf(each.list)),
  ];
  const used = users.map(({ datasource }) => (isObject(datasource) ? datasource.uid : datasource));
  const named = used.filter((name): name is string => typeof name === 'string' && !builtIn.has(name));
  return [...new Set(named)].filter((name) => !name.startsWith('$') && !known?.has(name));
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
