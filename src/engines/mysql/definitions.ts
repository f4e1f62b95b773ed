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
  /** Made anew whenever it is asked for: of 10,000 tables, all texts at once would be most of what a drill holds in memory. */
  readonly text: string;
}

/** Creation times, statistics and next automatic numbers are no part of a definition. */
export function definitionsOf({ databases, views }: SchemaDocument): Definition[] {
  const own = databases.flatMap((db) => {
    const named = (kind: string, { name }: { name: string }, text: () => string) =>
      definition(kind, sayTable(db.name, name), text);
    const program = (kind: string) => (each: { name: string; create: string; context: unknown }) =>
      named(kind, each, () => `${each.create}\n${canonicalJson(each.context)}`);
    return [
      definition('database', sayDatabase(db.name), () => `${db.charset} ${db.collation}`),
      ...db.tables.map((table) => named('table', table, () => normaliseCreateTable(table.create))),
      ...db.functions.map(program('function')),
      ...db.procedures.map(program('procedure')),
      ...db.triggers.map(program('trigger')),
      ...db.events.map((event) =>
        named('event', event, () => `${event.create}\n${canonicalJson([event.context, event.timeZone])}`),
      ),
    ];
  });
  const seen = views.map(({ database, name, create, charset, collation }) =>
    definition('view', sayTable(database, name), () => `${normaliseView(create)}\n${charset} ${collation}`),
  );
  return [...own, ...seen];
}

function definition(kind: string, name: string, text: () => string): Definition {
  return {
    kind,
    name,
    get text() {
      return text();
    },
  };
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
    return definition('account', sayAccount(account), () => [account.create, ...account.grants, ...roles].join('\n'));
  });
}

export function hashesOf(definitions: readonly Definition[]): ObjectFacts[] {
  return definitions.map((each) => ({ kind: each.kind, name: each.name, sha256: hashOf(each) }));
}

export function accountHashes(document: AccountsDocument): Facts['accounts'] {
  return accountDefinitions(document).map((each) => ({ name: each.name, sha256: hashOf(each) }));
}

/** SHA-256 of its text, lower-case hex. */
export function hashOf({ text }: Definition): string {
  return createHash('sha256').update(text).digest('hex');
}

function sayDatabase(name: string): string {
  return sayTable(name, '').replace(/\.``$/, '');
}
