import { type FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { count } from '../../kit/text.ts';
import type { Look } from '../../model/check.ts';
import type { Secret } from '../../model/secret.ts';
import { rightsOf } from './account-rights.ts';
import { sayAccount } from './accounts.ts';
import type { Login, Session } from './client.ts';
import { qualify, quoteText, quoteTexts } from './names.ts';
import type { SandboxServer } from './sandbox-server.ts';
import type { MysqlSettings } from './settings.ts';

export type AppAccount = MysqlSettings['appAccounts'][number];

/** So many tables are read, at most, as an application's account. */
const maxTables = 200;
const refusedErrnos = new Set([1044, 1142, 1143, 1227]);

/**
 * Can the applications log in to the restored server, and read there? Where the password is not given, or not known on this
 * machine: is the account there, open, and does it have rights in the databases?
 */
export async function lookAtAppAccounts(
  sandbox: SandboxServer,
  service: string,
  databases: readonly string[],
  accounts: readonly AppAccount[],
  look: Look,
  signal: AbortSignal,
): Promise<void> {
  await using own = await sandbox.connect(signal);
  for (const [i, account] of accounts.entries()) {
    // A name of its own for each: the server remembers for a while what an account of that name may do.
    const visit = new AccountVisit({ sandbox, own, databases, signal }, account, `${sandbox.ownUser}_a${i}`);
    const { found, problem } = await visit.look();
    look.sawOne().compare(`account ${sayAccount(account)}`, visit.wanted, found);
    if (problem !== undefined) {
      const sentence = `${service}: the application's account ${sayAccount(account)} ${problem}`;
      look.fail({ sentence, expected: visit.wanted, found, next: 'firedrill list' });
    }
    for (const sentence of visit.doubts) look.warn({ sentence: `${service}: ${sentence}` });
  }
}

/** The restored server; `own`: a session that may do anything there. */
interface Place {
  sandbox: SandboxServer;
  own: Session;
  databases: readonly string[];
  signal: AbortSignal;
}

interface Seen {
  found: string;
  /** What is wrong with it; undefined: nothing. */
  problem?: string;
}

/** As mysql.user describes it. */
interface Described {
  isLocked: boolean;
  /** '', ANY (any TLS), X509 or SPECIFIED (a certificate of the client). */
  tls: string;
}

class AccountVisit {
  readonly doubts: string[] = [];
  readonly #place: Place;
  readonly #account: AppAccount;
  readonly #otherName: string;

  constructor(place: Place, account: AppAccount, otherName: string) {
    this.#place = place;
    this.#account = account;
    this.#otherName = otherName;
  }

  get wanted(): string {
    return this.#account.password ? 'logs in and reads' : 'is there, open, with rights';
  }

  async look(): Promise<Seen> {
    const described = await this.#describe();
    if (!described) return { found: 'no such account', problem: 'is not there after the restore' };
    if (described.isLocked) return { found: 'locked', problem: 'is locked' };
    const rights = await rightsOf(this.#place.own, this.#account, this.#place.databases);
    if (!rights.any) return { found: 'no rights', problem: 'has no rights in the databases of the backup' };
    const password = this.#password(described);
    if (password === undefined) return { found: 'is there, open, with rights' };
    return this.#visit({ password, tls: described.tls !== '' }, rights.read);
  }

  async #describe(): Promise<Described | undefined> {
    const { user, host } = this.#account;
    const [row] = await this.#place.own.rows(
      `SELECT account_locked AS isLocked, ssl_type AS tls FROM mysql.user
       WHERE BINARY User = ${quoteText(user)} AND Host = ${quoteText(host)}`,
    );
    return row && { isLocked: row.isLocked === 'Y', tls: row.tls ?? '' };
  }

  /** undefined: nobody can try it here. */
  #password({ tls }: Described): string | undefined {
    const secret = this.#account.password;
    if (!secret) return undefined;
    const name = sayAccount(this.#account);
    if (tls === 'X509' || tls === 'SPECIFIED') {
      this.doubts.push(`whether ${name} can log in was not tried: it needs a certificate of its own`);
      return undefined;
    }
    const password = revealed(secret);
    if (password === undefined) {
      this.doubts.push(
        `whether ${name} can log in was not tried: its password (${secret}) is not known on this machine`,
      );
    }
    return password;
  }

  async #visit(opens: Omit<Login, 'user'>, mayRead: boolean): Promise<Seen> {
    try {
      const read = await this.#as(opens, (session) => this.#readTables(session));
      if (read > 0) return { found: `logs in and reads ${count(read, 'table')}` };
      return mayRead
        ? { found: 'logs in and reads nothing', problem: 'can log in, but can read no table' }
        : { found: 'logs in; it may read no table' };
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return { found: (error as FiredrillError).message, problem: 'cannot log in with its password' };
    }
  }

  /**
   * The pod's server is reached by its socket only, where everybody comes from `localhost`. An account of another host, and
   * one that another account would stand before, gets a name of its own for that moment.
   */
  async #as<T>(opens: Omit<Login, 'user'>, work: (session: Session) => Promise<T>): Promise<T> {
    const { user, host } = this.#account;
    const rivals = await this.#place.own.value(
      `SELECT COUNT(*) FROM mysql.user WHERE User IN ('', ${quoteText(user)}) AND NOT (BINARY User = ${quoteText(user)} AND Host = ${quoteText(host)})`,
    );
    const comesAsItself = rivals === '0' && ['%', 'localhost'].includes(host);
    if (comesAsItself) return this.#logIn({ ...opens, user }, work);
    const [itself, other] = [sayAccount(this.#account), sayAccount({ user: this.#otherName, host: 'localhost' })];
    await this.#place.own.run(`RENAME USER ${itself} TO ${other}`);
    try {
      return await this.#logIn({ ...opens, user: this.#otherName }, work);
    } finally {
      await this.#place.own.run(`RENAME USER ${other} TO ${itself}`);
    }
  }

  async #logIn<T>(login: Login, work: (session: Session) => Promise<T>): Promise<T> {
    await using session = await this.#place.sandbox.connectAs(login, this.#place.signal);
    await session.run('SET ROLE ALL');
    return await work(session);
  }

  /** Those that the account can see; what it may do in another way than by reading is passed over. */
  async #readTables(session: Session): Promise<number> {
    const tables = await session.rows(
      `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.TABLES
       WHERE TABLE_SCHEMA IN (${quoteTexts(this.#place.databases)}) AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1, 2 LIMIT ${maxTables}`,
    );
    let read = 0;
    for (const { db, name } of tables) {
      try {
        await session.rows(`SELECT 1 FROM ${qualify(db ?? '', name ?? '')} LIMIT 1`);
        read += 1;
      } catch (error) {
        if (!refusedErrnos.has(errnoOf(error) ?? 0)) throw error;
      }
    }
    return read;
  }
}

function revealed(secret: Secret): string | undefined {
  try {
    return secret.reveal();
  } catch (error) {
    if (isFiredrillError(error, 'SECRET_MISSING')) return undefined;
    throw error;
  }
}

/** What the server itself said, by its number; undefined for whatever else went wrong. */
function errnoOf(error: unknown): number | undefined {
  if (!isFiredrillError(error, 'RESTORE_FAILED')) return undefined;
  const [, errno] = /\((\d+)\)$/.exec(error.message) ?? [];
  return errno === undefined ? undefined : Number(errno);
}
