import type { AccountsDocument, Facts, SchemaDocument } from '../../src/engines/mysql/documents.ts';
import type { MysqlSettings } from '../../src/engines/mysql/settings.ts';
import type { MemberRef } from '../../src/model/backup-set.ts';
import type { ArtifactEntry, ManifestBody } from '../../src/model/manifest.ts';
import { configure, type Scene } from './saboteur.ts';
import type { VaultCopy } from './vault-copy.ts';

/** What is in the members of agama, to be changed: sizes, hashes and seals fit afterwards. */

export const factsOf = (body: ManifestBody) => body.facts as unknown as Facts;

/** Takes the increments away: what is wrong in the full must show by itself, and not by a log that does not fit it. */
export async function fullAlone({ copy }: Scene): Promise<MemberRef> {
  const [full, ...increments] = await copy.chain('agama');
  for (const each of increments.toReversed()) await copy.remove(each);
  return full as MemberRef;
}

export async function artifactOfTable(copy: VaultCopy, full: MemberRef, table: string): Promise<ArtifactEntry> {
  const { tables } = factsOf(await copy.manifest(full));
  const artifact = tables.find(({ name }) => name === table)?.artifact;
  return copy.entry(full, ({ name }) => name === artifact);
}

/** The artifacts of a table's parts. */
export async function partsOfTable(copy: VaultCopy, full: MemberRef, table: string): Promise<ArtifactEntry[]> {
  const { tables } = factsOf(await copy.manifest(full));
  const parts = tables.find(({ name }) => name === table)?.parts ?? [];
  return Promise.all(parts.map(({ artifact }) => copy.entry(full, ({ name }) => name === artifact)));
}

/** Changes the rows of a table, and its end mark so that it counts them. */
export async function changeRows(
  copy: VaultCopy,
  full: MemberRef,
  table: string,
  change: (rows: string[]) => string[],
) {
  await copy.changeText(full, await artifactOfTable(copy, full, table), (text) => recounted(text, change));
}

/** As of an artifact's text. */
export function recounted(text: string, change: (rows: string[]) => string[]): string {
  const lines = text.split('\n').slice(0, -1);
  const mark = lines.pop() ?? '';
  const rows = change(lines);
  return [...rows, mark.replace(/ \d+ (\d+)$/, ` ${rows.length} $1`), ''].join('\n');
}

export function changeSchema(copy: VaultCopy, member: MemberRef, change: (schema: SchemaDocument) => void) {
  return changeJson(copy, member, 'schema.json', change);
}

export function changeAccounts(copy: VaultCopy, member: MemberRef, change: (accounts: AccountsDocument) => void) {
  return changeJson(copy, member, 'accounts.json', change);
}

async function changeJson<T>(copy: VaultCopy, member: MemberRef, file: string, change: (value: T) => void) {
  const entry = await copy.entry(member, ({ name }) => name === file);
  await copy.changeText(member, entry, (text) => {
    const value = JSON.parse(text) as T;
    change(value);
    return JSON.stringify(value);
  });
}

/**
 * Backs up a database that is made for this one saboteur, in the live server, instead of agama's. It is gone afterwards.
 */
export async function ownDatabase(
  scene: Scene,
  name: string,
  sql: string,
  settings: Partial<MysqlSettings> = {},
): Promise<MemberRef> {
  const { stage, copy } = scene;
  const { mysql } = stage;
  for (const each of (await copy.chain('agama')).toReversed()) await copy.remove(each);
  scene.defer(() => mysql.sql(`DROP DATABASE ${name}`));
  await mysql.sql(`CREATE DATABASE ${name}; USE ${name}; ${sql}`);
  const { set, service, id } = await scene.backUp('full', { source: mysql.source({ ...settings, databases: [name] }) });
  configure(scene, { databases: [name] });
  return { set, service, id };
}
