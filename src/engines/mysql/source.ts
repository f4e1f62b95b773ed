import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { MemberKind } from '../../model/manifest.ts';
import type { Source } from '../engine.ts';
import { type Blame, Session } from './client.ts';
import type { MysqlSettings } from './settings.ts';

export type MysqlSource = Source<MysqlSettings>;

/** What the account that dumps must be allowed to do, and nothing more; REPLICATION SLAVE is for increments. */
export const neededPrivileges = [
  'SELECT',
  'SHOW VIEW',
  'TRIGGER',
  'EVENT',
  'RELOAD',
  'REPLICATION CLIENT',
  'REPLICATION SLAVE',
  'BACKUP_ADMIN',
  'SHOW_ROUTINE',
] as const;

/** The statement to type. */
export function grantStatement(user: string): string {
  return `GRANT ${neededPrivileges.join(', ')} ON *.* TO '${user}'@'…';`;
}

/** As SHOW GRANTS prints them, those of the active roles too. */
export async function currentGrants(session: Session): Promise<string[]> {
  const roles = await session.value('SELECT CURRENT_ROLE()');
  const using = roles && roles !== 'NONE' ? ` FOR CURRENT_USER() USING ${roles}` : '';
  return (await session.rows(`SHOW GRANTS${using}`)).map((row) => Object.values(row)[0] ?? '');
}

/** Those that the session's account, with its active roles, does not have for all databases. */
export async function missingPrivileges(
  session: Session,
  needed: readonly string[] = neededPrivileges,
): Promise<string[]> {
  const global = (await currentGrants(session)).filter((grant) => grant.includes(' ON *.* '));
  const held = new Set(
    global.flatMap((grant) => grant.slice(0, grant.indexOf(' ON ')).replace('GRANT ', '').split(/, ?/)),
  );
  return held.has('ALL PRIVILEGES') ? [] : needed.filter((privilege) => !held.has(privilege));
}

/** A server does not list what an account may not see: without these grants a dump would lack it and nobody would know. */
export async function assertPrivileges(
  session: Session,
  { service, settings }: MysqlSource,
  kind: MemberKind,
): Promise<void> {
  const needed = (privilege: string) => kind === 'incremental' || privilege !== 'REPLICATION SLAVE';
  const missing = (await missingPrivileges(session)).filter(needed);
  if (missing.length === 0) return;
  throw new FiredrillError('SOURCE_DENIED', `${service}: ${settings.user} lacks ${missing.join(', ')} on *.*`, {
    hint: `Type on the source, as an administrator: ${grantStatement(settings.user)}`,
  });
}

const tlsDemanded = 3159;
const deniedErrnos = new Set([1044, 1045, 1130, 1142, 1143, 1227, 1370, 1410, 1698, 1820, 1862, 3118, tlsDemanded]);
const loginErrnos = new Set([1045, 1130, 1698, 1820, 1862, 3118]);
const lockErrnos = new Set([1205, 3572]);

function hintFor(errno: number, service: string, user: string): string {
  if (errno === tlsDemanded) {
    return 'The server demands TLS (require_secure_transport), which firedrill does not speak: reach it by its unix socket.';
  }
  if (loginErrnos.has(errno)) {
    return `Check user and password of ${service}, from where that account may log in, and that it does not REQUIRE SSL.`;
  }
  return `Type on the source, as an administrator: ${grantStatement(user)}`;
}

/** Whose fault it is that a live source refused something. */
export function blameSource({ service, settings }: MysqlSource): Blame {
  return ({ errno, message }) => {
    const said = plainLine(message);
    if (deniedErrnos.has(errno)) {
      const hint = hintFor(errno, service, settings.user);
      return new FiredrillError('SOURCE_DENIED', `${service}: the server denied: ${said}`, { hint });
    }
    if (lockErrnos.has(errno)) {
      const hint = 'Look for long statements and open ALTERs on the source (SHOW PROCESSLIST), then run it again.';
      return new FiredrillError('SOURCE_UNSUITABLE', `${service}: the snapshot's lock was not to be had: ${said}`, {
        hint,
      });
    }
    if (errno === 0) return new FiredrillError('SOURCE_UNREACHABLE', `${service}: the connection broke: ${said}`);
    return new FiredrillError('BACKUP_INCOMPLETE', `${service}: the server said: ${said} (${errno})`);
  };
}

/** A login at the live source, set up so that all values travel without loss. */
export async function openSource(
  source: MysqlSource,
  activity: Pick<Activity, 'signal'>,
  blame: Blame = blameSource(source),
): Promise<Session> {
  const { host, settings } = source;
  const { port = 3306, socketPath } = settings;
  const stream = await host.connect(socketPath === undefined ? { port } : { socketPath });
  const login = { user: settings.user, password: settings.password?.reveal() ?? '' };
  const session = await Session.open({ stream, isSocket: socketPath !== undefined }, login, blame, activity.signal);
  try {
    await session.runAll(readingSettings);
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** For every session that reads data or definitions, of a source or of a restored server: both must say the same. */
export const readingSettings: readonly string[] = [
  'SET NAMES utf8mb4',
  "SET sql_mode = '', time_zone = '+00:00', transaction_isolation = 'REPEATABLE-READ'",
  'SET group_concat_max_len = 1048576, sql_quote_show_create = ON, print_identified_with_as_hex = ON',
  'SET lock_wait_timeout = 30, information_schema_stats_expiry = 0',
];

export const beginSnapshot = 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY';

/** A session that breaks in mid-dump has broken the dump. */
export async function insideDump<T>(service: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFiredrillError(error, 'SOURCE_UNREACHABLE', 'HOST_UNREACHABLE')) throw error;
    throw new FiredrillError('BACKUP_INCOMPLETE', `${service}: the dump broke off: ${error.message}`, { cause: error });
  }
}
