import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { count } from '../../../kit/text.ts';
import type { Manifest } from '../../../model/manifest.ts';
import type { Standing } from '../../engine.ts';
import type { Row, Session } from '../client.ts';
import { quoteTexts, sayTable } from '../names.ts';
import { findNewest } from '../newest.ts';
import type { MysqlSettings } from '../settings.ts';
import { currentGrants, type MysqlSource, missingPrivileges } from '../source.ts';
import { engineVersionOf, isAtLeast, releaseOf } from '../version.ts';
import { openTarget } from './target.ts';

/** Made first and dropped last in each database: where it stands, a restore has broken off. */
export const unfinishedTable = 'firedrill_unfinished_restore';

const neededPrivileges =
  'SELECT,INSERT,CREATE,DROP,ALTER,INDEX,REFERENCES,CREATE VIEW,SHOW VIEW,CREATE ROUTINE,ALTER ROUTINE,SHOW_ROUTINE,TRIGGER,EVENT,' +
  'CREATE USER,SYSTEM_USER,SESSION_VARIABLES_ADMIN';

/** What stands in the databases of the service, and whether the account may put others in their place. */
export async function lookAtTarget(
  target: MysqlSource,
  newest: Manifest,
  activity: Activity,
): Promise<Standing<MysqlSettings>> {
  await using session = await openTarget(target, activity.signal);
  await assertMayTake(session, target, newest);
  const found = (await databasesAt(session, target.settings.databases)).filter(isOccupied);
  const databases = found.map(({ name }) => name);
  const { newest: _, ...settings } = target.settings;
  return {
    holds: found.map(sayDatabase),
    newest: await newestIn(session, databases, activity),
    backUpAs: { ...target, settings: { ...settings, databases, digestTables: [] } },
  };
}

export interface FoundDatabase {
  name: string;
  tables: number;
  /** By the server's own estimate. */
  rows: number;
  programs: number;
  isUnfinished: boolean;
}

/** A database without anything in it is nothing that could be lost. */
export const isOccupied = ({ tables, programs }: FoundDatabase) => tables + programs > 0;

/** Those of `names` that are there. */
export async function databasesAt(session: Session, names: readonly string[]): Promise<FoundDatabase[]> {
  if (names.length === 0) return [];
  const own = (listing: string) => `(SELECT COUNT(*) FROM information_schema.${listing} = SCHEMA_NAME)`;
  const rows = await session.rows(
    `SELECT SCHEMA_NAME AS name, ${own('TABLES WHERE TABLE_SCHEMA')} AS tableCount,
       (SELECT COALESCE(SUM(TABLE_ROWS), 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA = SCHEMA_NAME) AS rowCount,
       ${own('ROUTINES WHERE ROUTINE_SCHEMA')} + ${own('EVENTS WHERE EVENT_SCHEMA')} AS programCount,
       ${own(`TABLES WHERE TABLE_NAME = '${unfinishedTable}' AND TABLE_SCHEMA`)} AS unfinished
     FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (${quoteTexts(names)}) ORDER BY 1`,
  );
  return rows.map((row) => ({
    name: row.name ?? '',
    tables: Number(row.tableCount),
    rows: Number(row.rowCount),
    programs: Number(row.programCount),
    isUnfinished: row.unfinished !== '0',
  }));
}

function sayDatabase({ name, tables, rows, programs, isUnfinished }: FoundDatabase): string {
  const parts = [`${count(tables, 'table')} and views`, `about ${count(rows, 'row')}`];
  if (programs > 0) parts.push(count(programs, 'routine or event', 'routines and events'));
  if (isUnfinished) parts.push('not whole: an earlier restore broke off');
  return `database ${name}: ${parts.join(', ')}`;
}

/** By columns that are cheap to ask. */
async function newestIn(session: Session, databases: readonly string[], { clock }: Activity) {
  if (databases.length === 0) return null;
  const rows = await session.rows(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, COALESCE(TABLE_ROWS, 0) AS rowCount FROM information_schema.TABLES
     WHERE TABLE_SCHEMA IN (${quoteTexts(databases)}) AND TABLE_TYPE = 'BASE TABLE'`,
  );
  const sized = ({ db, name, rowCount }: Row) => ({ database: db ?? '', name: name ?? '', rows: Number(rowCount) });
  const newest = await findNewest(session, rows.map(sized), clock.now().toISOString(), undefined);
  return newest && { at: newest.at, basis: `${sayTable(newest.database, newest.table)}.${newest.column}` };
}

async function assertMayTake(session: Session, { service, settings, host }: MysqlSource, { source }: Manifest) {
  const said = (await session.value('SELECT VERSION()')) ?? '';
  const version = engineVersionOf(said, service);
  const [major = 0, minor = 0] = releaseOf(source.engineVersion).split('.').map(Number);
  if (!isAtLeast(version, major, minor)) {
    const sentence = `${service}: ${host.label} runs MySQL ${version}, the backup was made by ${source.engineVersion}`;
    throw new FiredrillError('SOURCE_UNSUITABLE', sentence, {
      hint: 'Restore into a server of that release or a later one.',
    });
  }
  if ((await session.value('SELECT @@GLOBAL.read_only OR @@GLOBAL.super_read_only')) === '1') {
    throw new FiredrillError('SOURCE_UNSUITABLE', `${service}: ${host.label} is read-only, as a replica mostly is`, {
      hint: 'Restore into the source that it follows; or make it writable: SET GLOBAL read_only = OFF',
    });
  }
  const definer = isAtLeast(version, 8, 2) ? ['SET_ANY_DEFINER', 'ALLOW_NONEXISTENT_DEFINER'] : ['SET_USER_ID'];
  const missing = await missingPrivileges(session, [...neededPrivileges.split(','), ...definer]);
  const mayGrant = (await currentGrants(session)).some((grant) => / ON \*\.\* .*WITH GRANT OPTION/.test(grant));
  if (mayGrant && missing.length === 0) return;
  const lacks = [...missing, ...(mayGrant ? [] : ['GRANT OPTION'])].join(', ');
  throw new FiredrillError('SOURCE_DENIED', `${service}: ${settings.user} at ${host.label} lacks ${lacks} on *.*`, {
    hint: "A restore needs an administrator's login: name one under targets in the configuration, with the same reach.",
  });
}
