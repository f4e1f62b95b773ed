import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { type InLane, inLanes } from '../../kit/together.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Checked, Restored } from '../engine.ts';
import { readAccountsOf } from './accounts.ts';
import { checkSemantics } from './check-semantics.ts';
import type { Session } from './client.ts';
import { compareDefinitions } from './compare-definitions.ts';
import { accountDefinitions, definitionsOf } from './definitions.ts';
import { type Facts, readAccounts, readFacts, readSchema, type TableFacts } from './documents.ts';
import { findHeartbeat } from './heartbeat.ts';
import { qualify, sayTable } from './names.ts';
import { instantOf, maximum, sayColumn } from './newest.ts';
import { judgePassedOver } from './passed-over.ts';
import { withIndexes } from './physical/check-indexes.ts';
import { explainDeath } from './physical/explain-death.ts';
import { isPhysical } from './physical/is-physical.ts';
import { readSchemaOf } from './read-schema.ts';
import { sandboxOf } from './restore.ts';
import type { MysqlSettings } from './settings.ts';
import { countRows, type Fingerprint, fingerprint } from './table-facts.ts';
import type { ReadableTable } from './table-reader.ts';

/** Compares a restored server with the facts of the newest member, exactly. */
export async function checkRestored(
  chain: readonly [OpenMember, ...OpenMember[]],
  restored: Restored,
  settings: MysqlSettings,
  activity: Activity,
): Promise<Checked> {
  const between = await judgePassedOver(chain.slice(1, -1));
  const about = { member: chain.at(-1) ?? chain[0], isClone: isPhysical(chain[0]) };
  const check = () => checkNewest(about, restored, settings, activity);
  const { results, ...checked } = await (about.isClone ? explainDeath(chain[0], activity.signal, check) : check());
  return { ...checked, results: [...between, ...results] };
}

async function checkNewest(
  { member, isClone }: { member: OpenMember; isClone: boolean },
  restored: Restored,
  { appAccounts }: MysqlSettings,
  activity: Activity,
): Promise<Checked> {
  const sandbox = sandboxOf(restored);
  const facts = readFacts(member);
  return sandbox.watched(async () => {
    await using session = await sandbox.connect(activity.signal);
    const { service } = member.manifest;
    const dumped = await readSchema(member);
    const names = dumped.databases.map(({ name }) => name);
    const newest = await findNewestAgain(session, facts);
    const heartbeat = await findHeartbeat(session, service, names);
    const semantics = () =>
      checkSemantics(session, { service, names, facts, dumped, appAccounts, sandbox }, activity.signal);
    if (restored.unjudged) return { results: [await semantics()], newest, heartbeat };
    const found = await readSchemaOf(session, await databasesOn(session));
    const schema = compareDefinitions({
      check: 'schema',
      service,
      subjects: 'schema objects',
      expected: facts.objects,
      dumped: definitionsOf(dumped),
      found: definitionsOf(found.document),
    });
    const accounts = await checkAccounts(session, member, facts, names, sandbox.ownUser);
    const connect = (signal: AbortSignal) => sandbox.connect(signal);
    const compared = await checkTables(connect, service, facts.tables, found.tables, activity);
    const content = isClone ? await withIndexes(compared, session, service, facts.tables) : compared;
    // Last: a function that a view calls may write.
    return { results: [schema, accounts, ...content, await semantics()], newest, heartbeat };
  });
}

/** Whatever is there, and not only what should be. */
export async function databasesOn(session: Session): Promise<string[]> {
  const rows = await session.rows(
    `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA
     WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema') ORDER BY 1`,
  );
  return rows.map(({ name }) => name ?? '');
}

async function checkAccounts(session: Session, full: OpenMember, facts: Facts, names: readonly string[], own: string) {
  return compareDefinitions({
    check: 'accounts',
    service: full.manifest.service,
    subjects: 'accounts',
    expected: facts.accounts.map((each) => ({ kind: 'account', ...each })),
    dumped: accountDefinitions(await readAccounts(full)),
    found: accountDefinitions(await readAccountsOf(session, names, [own])),
  });
}

const sessions = 2;

/** Rows and content of all tables, by a few sessions side by side. */
export async function checkTables(
  connect: (signal: AbortSignal) => Promise<Session>,
  service: string,
  expected: readonly TableFacts[],
  tables: readonly ReadableTable[],
  activity: Activity,
): Promise<CheckResult[]> {
  const rows = new Look('rows', service, 'tables', expected.length);
  const content = new Look('content', service, 'tables', expected.length);
  const present = new Map(tables.map((table) => [qualify(table.database, table.name), table]));
  const waiting = [...expected];
  const work = async ({ signal }: InLane) => {
    await using session = await connect(signal);
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const table = present.get(qualify(next.database, next.name));
      await checkTable(session, service, next, table, { rows, content });
    }
  };
  await inLanes(sessions, activity.signal, work);
  return [rows.result(), content.result()];
}

async function checkTable(
  session: Session,
  service: string,
  expected: TableFacts,
  table: ReadableTable | undefined,
  { rows, content }: { rows: Look; content: Look },
) {
  const name = sayTable(expected.database, expected.name);
  const found = table && (await countRows(session, table));
  rows.sawOne().compare(name, expected.rows, found ?? 'no table');
  if (found !== expected.rows) {
    rows.fail({
      sentence: `${service}: table ${name} has ${found ?? 'no'} rows after the restore, it had ${expected.rows} when it was dumped`,
      expected: `${expected.rows} rows`,
      found: found === undefined ? 'no table' : `${found} rows`,
      next: 'firedrill list',
    });
  }
  content.sawOne();
  const seen = table && (await fingerprint(session, table, expected.digest !== null));
  if (seen && seen.checksum === expected.checksum && seen.digest === expected.digest) return;
  content.fail({
    sentence: `${service}: the content of table ${name} is not what was dumped`,
    expected: sayFingerprint(expected),
    found: seen ? sayFingerprint(seen) : 'no table',
    next: 'firedrill list',
  });
}

function sayFingerprint({ checksum, digest }: Fingerprint): string {
  return [checksum === null ? '' : `checksum ${checksum}`, digest === null ? '' : `digest ${digest}`].join(' ').trim();
}

async function findNewestAgain(session: Session, { newest }: Facts): Promise<Checked['newest']> {
  if (newest === null) return null;
  const text = await maximum(session, newest).catch((error: unknown) => {
    // The table or the column may be gone: the other checks say so.
    if (error instanceof FiredrillError && error.code === 'RESTORE_FAILED') return undefined;
    throw error;
  });
  const at = text === undefined ? undefined : instantOf(text, newest.offsetSeconds);
  return at === undefined ? null : { at, basis: sayColumn(newest) };
}
