import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { Heartbeat } from '../../model/journal.ts';
import type { Diagnosis } from '../engine.ts';
import type { Session } from './client.ts';
import { asPattern, qualify, quoteName, quoteText, quoteTexts } from './names.ts';
import { currentGrants, type MysqlSource, openSource } from './source.ts';

/** In the first configured database: one row for each service, ordinary data that is backed up like any other. */
export const heartbeatTable = 'firedrill_heartbeat';

const rights = ['CREATE', 'SELECT', 'INSERT', 'DELETE'] as const;

/** Says in the source's own data when firedrill was there; the account needs rights on that one table. */
export async function writeHeartbeat(source: MysqlSource, { id, at }: Heartbeat, activity: Activity): Promise<void> {
  const { service } = source;
  const table = tableOf(source);
  await using session = await openSource(source, activity);
  if ((await session.value('SELECT @@GLOBAL.read_only OR @@GLOBAL.super_read_only')) === '1') {
    throw new FiredrillError('SOURCE_UNSUITABLE', `${service}: the server is read-only, as a replica mostly is`, {
      hint: 'Nothing needs to be done: without a heartbeat the newest event tells how fresh a backup is.',
    });
  }
  const values = [service, id, at.replace('T', ' ').replace('Z', '')].map(quoteText).join(', ');
  try {
    if (!(await hasTable(session, source)))
      await session.run(`CREATE TABLE IF NOT EXISTS ${table} (${columns}) ENGINE=InnoDB`);
    await session.run(`REPLACE INTO ${table} (service, id, at) VALUES (${values})`);
  } catch (error) {
    throw blameHeartbeat(source, error);
  }
}

const columns = 'service varchar(63) PRIMARY KEY, id varchar(100) NOT NULL, at timestamp(6) NOT NULL';

async function hasTable(session: Session, { settings }: MysqlSource): Promise<boolean> {
  return (await databasesWithTable(session, settings.databases.slice(0, 1))).length > 0;
}

async function databasesWithTable(session: Session, databases: readonly string[]): Promise<string[]> {
  const rows = await session.rows(
    `SELECT TABLE_SCHEMA AS db FROM information_schema.TABLES
     WHERE TABLE_SCHEMA IN (${quoteTexts(databases)}) AND TABLE_NAME = ${quoteText(heartbeatTable)} ORDER BY 1`,
  );
  return rows.map((row) => row.db ?? '');
}

function tableOf({ settings }: MysqlSource): string {
  return qualify(settings.databases[0] ?? '', heartbeatTable);
}

/** No heartbeat is no reason to make no backup: what the server said against it is never more than unsuitable. */
function blameHeartbeat(source: MysqlSource, error: unknown): unknown {
  if (isFiredrillError(error, 'SOURCE_DENIED')) {
    return new FiredrillError('SOURCE_DENIED', error.message, { cause: error, hint: heartbeatHint(source) });
  }
  if (isFiredrillError(error, 'BACKUP_INCOMPLETE')) {
    const hint = `Look at table ${tableOf(source)} on the source: firedrill makes it, and nobody else needs it.`;
    return new FiredrillError('SOURCE_UNSUITABLE', error.message, { cause: error, hint });
  }
  return error;
}

function grantOf(source: MysqlSource): string {
  return `GRANT ${rights.join(', ')} ON ${tableOf(source)} TO '${source.settings.user}'@'…';`;
}

function heartbeatHint(source: MysqlSource): string {
  return `Type on the source, as an administrator: ${grantOf(source)}`;
}

/** The newest heartbeat of a service in restored databases; null where there is none that makes sense. */
export async function findHeartbeat(
  session: Session,
  service: string,
  databases: readonly string[],
): Promise<Heartbeat | null> {
  let newest: Heartbeat | null = null;
  for (const database of await databasesWithTable(session, databases)) {
    const found = await readHeartbeat(session, service, database);
    if (found && (newest === null || found.at > newest.at)) newest = found;
  }
  return newest;
}

async function readHeartbeat(session: Session, service: string, database: string): Promise<Heartbeat | undefined> {
  const from = `${qualify(database, heartbeatTable)} WHERE service = ${quoteText(service)}`;
  try {
    const [row] = await session.rows(`SELECT id, CAST(at AS CHAR) AS at FROM ${from} LIMIT 1`);
    const ms = Date.parse(`${row?.at?.replace(' ', 'T')}Z`);
    return row?.id == null || Number.isNaN(ms)
      ? undefined
      : { id: plainLine(row.id, 100), at: new Date(ms).toISOString() };
  } catch (error) {
    // A table of that name that is none of ours.
    if (isFiredrillError(error, 'RESTORE_FAILED')) return undefined;
    throw error;
  }
}

/** Never a problem: without the right to write one, the newest event tells how fresh a backup is. */
export async function diagnoseHeartbeat(session: Session, source: MysqlSource): Promise<Diagnosis> {
  const { service, settings } = source;
  const [database = ''] = settings.databases;
  const places = [
    ' ON *.* ',
    ` ON ${asPattern(database)}.* `,
    ` ON ${quoteName(database)}.* `,
    ` ON ${tableOf(source)} `,
  ];
  const held = (await currentGrants(session)).filter((grant) => places.some((place) => grant.includes(place)));
  const words = new Set(held.flatMap((grant) => grant.slice(6, grant.indexOf(' ON ')).split(/, ?/)));
  const may = words.has('ALL PRIVILEGES') || rights.every((right) => words.has(right));
  const what = may
    ? `${service}: ${settings.user} may write a heartbeat into ${tableOf(source)}`
    : `${service}: ${settings.user} may write no heartbeat; if you want one, type as an administrator: ${grantOf(source)}`;
  return { ok: true, what };
}
