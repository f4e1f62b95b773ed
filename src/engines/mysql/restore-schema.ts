import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import { inLanes } from '../../kit/together.ts';
import type { Session } from './client.ts';
import { splitCreateTable, type TableParts } from './create-table.ts';
import type { DatabaseSchema, ProgramSchema, SchemaDocument, ViewSchema } from './documents.ts';
import { qualify, quoteName, quoteText, sayTable } from './names.ts';
import { isAtLeast } from './version.ts';

/** A table to make, taken apart. */
export interface TablePlan extends TableParts {
  database: string;
  name: string;
  /** Made with its keys, and loaded into them. */
  withKeys: boolean;
}

/**
 * ARTIFACT_FORMAT when any definition of the schema is something else than one. To add keys to a table costs a server four times
 * what it takes to make and load a small one (measured): those of which `isSmall` says so get theirs at once.
 */
export function planTables(
  schema: SchemaDocument,
  isSmall: (database: string, name: string) => boolean = () => false,
): TablePlan[] {
  for (const { database, name, create } of schema.views) definition(create, 'VIEW', database, name);
  for (const db of schema.databases) {
    const lists = { function: db.functions, procedure: db.procedures, trigger: db.triggers, event: db.events };
    for (const [kind, list] of Object.entries(lists)) {
      for (const { name, create } of list) definition(create, kind.toUpperCase(), db.name, name);
    }
  }
  return schema.databases.flatMap((db) =>
    db.tables.map(({ name, create }) => {
      const withKeys = isSmall(db.name, name);
      // For its judgement, before anything runs.
      splitCreateTable(create, name);
      return tablePlan(db.name, name, withKeys, () => splitCreateTable(create, name, withKeys));
    }),
  );
}

/** Taken apart anew at each use: the parts of 10,000 tables would be as large as the schema that is held already. */
function tablePlan(database: string, name: string, withKeys: boolean, parts: () => TableParts): TablePlan {
  return {
    database,
    name,
    withKeys,
    get create() {
      return parts().create;
    },
    get keys() {
      return parts().keys;
    },
    get foreignKeys() {
      return parts().foreignKeys;
    },
  };
}

/** For the session of the restorer, who runs what the backup says. `dataAt`: its "now", or old events would vanish. */
export function restorerSettings(version: string, dataAt: string): string[] {
  return [...definingSettings(version), `SET timestamp = ${Date.parse(dataAt) / 1000}`];
}

/** For whoever makes schema objects again, as they were. */
export function definingSettings(version: string): string[] {
  return [
    `SET sql_mode = ${tablesMode}, time_zone = '+00:00'`,
    'SET foreign_key_checks = 0, unique_checks = 0, innodb_strict_mode = OFF',
    ...(isAtLeast(version, 8, 4) ? ['SET restrict_fk_on_non_standard_key = OFF'] : []),
  ];
}

const tablesMode = "'ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION'";

/** By our own account; character set and collation are words, the name is quoted. */
export function createDatabases({ databases }: SchemaDocument): string[] {
  return databases.map(
    ({ name, charset, collation }) =>
      `CREATE DATABASE ${quoteName(name)} CHARACTER SET ${charset} COLLATE ${collation}`,
  );
}

/** Runs statements of one object of the backup in its database. */
export async function runDefinitions(
  restorer: Session,
  database: string,
  what: string,
  statements: readonly string[],
): Promise<void> {
  if (statements.length === 0) return;
  try {
    await restorer.run(`USE ${quoteName(database)}`);
    await restorer.runAll(statements);
  } catch (error) {
    if (!isFiredrillError(error, 'RESTORE_FAILED', 'TARGET_FAILED')) throw error;
    throw new FiredrillError(error.code, `${what} could not be made again: ${error.message}`, { cause: error });
  }
}

/** Side by side, by `count` sessions that `open` gives. */
export async function makeTables(
  plans: readonly TablePlan[],
  count: number,
  whole: AbortSignal,
  open: (signal: AbortSignal) => Promise<Session>,
): Promise<void> {
  const waiting = plans.values();
  await inLanes(count, whole, async ({ signal }) => {
    await using restorer = await open(signal);
    for (const { database, name, create } of waiting) {
      await runDefinitions(restorer, database, `table ${sayTable(database, name)}`, [create]);
    }
  });
}

