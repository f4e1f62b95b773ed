import { createHash } from 'node:crypto';
import { type GrafanaDatabase, type Row, textOf } from './grafana-database.ts';
import { arrayOf, dashboardHash, hashOf, isObject, type JsonObject, parseObject } from './json-content.ts';

/** Everything that is listed one by one, for each organisation. */
export const kinds = {
  dashboards: 'dashboards',
  folders: 'folders',
  dataSources: 'data sources',
  alerts: 'alerts',
  channels: 'notification channels',
  alertRules: 'alert rules',
  contactPoints: 'contact points',
  users: 'members',
  teams: 'teams',
  playlists: 'playlists',
} as const;
export type Kind = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as readonly Kind[];

export interface Item {
  /** Unique in its organisation and kind: a uid, a login, a name. */
  key: string;
  /** Of what matters in it, without secrets. */
  sha256: string;
}

export interface OrgInventory {
  id: number;
  name: string;
  items: Record<Kind, Item[]>;
}

interface Listing {
  tables: string[];
  sql: (db: GrafanaDatabase) => string;
  item: (row: Row) => Item[];
}

/** What has no canonical form is still covered by its table's digest. */
const sha256OfNothing = createHash('sha256').digest('hex');

const listed = (key: unknown, content: JsonObject): Item[] => [
  { key: String(key), sha256: hashOf(content) ?? sha256OfNothing },
];

/** From Grafana 11 on a deleted dashboard stays for a while. */
const kept = (db: GrafanaDatabase) => (db.hasColumn('dashboard', 'deleted') ? 'AND d.deleted IS NULL' : '');

const listings: Record<Kind, Listing> = {
  dashboards: {
    tables: ['dashboard'],
    sql: (db) => `SELECT d.org_id, d.uid, d.version, d.data FROM dashboard d WHERE NOT d.is_folder ${kept(db)}`,
    item: ({ uid, version, data }) => [
      { key: String(uid), sha256: storedDashboardHash(textOf(data), Number(version)) },
    ],
  },
  folders: {
    tables: ['dashboard'],
    sql: (db) => `SELECT d.org_id, d.uid, d.title FROM dashboard d WHERE d.is_folder ${kept(db)}`,
    item: ({ uid, title }) => listed(uid, { title }),
  },
  dataSources: {
    tables: ['data_source'],
    sql: (db) => `SELECT ${db.columns('data_source')} FROM data_source`,
    item: (row) => {
      const { name, type, access, user, database, basic_auth, basic_auth_user, is_default, json_data } = row;
      const uid = row.uid ?? null;
      const content = { uid, type, access, user, database, basic_auth, basic_auth_user, is_default };
      return listed(name, {
        ...content,
        url: withoutLogin(textOf(row.url)),
        json: parseObject(textOf(json_data)) ?? null,
      });
    },
  },
  alerts: {
    tables: ['alert', 'dashboard'],
    sql: (db) =>
      `SELECT ${db.columns('alert', 'a.')}, d.uid FROM alert a LEFT JOIN dashboard d ON d.id = a.dashboard_id`,
    item: ({ uid, panel_id, name, message, settings, frequency, for: pending }) => {
      const rule = parseObject(textOf(settings)) ?? null;
      return listed(`${uid ?? '?'}/${panel_id}`, { name, message, rule, frequency, pending: pending ?? null });
    },
  },
  channels: {
    tables: ['alert_notification'],
    sql: () => 'SELECT org_id, name, type, is_default FROM alert_notification',
    item: ({ name, type, is_default }) => listed(name, { type, is_default }),
  },
  alertRules: {
    tables: ['alert_rule'],
    sql: (db) => `SELECT ${db.columns('alert_rule')} FROM alert_rule`,
    item: ({ org_id, uid, title, condition, data, namespace_uid, rule_group, for: pending }) => {
      const queries = textOf(data);
      return listed(uid, { org_id, title, condition, queries, namespace_uid, rule_group, pending: pending ?? null });
    },
  },
  contactPoints: {
    tables: ['alert_configuration'],
    sql: () => 'SELECT org_id, alertmanager_configuration FROM alert_configuration',
    item: (row) => contactPoints(row).flatMap(({ uid, name, type }) => listed(uid, { name, type })),
  },
  users: {
    tables: ['org_user', 'user'],
    // From Grafana 9 on the API lists service accounts apart.
    sql: (db) => `SELECT o.org_id, o.role, u.login FROM org_user o JOIN user u ON u.id = o.user_id
      ${db.hasColumn('user', 'is_service_account') ? 'WHERE NOT coalesce(u.is_service_account, 0)' : ''}`,
    item: ({ login, role }) => listed(login, { role }),
  },
  teams: {
    tables: ['team', 'team_member'],
    sql: () => `SELECT t.org_id, t.name, t.email, group_concat(m.user_id) AS members FROM team t
      LEFT JOIN (SELECT * FROM team_member ORDER BY user_id) m ON m.team_id = t.id GROUP BY t.id`,
    item: ({ name, email, members }) => listed(name, { email, members }),
  },
  playlists: {
    tables: ['playlist', 'playlist_item'],
    sql: () => `SELECT p.id, p.org_id, p.name, p.interval, group_concat(i.type || ':' || i.value) AS items FROM playlist p
      LEFT JOIN (SELECT * FROM playlist_item ORDER BY "order", id) i ON i.playlist_id = p.id GROUP BY p.id`,
    item: ({ id, name, interval, items }) => listed(`${name} (${id})`, { name, interval, items }),
  },
};

/** All organisations with all that is in them, sorted. What a version of Grafana has no table for is empty. */
export function readInventory(db: GrafanaDatabase): OrgInventory[] {
  const orgs = new Map<number, OrgInventory>();
  for (const { id, name } of db.all('SELECT id, name FROM org ORDER BY id')) {
    const items = Object.fromEntries(kindNames.map((kind) => [kind, [] as Item[]])) as Record<Kind, Item[]>;
    orgs.set(Number(id), { id: Number(id), name: String(name), items });
  }
  for (const kind of kindNames) {
    const { tables, sql, item } = listings[kind];
    if (!tables.every((table) => db.hasTable(table))) continue;
    for (const row of db.each(sql(db))) orgs.get(Number(row.org_id))?.items[kind].push(...item(row));
  }
  for (const { items } of orgs.values()) {
    for (const list of Object.values(items)) list.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }
  return [...orgs.values()];
}

/** The contact points in one row of `alert_configuration`. */
export function contactPoints(row: Row): JsonObject[] {
  const whole = parseObject(textOf(row.alertmanager_configuration));
  const config = isObject(whole?.alertmanager_config) ? whole.alertmanager_config : {};
  return arrayOf(config.receivers).flatMap((receiver) => arrayOf(receiver.grafana_managed_receiver_configs));
}

/**
 * Of a row: as the API will show it, with the row's version in place of that in its JSON. Broken JSON has a hash as well, of its
 * bytes: it is equal to nothing but itself.
 */
function storedDashboardHash(text: string, version: number): string {
  const dashboard = parseObject(text);
  return (dashboard && dashboardHash({ ...dashboard, version })) ?? createHash('sha256').update(text).digest('hex');
}

/** A name and a password in a URL are secrets. */
function withoutLogin(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
