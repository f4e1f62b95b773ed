import { type CheckResult, Look } from '../../../model/check.ts';
import { kindNames, kinds } from '../database/inventory.ts';
import type { DatabaseFacts, FileFacts, GrafanaFacts } from '../facts.ts';
import type { ApiInventory } from './api-inventory.ts';

/**
 * Is the content the same: each dashboard as the server shows it, each thing in the database, each table, each file beside it?
 * What is missing altogether belongs to the inventory and is not told twice.
 */
export function checkContent(
  service: string,
  facts: GrafanaFacts,
  found: { database: DatabaseFacts; files: FileFacts[] },
  api: readonly ApiInventory[] | 'not asked',
): CheckResult {
  const dashboards = api === 'not asked' ? 0 : countDashboards(facts);
  const subjects = dashboards + Object.keys(facts.tables).length + facts.files.length;
  const look = new Look('content', service, 'dashboards, tables and files', subjects);
  const explained = compareItems(look, service, facts, found.database);
  if (api !== 'not asked') compareServed(look, service, facts, api, explained);
  compareTables(look, service, facts, found.database);
  compareFiles(look, service, facts.files, found.files);
  return look.result();
}

const countDashboards = ({ organisations }: GrafanaFacts) =>
  organisations.reduce((sum, { items }) => sum + items.dashboards.length, 0);

/** Returns the uids that differ: the server will show them as different, too. */
function compareItems(look: Look, service: string, facts: GrafanaFacts, found: DatabaseFacts): Set<string> {
  const different = new Set<string>();
  for (const org of facts.organisations) {
    const there = found.organisations.find(({ id }) => id === org.id);
    for (const kind of kindNames) {
      const now = new Map(there?.items[kind].map(({ key, sha256 }) => [key, sha256]));
      for (const { key, sha256 } of org.items[kind]) {
        const hash = now.get(key);
        if (hash === undefined || hash === sha256) continue;
        if (kind === 'dashboards') different.add(`${org.id}/${key}`);
        const sentence = `${service}: ${key}, one of the ${kinds[kind]} of ${org.name}, is not the same as when it was backed up`;
        look.fail({ sentence, expected: sha256, found: hash });
      }
    }
  }
  return different;
}

function compareServed(
  look: Look,
  service: string,
  facts: GrafanaFacts,
  api: readonly ApiInventory[],
  explained: Set<string>,
) {
  let [expected, same] = [0, 0];
  for (const org of facts.organisations) {
    const served = api.find(({ id }) => id === org.id)?.dashboards;
    for (const { key, sha256 } of org.items.dashboards) {
      expected += 1;
      const hash = served?.get(key);
      if (hash !== undefined) look.sawOne();
      if (hash === sha256) same += 1;
      if (hash === sha256 || hash === undefined || explained.has(`${org.id}/${key}`)) continue;
      const what =
        hash === null ? 'cannot be opened in the restored server' : 'is shown differently by the restored server';
      look.fail({
        sentence: `${service}: dashboard ${key} of ${org.name} ${what}`,
        expected: sha256,
        found: hash ?? 'no dashboard',
      });
    }
  }
  look.compare('dashboards shown as they were backed up', expected, same);
}

function compareTables(look: Look, service: string, { tables: then }: GrafanaFacts, { tables: now }: DatabaseFacts) {
  let same = 0;
  for (const [table, { rows, sha256 }] of Object.entries(then)) {
    look.sawOne();
    const found = now[table];
    if (found?.sha256 === sha256) same += 1;
    if (found?.rows !== rows || found.sha256 === sha256) continue;
    const sentence = `${service}: rows of table ${table} are not the same as when they were backed up`;
    look.fail({ sentence, expected: sha256, found: found.sha256 });
  }
  look.compare('tables with the same content', Object.keys(then).length, same);
}

export function compareFiles(look: Look, service: string, then: FileFacts[], now: FileFacts[]) {
  const found = new Map(now.map(({ name, sha256 }) => [name, sha256]));
  const known = new Set(then.map(({ name }) => name));
  for (const { name } of now.filter((file) => !known.has(file.name))) {
    look.fail({ sentence: `${service}: there is a file ${name} that was not backed up` });
  }
  for (const { name, sha256 } of then) {
    look.sawOne();
    if (found.get(name) === sha256) continue;
    const sentence = `${service}: the file ${name} is not the same as when it was backed up`;
    look.fail({ sentence, expected: sha256, found: found.get(name) ?? 'no file' });
  }
}
