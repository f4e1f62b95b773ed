import { canonicalJson } from '../../kit/json.ts';
import { plainLine } from '../../kit/text.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { InfluxClient, Series } from './client.ts';
import { askEach, countSeries, numbersOf } from './count-points.ts';
import type { Facts, MeasurementFacts } from './facts.ts';
import { fromClause, identifier } from './influxql.ts';
import {
  listContinuousQueries,
  listDatabases,
  listMeasurements,
  listPolicies,
  listShards,
  listUsers,
} from './inventory.ts';

/** Is everything there that surrounds the points, and nothing else? */
export async function checkInventory(
  service: string,
  facts: Facts,
  client: InfluxClient,
  /** Whether the server may hold other databases and users, which are not looked at then. */
  amongOthers = false,
): Promise<CheckResult> {
  return new InventoryCheck(service, facts, client, amongOthers).run();
}

class InventoryCheck {
  readonly #service: string;
  readonly #facts: Facts;
  readonly #client: InfluxClient;
  readonly #look: Look;
  readonly #amongOthers: boolean;

  constructor(service: string, facts: Facts, client: InfluxClient, amongOthers: boolean) {
    this.#amongOthers = amongOthers;
    this.#service = service;
    this.#facts = facts;
    this.#client = client;
    // Databases, measurements and four lists, then tags, fields and series of each measurement.
    const { policies, continuousQueries, shards, measurements, users } = facts;
    const subjects =
      2 + users.length + policies.length + continuousQueries.length + shards.length + 3 * measurements.length;
    this.#look = new Look('inventory', service, 'objects', subjects);
  }

  async run(): Promise<CheckResult> {
    const { database, policies, continuousQueries, shards, measurements, users } = this.#facts;
    const client = this.#client;
    const named = (name: string) => ({ name });
    const isOurs = (names: readonly string[]) => (name: string) => !this.#amongOthers || names.includes(name);
    const databases = (await listDatabases(client)).filter(isOurs([database]));
    this.#list('database', [named(database)], databases.map(named));
    this.#list('retention policy', policies, await listPolicies(client, database));
    this.#list('continuous query', continuousQueries, await listContinuousQueries(client, database));
    const isOurUser = isOurs(users.map(({ name }) => name));
    const found = (await listUsers(client, database)).filter(({ name }) => isOurUser(name));
    this.#list('user', users.map(sorted), found.map(sorted));
    const places = (await listShards(client, database)).map(({ id: _, ...place }) => place);
    const expected = shards.map(({ policy, start, end }) => ({ policy, start, end }));
    this.#list('shard', expected.map(placeNamed), places.map(placeNamed));
    await this.#measurements([...new Set(measurements.map(({ name }) => name))]);
    await this.#tags();
    await this.#fields();
    await this.#series();
    return this.#look.result();
  }

  /** Each expected object must be there, equal in all properties, and no other. */
  #list(kind: string, expected: readonly { name: string }[], found: readonly { name: string }[]) {
    const byName = new Map(found.map((each) => [each.name, each]));
    this.#look.sawOne(expected.length).compare(`${kind}: how many`, expected.length, found.length);
    for (const each of expected) {
      const is = byName.get(each.name);
      byName.delete(each.name);
      if (!is) this.#fail(`${kind} ${each.name} is missing`);
      else if (canonicalJson(is) !== canonicalJson(each)) {
        this.#fail(`${kind} ${each.name} is not as it was`, canonicalJson(each), canonicalJson(is));
      }
    }
    for (const name of byName.keys()) this.#fail(`${kind} ${name} was not in the source`);
  }

  async #measurements(expected: readonly string[]) {
    const found = await listMeasurements(this.#client, this.#facts.database);
    this.#look.sawOne().compare('measurements', expected.length, found.length);
    for (const name of expected.filter((each) => !found.includes(each))) this.#fail(`measurement ${name} is missing`);
    for (const name of found.filter((each) => !expected.includes(each))) {
      this.#fail(`measurement ${name} was not in the source`);
    }
  }

  async #tags() {
    await this.#ask('SHOW TAG KEYS', (measurement, tables) => {
      const found = new Set(column(tables, 'tagKey'));
      const missing = measurement.tagKeys.filter((key) => !found.has(key));
      const foreign = [...found].filter((key) => !measurement.tagKeys.includes(key));
      if (missing.length > 0) this.#fail(`${nameOf(measurement)} has lost the tag ${missing.join(', ')}`);
      if (foreign.length > 0) this.#fail(`${nameOf(measurement)} has a new tag ${foreign.join(', ')}`);
    });
  }

  async #fields() {
    await this.#ask('SHOW FIELD KEYS', (measurement, tables) => {
      const names = column(tables, 'fieldKey');
      const types = column(tables, 'fieldType');
      const found = new Set(names.map((name, i) => `${name} (${types[i]})`));
      const expected = measurement.fields.flatMap(({ name, types }) => types.map((type) => `${name} (${type})`));
      const missing = expected.filter((each) => !found.has(each));
      const foreign = [...found].filter((each) => !expected.includes(each));
      if (missing.length > 0) this.#fail(`${nameOf(measurement)} has lost the field ${missing.join(', ')}`);
      if (foreign.length > 0) this.#fail(`${nameOf(measurement)} has a new field ${foreign.join(', ')}`);
    });
  }

  async #series() {
    const { database, measurements } = this.#facts;
    await askEach(this.#client, database, measurements, countSeries, (measurement, tables) => {
      this.#look.sawOne();
      const found = numbersOf(measurement, tables);
      for (const [i, { name, series, seriesAtMost = series }] of measurement.fields.entries()) {
        const is = found[i] ?? 0;
        if (is >= series && is <= seriesAtMost) continue;
        this.#fail(`${nameOf(measurement)}.${name} is in ${is} series, and was in ${series}`, series, is);
      }
    });
  }

  async #ask(show: string, read: (measurement: MeasurementFacts, tables: Series[]) => void) {
    const { database, measurements } = this.#facts;
    const statement = ({ policy, name }: MeasurementFacts) =>
      `${show} ON ${identifier(database)} FROM ${fromClause(policy, name)}`;
    await askEach(this.#client, database, measurements, statement, (measurement, tables) => {
      this.#look.sawOne();
      read(measurement, tables);
    });
  }

  #fail(what: string, expected?: unknown, found?: unknown) {
    const texts = expected === undefined ? {} : { expected: String(expected), found: String(found) };
    this.#look.fail({ sentence: `${this.#service}: ${plainLine(what)}`, ...texts });
  }
}

const placeNamed = (place: { policy: string; start: string; end: string }) => ({
  ...place,
  name: `of ${place.policy} from ${place.start}`,
});

const sorted = (user: Facts['users'][number]) => ({ ...user, grants: user.grants.toSorted() });

const nameOf = ({ policy, name }: MeasurementFacts) => `${policy}.${name}`;

function column(tables: readonly Series[], name: string): string[] {
  return tables.flatMap(({ columns, values }) => values.map((row) => String(row[columns.indexOf(name)])));
}
