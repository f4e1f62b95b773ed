import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { Session } from './client.ts';
import type { Account, AccountsDocument } from './documents.ts';
import { quoteName, quoteText } from './names.ts';

/** Accounts that each server has for itself. */
const reserved = ['mysql.sys', 'mysql.session', 'mysql.infoschema'];

/** Databases of which every server has the tables; grants on tables of others cannot be given back. */
const everywhere = ['mysql', 'sys', 'performance_schema', 'information_schema'];

export function sayAccount({ user, host }: { user: string; host: string }): string {
  return `${quoteName(user)}@${quoteName(host)}`;
}

/** All accounts and roles but the server's own and `except`, in the order of their names. */
export async function readAccountsOf(
  session: Session,
  databases: readonly string[],
  except: readonly string[] = [],
): Promise<AccountsDocument> {
  const hidden = [...reserved, ...except].map(quoteText).join(', ');
  const rows = await session.rows(
    `SELECT User AS user, Host AS host FROM mysql.user WHERE User NOT IN (${hidden}) ORDER BY BINARY User, BINARY Host`,
  );
  const roles = await session.rows(
    `SELECT USER AS ofUser, HOST AS ofHost, DEFAULT_ROLE_USER AS user, DEFAULT_ROLE_HOST AS host
     FROM mysql.default_roles ORDER BY BINARY DEFAULT_ROLE_USER, BINARY DEFAULT_ROLE_HOST`,
  );
  const accounts: Account[] = [];
  for (const row of rows) {
    const name = { user: row.user ?? '', host: row.host ?? '' };
    const own = roles.filter(({ ofUser, ofHost }) => ofUser === name.user && ofHost === name.host);
    accounts.push({
      ...name,
      create: withoutDefaultRoles((await session.value(`SHOW CREATE USER ${sayAccount(name)}`)) ?? '', name),
      grants: await readGrants(session, name, databases),
      defaultRoles: own.map(({ user, host }) => ({ user: user ?? '', host: host ?? '' })),
    });
  }
  const partialRevokes = (await session.value('SELECT @@partial_revokes')) === '1';
  return { format: 'firedrill-mysql-accounts', version: 1, partialRevokes, accounts };
}

async function readGrants(session: Session, name: { user: string; host: string }, databases: readonly string[]) {
  const rows = await session.rows(`SHOW GRANTS FOR ${sayAccount(name)}`);
  const grants = rows.map((row) => Object.values(row)[0] ?? '');
  return grants.filter((grant) => isOnKnownObject(grant, databases)).sort();
}

const quoted = '`(?:[^`]|``)*`';
const onObject = new RegExp(` ON (?:(?:PROCEDURE|FUNCTION|TABLE|LIBRARY) )?((${quoted})\\.${quoted}) (?:TO|FROM) `);

function objectOf(grant: string): { name: string; database: string } | undefined {
  const [, name, database] = onObject.exec(grant) ?? [];
  return name === undefined || database === undefined ? undefined : { name, database };
}

/** A grant on one table needs the table; grants on whole databases need none. */
function isOnKnownObject(grant: string, databases: readonly string[]): boolean {
  const object = objectOf(grant);
  return object === undefined || [...databases, ...everywhere].map(quoteName).includes(object.database);
}

const accountPattern = `${quoted}@${quoted}`;
const createUser = new RegExp(
  `^(CREATE USER (${accountPattern}) IDENTIFIED WITH '[A-Za-z0-9_]+'(?: AS (?:0x[0-9A-Fa-f]+|'(?:[^'\\\\]|\\\\.|'')*'))?)` +
    `(?: DEFAULT ROLE ${accountPattern}(?:,${accountPattern})*)?( REQUIRE .*)$`,
  's',
);

/** The roles must exist before they can be named: they are given at the end. */
function withoutDefaultRoles(create: string, name: { user: string; host: string }): string {
  const parts = createUser.exec(create);
  if (parts) return `${parts[1]}${parts[3]}`;
  throw new FiredrillError('SOURCE_UNSUITABLE', `the server describes account ${sayAccount(name)} in an unknown form`);
}

/** Makes all accounts again, in stages: a grant needs its table, view or routine, and a view its definer's grants. */
export interface AccountPlan {
  accounts: string[];
  grants: Grant[];
  defaultRoles: string[];
}

export interface Grant {
  statement: string;
  /** The one table, view or routine that it is on, qualified; undefined for whole databases, all, and roles. */
  on: string | undefined;
}

/** ARTIFACT_FORMAT when a statement is anything else than what SHOW CREATE USER and SHOW GRANTS print for its account. */
export function planAccounts({ accounts }: AccountsDocument): AccountPlan {
  for (const account of accounts) {
    const name = sayAccount(account);
    if (createUser.exec(account.create)?.[2] !== name) throw strange(account.create, name);
    for (const grant of account.grants) if (!isGrant(grant, name)) throw strange(grant, name);
  }
  const revokesLast = accounts
    .flatMap(({ grants }) => grants)
    .sort((a, b) => Number(isRevoke(a)) - Number(isRevoke(b)));
  return {
    accounts: accounts.map(({ create }) => create),
    grants: revokesLast.map((statement) => ({ statement, on: objectOf(statement)?.name })),
    defaultRoles: accounts
      .filter(({ defaultRoles }) => defaultRoles.length > 0)
      .map(
        (account) =>
          `ALTER USER ${sayAccount(account)} DEFAULT ROLE ${account.defaultRoles.map(sayAccount).join(', ')}`,
      ),
  };
}

const isRevoke = (statement: string) => statement.startsWith('REVOKE ');

function isGrant(statement: string, name: string): boolean {
  const end = /^GRANT /.test(statement) ? ` TO ${name}` : isRevoke(statement) ? ` FROM ${name}` : undefined;
  if (end === undefined) return false;
  const bare = statement.replace(/ WITH (GRANT|ADMIN) OPTION$/, '');
  return bare.endsWith(end);
}

function strange(statement: string, name: string) {
  const sentence = `the accounts hold something else than a definition of ${name}: ${plainLine(statement, 120)}`;
  return new FiredrillError('ARTIFACT_FORMAT', sentence);
}
