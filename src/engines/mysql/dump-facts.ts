import { readAccountsOf } from './accounts.ts';
import type { Session } from './client.ts';
import { accountHashes, definitionsOf, hashesOf } from './definitions.ts';
import type { AccountsDocument, Facts } from './documents.ts';
import { type ReadSchema, readSchemaOf } from './read-schema.ts';

/** What a source defines: its tables and programs, and its accounts. */
export interface Definitions {
  schema: ReadSchema;
  accounts: AccountsDocument;
}

export async function readDefinitions(session: Session, databases: readonly string[]): Promise<Definitions> {
  const schema = await readSchemaOf(session, databases);
  return { schema, accounts: await readAccountsOf(session, databases) };
}

/** Of a member that holds no rows as text: there is no end mark that would bear one. */
export const noDumpId = '0'.repeat(32);

export function factsOf(
  { schema: { document, brokenViews }, accounts }: Definitions,
  read: Pick<Facts, 'dumpId' | 'tables' | 'newest'>,
): Facts {
  const objects = hashesOf(definitionsOf(document));
  return { version: 1, ...read, objects, accounts: accountHashes(accounts), brokenViews };
}
