import { lazily } from '../../kit/lazily.ts';
import type { Look } from '../../model/check.ts';
import { sayAccount } from './accounts.ts';
import type { Session } from './client.ts';
import { definitionsOf, hashesOf } from './definitions.ts';
import type { Facts, SchemaDocument } from './documents.ts';
import { quoteTexts, sayTable } from './names.ts';

/** What runs with the rights of whoever has defined it. */
export interface Defined {
  kind: string;
  database: string;
  name: string;
  definer: { user: string; host: string };
}

/** Views, routines, triggers and events of these databases; what runs with its caller's rights needs no definer. */
export async function readDefined(session: Session, names: readonly string[]): Promise<Defined[]> {
  const within = quoteTexts(names);
  const rows = await session.rows(
    `SELECT 'view' AS kind, TABLE_SCHEMA AS db, TABLE_NAME AS name, DEFINER AS definer FROM information_schema.VIEWS
       WHERE TABLE_SCHEMA IN (${within}) AND SECURITY_TYPE = 'DEFINER'
     UNION ALL SELECT LOWER(ROUTINE_TYPE), ROUTINE_SCHEMA, ROUTINE_NAME, DEFINER FROM information_schema.ROUTINES
       WHERE ROUTINE_SCHEMA IN (${within}) AND SECURITY_TYPE = 'DEFINER'
     UNION ALL SELECT 'trigger', TRIGGER_SCHEMA, TRIGGER_NAME, DEFINER FROM information_schema.TRIGGERS
       WHERE TRIGGER_SCHEMA IN (${within})
     UNION ALL SELECT 'event', EVENT_SCHEMA, EVENT_NAME, DEFINER FROM information_schema.EVENTS
       WHERE EVENT_SCHEMA IN (${within})
     ORDER BY 1, 2, 3`,
  );
  return rows.map(({ kind, db, name, definer }) => ({
    ...{ kind: kind ?? '', database: db ?? '', name: name ?? '' },
    definer: accountOf(definer ?? ''),
  }));
}

/** `user@host`; a user's name may have an @ in it. */
function accountOf(text: string): Defined['definer'] {
  const at = text.lastIndexOf('@');
  return { user: text.slice(0, at), host: text.slice(at + 1) };
}

/**
 * Is each definer an account? Without it what he has defined ends with an error whenever it is used. It may have been so
 * at the source: when the definition is as it was dumped, and the dump knew no such account.
 */
export async function lookAtDefiners(
  session: Session,
  service: string,
  defined: readonly Defined[],
  { facts, dumped }: { facts: Facts; dumped: SchemaDocument },
  look: Look,
): Promise<void> {
  const rows = await session.rows('SELECT User AS user, Host AS host FROM mysql.user');
  const accounts = new Set(rows.map(({ user, host }) => keyOf({ user: user ?? '', host: host ?? '' })));
  const wasSo = lazily(() => sourceKnewNone(facts, dumped));
  for (const each of defined) {
    look.sawOne();
    if (accounts.has(keyOf(each.definer))) continue;
    const what = `${service}: ${each.kind} ${sayTable(each.database, each.name)}`;
    const sentence = `${what} is defined by ${sayAccount(each.definer)}, and there is no such account after the restore`;
    if (wasSo()(each)) look.warn({ sentence: `${sentence}: it was so at the source` });
    else look.fail({ sentence, expected: 'an account', found: 'none', next: 'firedrill list' });
  }
}

/** The server writes names of hosts in small letters. */
const keyOf = ({ user, host }: Defined['definer']) => JSON.stringify([user, host.toLowerCase()]);

function sourceKnewNone(facts: Facts, dumped: SchemaDocument): (each: Defined) => boolean {
  const idOf = ({ kind, name, sha256 }: Facts['objects'][number]) => JSON.stringify([kind, name, sha256]);
  const recorded = new Set(facts.objects.map(idOf));
  const hashes = hashesOf(definitionsOf(dumped)).filter((each) => recorded.has(idOf(each)));
  const asDumped = new Set(hashes.map(({ kind, name }) => JSON.stringify([kind, name])));
  const accounts = new Set(facts.accounts.map(({ name }) => name));
  return ({ kind, database, name, definer }) =>
    asDumped.has(JSON.stringify([kind, sayTable(database, name)])) && !accounts.has(sayAccount(definer));
}