/** Once all of the table is loaded; none for one that was made with them. */
export async function addKeys(restorer: Session, { database, name, keys }: TablePlan): Promise<void> {
  await runDefinitions(restorer, database, `a key of table ${sayTable(database, name)}`, keys);
}

/** Once all tables are there. */
export async function addForeignKeys(restorer: Session, plans: readonly TablePlan[]): Promise<void> {
  for (const { database, name, foreignKeys } of plans) {
    await runDefinitions(restorer, database, `a foreign key of table ${sayTable(database, name)}`, foreignKeys);
  }
}

/** Functions and procedures first: views may use them. */
export async function restoreRoutines(restorer: Session, own: Session, { databases }: SchemaDocument): Promise<void> {
  for (const db of databases) {
    for (const each of db.functions) await restoreProgram(restorer, own, db, 'function', each);
    for (const each of db.procedures) await restoreProgram(restorer, own, db, 'procedure', each);
  }
}

/** `made` is told of each view at once: the next one may need a grant on it. */
export async function restoreViews(
  restorer: Session,
  { views }: SchemaDocument,
  made: (view: ViewSchema) => Promise<void>,
): Promise<void> {
  for (const view of views) {
    await restoreView(restorer, view);
    await made(view);
  }
  await restorer.run('SET NAMES utf8mb4');
}

export async function restoreTriggersAndEvents(restorer: Session, own: Session, { databases }: SchemaDocument) {
  for (const db of databases) {
    for (const each of db.triggers) await restoreProgram(restorer, own, db, 'trigger', each);
    for (const each of db.events) await restoreProgram(restorer, own, db, 'event', each, each.timeZone);
  }
}

/** An event that came by a binary log was switched off, as on a replica: it is made anew as the schema has it. */
export async function renewEvents(restorer: Session, own: Session, { databases }: SchemaDocument) {
  const off = await own.rows(
    "SELECT EVENT_SCHEMA AS db, EVENT_NAME AS name FROM information_schema.EVENTS WHERE STATUS LIKE '%SIDE_DISABLED'",
  );
  for (const db of databases) {
    const names = new Set(off.filter((row) => row.db === db.name).map((row) => row.name));
    for (const each of db.events.filter(({ name }) => names.has(name))) {
      await own.run(`DROP EVENT ${qualify(db.name, each.name)}`);
      await restoreProgram(restorer, own, db, 'event', each, each.timeZone);
    }
  }
}

async function restoreView(restorer: Session, { database, name, create, charset, collation }: ViewSchema) {
  const what = `view ${sayTable(database, name)}`;
  await runDefinitions(restorer, database, what, [...charsetOf(charset, collation), create]);
}

async function restoreProgram(
  restorer: Session,
  own: Session,
  db: DatabaseSchema,
  kind: 'function' | 'procedure' | 'trigger' | 'event',
  { name, create, context }: ProgramSchema,
  timeZone = '+00:00',
) {
  const what = `${kind} ${sayTable(db.name, name)}`;
  const statements = [
    ...charsetOf(context.charset, context.collation),
    `SET sql_mode = ${quoteText(context.sqlMode)}, time_zone = ${quoteText(timeZone)}`,
    create,
    `SET sql_mode = ${tablesMode}, time_zone = '+00:00'`,
    'SET NAMES utf8mb4',
  ];
  // It keeps the database's collation of the time when it was made.
  const bent = context.databaseCollation !== db.collation && context.databaseCollation !== '';
  const collate = (collation: string) => own.run(`ALTER DATABASE ${quoteName(db.name)} COLLATE ${collation}`);
  if (bent) await collate(context.databaseCollation);
  await runDefinitions(restorer, db.name, what, statements);
  if (bent) await collate(db.collation);
}

function charsetOf(charset: string, collation: string): string[] {
  return [`SET character_set_client = ${charset}, collation_connection = ${collation}`];
}

const prefix = '(?:ALGORITHM=[A-Z]+ )?(?:DEFINER=`(?:[^`]|``)*`@`(?:[^`]|``)*` )?(?:SQL SECURITY [A-Z]+ )?';

/** Anything else than a definition of that kind has no business in a schema. */
function definition(create: string, kind: string, database: string, name: string) {
  if (new RegExp(`^CREATE ${prefix}${kind} `).test(create)) return;
  const what = `${kind.toLowerCase()} ${sayTable(database, name)}`;
  const sentence = `the schema holds no definition of ${what} but: ${plainLine(create, 100)}`;
  throw new FiredrillError('ARTIFACT_FORMAT', sentence);
}
