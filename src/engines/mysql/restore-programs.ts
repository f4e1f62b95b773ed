import type { AccountPlan } from './accounts.ts';
import type { Session } from './client.ts';
import type { SchemaDocument } from './documents.ts';
import { qualify } from './names.ts';
import { restoreRoutines, restoreTriggersAndEvents, restoreViews } from './restore-schema.ts';

/** Accounts, their roles and all grants but those on views and routines, which follow as soon as they are made. */
export async function restoreAccounts(own: Session, schema: SchemaDocument, accounts: AccountPlan): Promise<void> {
  await own.runAll(accounts.accounts);
  const later = laterObjects(schema);
  await own.runAll(grantsOn(accounts, (on) => on === undefined || !later.has(on)));
  await own.runAll(accounts.defaultRoles);
}

/** Routines, views, triggers and events: after the tables are full, and after the accounts, which define them. */
export async function restorePrograms(restorer: Session, own: Session, schema: SchemaDocument, accounts: AccountPlan) {
  await restoreRoutines(restorer, own, schema);
  const views = new Set(schema.views.map((view) => qualify(view.database, view.name)));
  const later = laterObjects(schema);
  await own.runAll(grantsOn(accounts, (on) => on !== undefined && later.has(on) && !views.has(on)));
  await restoreViews(restorer, schema, ({ database, name }) =>
    own.runAll(grantsOn(accounts, (on) => on === qualify(database, name))),
  );
  await restoreTriggersAndEvents(restorer, own, schema);
}

function grantsOn({ grants }: AccountPlan, wanted: (on: string | undefined) => boolean): string[] {
  return grants.filter(({ on }) => wanted(on)).map(({ statement }) => statement);
}

/** Views and routines, which are made after the accounts. */
function laterObjects({ databases, views }: SchemaDocument): Set<string> {
  const routines = databases.flatMap((db) =>
    [...db.functions, ...db.procedures].map(({ name }) => qualify(db.name, name)),
  );
  return new Set([...routines, ...views.map(({ database, name }) => qualify(database, name))]);
}
