import { sayAccount } from './accounts.ts';
import type { Session } from './client.ts';

const data = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE', 'ALL PRIVILEGES'];
const quoted = '`(?:[^`]|``)*`';
const grant = new RegExp(`^GRANT (.+?) ON (?:[A-Z]+ )?(\\*|${quoted})\\.(?:\\*|${quoted}) TO `, 's');

export interface Rights {
  /** Whether the account may do anything to the data of the databases. */
  any: boolean;
  /** Whether it may read any of it. */
  read: boolean;
}

/** What an account may do in these databases, by itself and by all roles that it was given. */
export async function rightsOf(
  session: Session,
  account: { user: string; host: string },
  databases: readonly string[],
): Promise<Rights> {
  const roles = await session.rows(
    'SELECT FROM_USER AS user, FROM_HOST AS host, TO_USER AS ofUser, TO_HOST AS ofHost FROM mysql.role_edges',
  );
  const own = roles.filter(({ ofUser, ofHost }) => ofUser === account.user && ofHost === account.host);
  const using = own.map(({ user, host }) => sayAccount({ user: user ?? '', host: host ?? '' })).join(', ');
  const rows = await session.rows(`SHOW GRANTS FOR ${sayAccount(account)}${using === '' ? '' : ` USING ${using}`}`);
  return rightsIn(
    rows.map((row) => Object.values(row)[0] ?? ''),
    databases,
  );
}

/** Pure: from what SHOW GRANTS prints. */
export function rightsIn(grants: readonly string[], databases: readonly string[]): Rights {
  const held = grants.flatMap((text) => {
    const [, privileges = '', on] = grant.exec(text) ?? [];
    const isOurs = on !== undefined && databases.some((name) => on === '*' || patternOf(on).test(name));
    // Of single columns: SELECT (`id`, `name`).
    return isOurs ? privileges.replaceAll(/ \([^)]*\)/g, '').split(/, ?/) : [];
  });
  return {
    any: held.some((each) => data.includes(each)),
    read: held.includes('SELECT') || held.includes('ALL PRIVILEGES'),
  };
}

/** In a grant on a database `_` and `%` stand for anything, unless escaped. */
function patternOf(quotedName: string): RegExp {
  const name = quotedName.slice(1, -1).replaceAll('``', '`');
  const parts = [...name.matchAll(/\\(.)|([%_])|([\s\S])/g)].map(([, escaped, wild, plain]) => {
    if (wild !== undefined) return wild === '%' ? '.*' : '.';
    return (escaped ?? plain ?? '').replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 's');
}
