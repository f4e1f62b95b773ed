import { type GrafanaDatabase, quoted, type Row, textOf } from '../database/grafana-database.ts';
import { contactPoints } from '../database/inventory.ts';
import { isObject, parseObject } from '../database/json-content.ts';

/** One secret as it lies in the database. */
export interface StoredSecret {
  /** Where, for people and to find it again: `data source Prometheus of organisation 1: basicAuthPassword`. */
  where: string;
  /** Encrypted with secret_key or a data key, or kept as it is. */
  form: 'encrypted' | 'plain';
  bytes: Buffer;
}

interface Place {
  table: string;
  column: string;
  secrets: (row: Row, column: string) => StoredSecret[];
}

const owner = (what: string, row: Row) =>
  `${what} ${row.login ?? row.plugin_id ?? row.name} of organisation ${row.org_id}`;

/** A JSON object of base64 texts, as Go writes `map[string][]byte`. */
const encryptedMap = (what: string) => (row: Row, column: string) =>
  Object.entries(parseObject(textOf(row[column])) ?? {}).map(([field, value]) => ({
    where: `${owner(what, row)}: ${field}`,
    form: 'encrypted' as const,
    bytes: Buffer.from(typeof value === 'string' ? value : '', 'base64'),
  }));

const plain = (what: string) => (row: Row, column: string) => {
  const text = textOf(row[column]);
  return text === ''
    ? []
    : [{ where: `${owner(what, row)}: ${column}`, form: 'plain' as const, bytes: Buffer.from(text) }];
};

const places: readonly Place[] = [
  { table: 'data_source', column: 'secure_json_data', secrets: encryptedMap('data source') },
  { table: 'data_source', column: 'password', secrets: plain('data source') },
  { table: 'data_source', column: 'basic_auth_password', secrets: plain('data source') },
  { table: 'data_source', column: 'url', secrets: plain('data source') },
  { table: 'plugin_setting', column: 'secure_json_data', secrets: encryptedMap('plugin') },
  { table: 'alert_notification', column: 'secure_settings', secrets: encryptedMap('channel') },
  // Before 7.2 tokens and webhook addresses stood here.
  { table: 'alert_notification', column: 'settings', secrets: plain('channel') },
  { table: 'alert_configuration', column: 'alertmanager_configuration', secrets: ofContactPoints },
  { table: 'secrets', column: 'value', secrets: ofKeyValueStore },
  { table: 'user', column: 'password', secrets: plain('user') },
];

function ofContactPoints(row: Row): StoredSecret[] {
  return contactPoints(row).flatMap((point) => {
    const where = `contact point ${point.name} (${point.uid}) of organisation ${row.org_id}`;
    const sealed = Object.entries(isObject(point.secureSettings) ? point.secureSettings : {}).map(([field, value]) => ({
      where: `${where}: ${field}`,
      form: 'encrypted' as const,
      bytes: Buffer.from(String(value), 'base64'),
    }));
    const settings = {
      where: `${where}: settings`,
      form: 'plain' as const,
      bytes: Buffer.from(JSON.stringify(point.settings ?? {})),
    };
    return [...sealed, settings];
  });
}

/** From 9 on the secrets of data sources lie here too. */
function ofKeyValueStore(row: Row, column: string): StoredSecret[] {
  const where = `${row.type} ${row.namespace} of organisation ${row.org_id}`;
  return [{ where, form: 'encrypted', bytes: Buffer.from(textOf(row[column]), 'base64') }];
}

/** Columns of this version of Grafana that hold secrets, with what is in them. */
export function readSecrets(db: GrafanaDatabase): { column: string; secrets: StoredSecret[] }[] {
  return places
    .filter(({ table, column }) => db.hasColumn(table, column))
    .map(({ table, column, secrets }) => ({
      column: `${table}.${column}`,
      secrets: [...db.each(`SELECT ${db.columns(table)} FROM ${quoted(table)} ORDER BY id`)].flatMap((row) =>
        secrets(row, column),
      ),
    }));
}
