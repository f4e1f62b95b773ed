import type { InfluxClient, Series } from './client.ts';
import type { Facts, PolicyFacts } from './facts.ts';
import { identifier } from './influxql.ts';

/** A shard as SHOW SHARDS says it. */
export interface ListedShard {
  id: number;
  policy: string;
  start: string;
  end: string;
}

type Row = Record<string, string | number | boolean | null>;

const rowsOf = (tables: readonly Series[]): Row[] =>
  tables.flatMap(({ columns, values }) =>
    values.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null]))),
  );

const text = (row: Row, column: string) => String(row[column] ?? '');

export async function listDatabases(client: InfluxClient): Promise<string[]> {
  return rowsOf(await client.query('SHOW DATABASES')).map((row) => text(row, 'name'));
}

export async function listShards(client: InfluxClient, database: string): Promise<ListedShard[]> {
  const rows = rowsOf(await client.query('SHOW SHARDS')).filter((row) => text(row, 'database') === database);
  return rows.map((row) => ({
    id: Number(row.id),
    policy: text(row, 'retention_policy'),
    start: text(row, 'start_time'),
    end: text(row, 'end_time'),
  }));
}

export async function listPolicies(client: InfluxClient, database: string): Promise<PolicyFacts[]> {
  const rows = rowsOf(await client.query(`SHOW RETENTION POLICIES ON ${identifier(database)}`));
  return rows.map((row) => ({
    name: text(row, 'name'),
    duration: text(row, 'duration'),
    shardDuration: text(row, 'shardGroupDuration'),
    replicas: Number(row.replicaN),
    isDefault: row.default === true,
  }));
}

export async function listContinuousQueries(
  client: InfluxClient,
  database: string,
): Promise<Facts['continuousQueries']> {
  const tables = (await client.query('SHOW CONTINUOUS QUERIES')).filter((table) => table.name === database);
  return rowsOf(tables).map((row) => ({ name: text(row, 'name'), query: text(row, 'query') }));
}

/** All users, with what they may do in this database. */
export async function listUsers(client: InfluxClient, database: string): Promise<Facts['users']> {
  const users = rowsOf(await client.query('SHOW USERS')).map((row) => ({
    name: text(row, 'user'),
    admin: row.admin === true,
  }));
  if (users.length === 0) return [];
  const grants = await client.queryAll(users.map(({ name }) => `SHOW GRANTS FOR ${identifier(name)}`));
  return users.map((user, i) => ({
    ...user,
    grants: rowsOf(grants[i] ?? [])
      .filter((row) => text(row, 'database') === database)
      .map((row) => text(row, 'privilege')),
  }));
}

export async function listMeasurements(client: InfluxClient, database: string): Promise<string[]> {
  return rowsOf(await client.query(`SHOW MEASUREMENTS ON ${identifier(database)}`)).map((row) => text(row, 'name'));
}

/** What the server's machine calls itself. */
export async function serverHostname(client: InfluxClient): Promise<string> {
  const network = (await client.query('SHOW DIAGNOSTICS')).filter((table) => table.name === 'network');
  return rowsOf(network).map((row) => text(row, 'hostname'))[0] ?? '';
}
