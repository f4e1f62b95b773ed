import { type CheckResult, Look } from '../../../model/check.ts';
import { type Item, type Kind, kindNames, kinds } from '../database/inventory.ts';
import type { DatabaseFacts, GrafanaFacts } from '../facts.ts';
import type { ServerAnswers } from './api-inventory.ts';

/**
 * Is everything there that was there, and nothing else: every organisation's things one by one, in the restored file and
 * through the running server's API; rows of every table; the state of migrations.
 */
export function checkInventory(
  service: string,
  facts: GrafanaFacts,
  found: DatabaseFacts,
  api: ServerAnswers,
): CheckResult {
  const subjects = facts.organisations.length * (kindNames.length + 1) + Object.keys(facts.tables).length + 2;
  const look = new Look('inventory', service, 'lists and tables', subjects);
  compareMigrations(look, service, facts, found);
  compareOrganisations(look, service, facts, found, api.organisations);
  for (const org of facts.organisations) {
    const there = found.organisations.find(({ id }) => id === org.id);
    const served = api.each.find(({ id }) => id === org.id);
    const where = (kind: Kind) => `${kinds[kind]} of ${org.name}`;
    for (const kind of kindNames) {
      if (!there) continue;
      look.sawOne();
      const expected = org.items[kind].map(keyOf);
      const inFile = there.items[kind].map(keyOf);
      const answered = served?.lists[kind];
      compareKeys(look, service, where(kind), 'the restored database', expected, inFile);
      if (answered) compareKeys(look, service, where(kind), "the restored server's API", expected, answered);
      compareCounts(look, where(kind), expected, inFile, answered);
    }
    if (served) look.sawOne();
  }
  // What has a name comes first: of many findings, the last ones are not shown.
  compareTables(look, service, facts, found);
  for (const { problems } of api.each)
    for (const sentence of problems) look.fail({ sentence: `${service}: ${sentence}` });
  return look.result();
}

const keyOf = ({ key }: Item) => key;

function compareMigrations(
  look: Look,
  service: string,
  { migrations: then }: GrafanaFacts,
  { migrations: now }: DatabaseFacts,
) {
  look.sawOne().compare('migrations', `${then.count}, last: ${then.last}`, `${now.count}, last: ${now.last}`);
  if (then.count === now.count && then.last === now.last) return;
  const sentence = `${service}: the database was written by another version of Grafana than the backup says`;
  look.fail({
    sentence,
    expected: `${then.count} migrations, last: ${then.last}`,
    found: `${now.count}, last: ${now.last}`,
  });
}

function compareTables(look: Look, service: string, { tables: then }: GrafanaFacts, { tables: now }: DatabaseFacts) {
  const sum = (tables: GrafanaFacts['tables']) => Object.values(tables).reduce((total, { rows }) => total + rows, 0);
  look.compare(`rows in ${Object.keys(then).length} tables`, sum(then), sum(now));
  for (const [table, { rows }] of Object.entries(then)) {
    look.sawOne();
    const found = now[table]?.rows;
    if (found === rows) continue;
    const sentence = `${service}: table ${table} has ${found ?? 'no'} rows, not the ${rows} that were backed up`;
    look.fail({ sentence, expected: String(rows), found: String(found ?? 'no table') });
  }
  for (const table of Object.keys(now).filter((name) => !then[name])) {
    look.fail({ sentence: `${service}: there is a table ${table} that was not backed up` });
  }
}

function compareOrganisations(
  look: Look,
  service: string,
  then: GrafanaFacts,
  now: DatabaseFacts,
  served: readonly string[],
) {
  const names = ({ organisations }: Pick<GrafanaFacts, 'organisations'>) =>
    organisations.map(({ id, name }) => `${name} (${id})`);
  look.sawOne();
  compareKeys(look, service, 'organisations', 'the restored database', names(then), names(now));
  compareKeys(look, service, 'organisations', "the restored server's API", names(then), served);
  compareCounts(look, 'organisations', names(then), names(now), served);
}

type Keys = readonly string[];

/** One line for the report's table; the same text on both sides when all is well. */
function compareCounts(look: Look, what: string, expected: Keys, inFile: Keys, served: Keys | undefined) {
  if (expected.length === 0 && inFile.length === 0 && !served?.length) return;
  if (served === undefined) look.compare(`${what} (in the file)`, expected.length, inFile.length);
  else
    look.compare(
      `${what} (in the file, through the API)`,
      `${expected.length}, ${expected.length}`,
      `${inFile.length}, ${served.length}`,
    );
}

function compareKeys(look: Look, service: string, what: string, where: string, expected: Keys, found: Keys) {
  const [then, now] = [new Set(expected), new Set(found)];
  const differences = [
    { keys: [...then.difference(now)], verb: 'lacks' },
    { keys: [...now.difference(then)], verb: 'has in excess' },
  ];
  for (const { keys, verb } of differences.filter((each) => each.keys.length > 0)) {
    const names = `${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ` and ${keys.length - 5} more` : ''}`;
    const sentence = `${service}: ${where} ${verb} ${keys.length} of the ${what}: ${names}`;
    look.fail({ sentence, expected: `${then.size} ${what}`, found: String(now.size) });
  }
}
