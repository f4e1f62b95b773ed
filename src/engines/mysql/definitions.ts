import { createHash } from 'node:crypto';
import { canonicalJson } from '../../kit/json.ts';
import { sayAccount } from './accounts.ts';
import { normaliseCreateTable } from './create-table.ts';
import type { AccountsDocument, Facts, ObjectFacts, SchemaDocument } from './documents.ts';
import { sayTable } from './names.ts';

/** One schema object or account, in a form that is the same wherever it is restored. Pure. */
export interface Definition {
  kind: string;
  /** As people read it. */
  name: string;
  text: string;
}

/** Creation times, statistics and next automatic numbers are no part of a definition. */
export function definitionsOf({ databases, views }: SchemaDocument): Definition[] {
  const own = databases.flatMap((db) => {
    const named = (kind: string, each: { name: string }, text: string) => ({
      kind,
      name: sayTable(db.name, each.name),
      text,
    });
    const program = (kind: string) => (each: { name: string; create: string; context: unknown }) =>
      named(kind, each, `${each.create}\n${canonicalJson(each.context)}`);
    return [
      { kind: 'database', name: sayDatabase(db.name), text: `${db.charset} ${db.collation}` },
      ...db.tables.map((table) => named('table', table, normaliseCreateTable(table.create))),
      ...db.functions.map(program('function')),
      ...db.procedures.map(program('procedure')),
      ...db.triggers.map(program('trigger')),
      ...db.events.map((event) =>
        named('event', event, `${event.create}\n${canonicalJson([event.context, event.timeZone])}`),
      ),
    ];
  });
  const seen = views.map(({ database, name, create, charset, collation }) => {
    return { kind: 'view', name: sayTable(database, name), text: `${normaliseView(create)}\n${charset} ${collation}` };
  });
  return [...own, ...seen];
}

const part = '`(?:[^`]|``)*`';
const columnOfDatabase = new RegExp(`${part}\\.(${part}\\.${part})`, 'g');

/**
 * A server shows a view's columns now as `alias`.`column`, now as `database`.`alias`.`column`: the latter as soon as a table
 * below it was altered, until the server forgets.
 */
export function normaliseView(create: string): string {
  return create.replaceAll(columnOfDatabase, '$1');
}

export function accountDefinitions({ accounts }: AccountsDocument): Definition[] {
  return accounts.map((account) => {
    const roles = account.defaultRoles.map(sayAccount);
    return {
      kind: 'account',
      name: sayAccount(account),
      text: [account.create, ...account.grants, ...roles].join('\n'),
    };
  });
}

export function hashesOf(definitions: readonly Definition[]): ObjectFacts[] {
  return definitions.map(({ kind, name, text }) => ({ kind, name, sha256: sha256(text) }));
}

export function accountHashes(document: AccountsDocument): Facts['accounts'] {
  return accountDefinitions(document).map(({ name, text }) => ({ name, sha256: sha256(text) }));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function sayDatabase(name: string): string {
  return sayTable(name, '').replace(/\.``$/, '');
}
