import { type GrafanaDatabase, textOf } from '../database/grafana-database.ts';
import { isObject, parseObject } from '../database/json-content.ts';
import type { Variable } from './variables.ts';

export interface DataSource {
  id: number;
  uid: string;
  name: string;
  type: string;
  /** Of an InfluxDB: empty for others. */
  database: string;
  /** False for an InfluxDB that is asked in Flux or SQL. */
  influxql: boolean;
  isDefault: boolean;
  /** The least interval of its queries, such as `10s`; empty for none. */
  minInterval: string;
}

/** Names that mean something other than a row of data_source. */
const builtIn = new Set(['-- Grafana --', '-- Mixed --', '-- Dashboard --', '__expr__', '-100', 'grafana']);

export type Resolved =
  | { kind: 'source'; source: DataSource }
  /** Grafana itself, other panels, expressions. */
  | { kind: 'built-in' }
  /** Each target names its own. */
  | { kind: 'mixed' }
  | { kind: 'missing'; name: string };

/** The data sources of one organisation, by what dashboards call them. */
export class DataSources {
  readonly #all: readonly DataSource[];

  constructor(all: readonly DataSource[]) {
    this.#all = all;
  }

  /** Of `datasource` in a panel, a target, a variable or an annotation: a name, `{ uid }`, `$variable`, or nothing. */
  resolve(reference: unknown, variables: ReadonlyMap<string, Variable>): Resolved {
    const named = isObject(reference) ? reference.uid : reference;
    const text = typeof named === 'string' ? named : '';
    if (text === '' || text === 'default') return this.#default();
    if (text === '-- Mixed --') return { kind: 'mixed' };
    if (builtIn.has(text)) return { kind: 'built-in' };
    const variable = /^(?:\$\{?|\[\[)(\w+)/.exec(text)?.[1];
    if (variable !== undefined) return this.#ofVariable(text, variables.get(variable));
    const source = this.#all.find(({ uid, name }) => uid === text || name === text);
    return source ? { kind: 'source', source } : { kind: 'missing', name: text };
  }

  #default(): Resolved {
    const source = this.#all.find(({ isDefault }) => isDefault) ?? this.#all[0];
    // A Grafana without any data source takes its own.
    return source ? { kind: 'source', source } : { kind: 'built-in' };
  }

  #ofVariable(text: string, variable: Variable | undefined): Resolved {
    if (!variable) return { kind: 'missing', name: text };
    const [value = ''] = variable.values;
    // Nothing was chosen: the first source of the kind that the variable lists.
    if (value === '' || value.startsWith('$')) return this.#default();
    return this.resolve(value, new Map());
  }
}

/** Of each organisation, by its id. */
export function readDataSources(db: GrafanaDatabase): (organisation: number) => DataSources {
  const uid = db.hasColumn('data_source', 'uid') ? 'uid' : 'name AS uid';
  const rows = db.all(
    `SELECT id, org_id, ${uid}, name, type, "database", is_default, json_data FROM data_source ORDER BY id`,
  );
  const byOrganisation = Map.groupBy(rows, ({ org_id }) => Number(org_id));
  const books = new Map(
    [...byOrganisation].map(([organisation, own]) => [organisation, new DataSources(own.map(sourceOf))]),
  );
  return (organisation) => books.get(organisation) ?? new DataSources([]);
}

function sourceOf(row: ReturnType<GrafanaDatabase['all']>[number]): DataSource {
  const json = parseObject(textOf(row.json_data)) ?? {};
  const type = textOf(row.type);
  const { dbName, version = 'InfluxQL', timeInterval } = json;
  return {
    ...{ id: Number(row.id), uid: textOf(row.uid), name: textOf(row.name), type },
    database: typeof dbName === 'string' && dbName !== '' ? dbName : textOf(row.database),
    influxql: type === 'influxdb' && version === 'InfluxQL',
    isDefault: Number(row.is_default) === 1,
    minInterval: typeof timeInterval === 'string' ? timeInterval : '',
  };
}
