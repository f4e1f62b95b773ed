import { FiredrillError } from '../../kit/errors.ts';
import type { Row, Session } from './client.ts';
import { type DescribedColumn, formOf } from './columns.ts';
import type {
  DatabaseSchema,
  EventSchema,
  ProgramContext,
  ProgramSchema,
  SchemaDocument,
  ViewSchema,
} from './documents.ts';
import { qualify, quoteName, quoteText, quoteTexts, sayTable } from './names.ts';
import { commentLiteral, headOf, meantDefinition, type OwnWords } from './shown-definition.ts';
import type { ReadableTable } from './table-reader.ts';

/** What a server's dictionary says of the databases that are backed up, as it is now. */
export interface ReadSchema {
  document: SchemaDocument;
  tables: ReadableTable[];
  /** Views that the server itself calls invalid, as `db.view`. */
  brokenViews: string[];
}

/** Reads all definitions. The session is one with `readingSettings`; no DDL may run meanwhile. */
export async function readSchemaOf(session: Session, names: readonly string[]): Promise<ReadSchema> {
  const tables: ReadableTable[] = [];
  const databases: DatabaseSchema[] = [];
  for (const name of names) {
    const own = await describeTables(session, name);
    tables.push(...own);
    databases.push(await readDatabase(session, name, own));
  }
  const [row] = await session.rows('SELECT @@lower_case_table_names AS names, @@innodb_page_size AS page');
  const birth = { lowerCaseTableNames: Number(row?.names), pageSizeBytes: Number(row?.page) };
  const brokenViews = await listBrokenViews(session, names);
  const views = await readViews(session, names, brokenViews);
  return {
    document: { format: 'firedrill-mysql-schema', version: 1, birth, databases, views },
    tables,
    brokenViews,
  };
}

async function readDatabase(session: Session, name: string, tables: readonly ReadableTable[]): Promise<DatabaseSchema> {
  const [row] = await session.rows(
    `SELECT DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation
     FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${quoteText(name)}`,
  );
  if (!row) throw new FiredrillError('SOURCE_UNSUITABLE', `the server has no database ${quoteName(name)}`);
  const created = [];
  for (const { name: table, columns } of tables) {
    const shown = await session.rows(`SHOW CREATE TABLE ${qualify(name, table)}`);
    created.push({ name: table, create: field(shown[0], 'Create Table'), columns: [...columns] });
  }
  return {
    name,
    charset: field(row, 'charset'),
    collation: field(row, 'collation'),
    tables: created,
    functions: await readPrograms(session, name, 'Function'),
    procedures: await readPrograms(session, name, 'Procedure'),
    triggers: await readPrograms(session, name, 'Trigger'),
    events: await readEvents(session, name),
  };
}

/** Tables in the order of their names, with how each column travels; generated columns are left out. */
async function describeTables(session: Session, database: string): Promise<ReadableTable[]> {
  const where = `TABLE_SCHEMA = ${quoteText(database)}`;
  const names = await session.rows(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE ${where} AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME`,
  );
  const columns = await session.rows(
    `SELECT TABLE_NAME AS tableName, COLUMN_NAME AS name, LOWER(DATA_TYPE) AS type, CHARACTER_SET_NAME AS charset,
       IS_NULLABLE AS nullable
     FROM information_schema.COLUMNS WHERE ${where} AND GENERATION_EXPRESSION = '' ORDER BY TABLE_NAME, ORDINAL_POSITION`,
  );
  const keyed = await session.rows(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLE_CONSTRAINTS WHERE ${where} AND CONSTRAINT_TYPE = 'PRIMARY KEY'`,
  );
  const arrays = await session.rows(
    `SELECT DISTINCT TABLE_NAME AS name FROM information_schema.STATISTICS WHERE ${where} AND EXPRESSION LIKE '% array)%'`,
  );
  const primary = new Set(keyed.map((row) => row.name));
  const manyValued = new Set(arrays.map((row) => row.name));
  const byTable = Map.groupBy(columns, (row) => row.tableName);
  return names.map((row) => {
    const name = field(row, 'name');
    const described = (byTable.get(name) ?? []).map(describedColumn);
    const travels = described.map((each) => ({ name: each.name, form: formOf(each, database, name) }));
    const hasPrimaryKey = primary.has(name);
    const hasTrueChecksum = !manyValued.has(name) && described.every(({ type }) => type !== 'json');
    return { database, name, hasPrimaryKey, hasTrueChecksum, described, columns: travels };
  });
}

function describedColumn(row: Row): DescribedColumn {
  const { charset = null } = row;
  return { name: field(row, 'name'), type: field(row, 'type'), charset, nullable: row.nullable === 'YES' };
}

const routine = 'ROUTINE_NAME AS name, DEFINER AS definer, ROUTINE_COMMENT AS comment';
const listings = {
  Function: [routine, "ROUTINES WHERE ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_SCHEMA", 'ROUTINE_NAME'],
  Procedure: [routine, "ROUTINES WHERE ROUTINE_TYPE = 'PROCEDURE' AND ROUTINE_SCHEMA", 'ROUTINE_NAME'],
  Trigger: [
    `TRIGGER_NAME AS name, DEFINER AS definer, '' AS comment, EVENT_OBJECT_TABLE AS onTable,
     CONCAT(ACTION_TIMING, ' ', EVENT_MANIPULATION) AS fires`,
    'TRIGGERS WHERE TRIGGER_SCHEMA',
    // In the order in which they fire.
    'EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER',
  ],
  Event: [
    'EVENT_NAME AS name, DEFINER AS definer, EVENT_COMMENT AS comment',
    'EVENTS WHERE EVENT_SCHEMA',
    'EVENT_NAME',
  ],
} as const;

function list(session: Session, database: string, kind: keyof typeof listings): Promise<Row[]> {
  const [columns, from, order] = listings[kind];
  return session.rows(`SELECT ${columns} FROM information_schema.${from} = ${quoteText(database)} ORDER BY ${order}`);
}

/** @param listed as `list` has it */
async function showCreate(session: Session, database: string, kind: keyof typeof listings, listed: Row) {
  const name = field(listed, 'name');
  const statement = `SHOW CREATE ${kind.toUpperCase()} ${qualify(database, name)}`;
  const [row = {}] = await session.rows(statement);
  const column = kind === 'Trigger' ? 'SQL Original Statement' : `Create ${kind}`;
  if (!row[column]) throw unreadable(kind, database, name);
  const create = await meantDefinition(session, { statement, column, row }, ownWords(kind, listed));
  return { name, create, context: contextOf(row), row };
}

function ownWords(kind: keyof typeof listings, listed: Row): OwnWords {
  const { onTable, fires } = listed;
  const name = headOf(field(listed, 'definer'), kind.toUpperCase(), field(listed, 'name'));
  const head = kind === 'Trigger' ? `${name} ${fires} ON ${quoteName(onTable ?? '')}` : name;
  if (!listed.comment) return { head, comment: '' };
  const literal = commentLiteral(listed.comment);
  return { head, comment: kind === 'Event' ? ` COMMENT ${literal} DO ` : `\n    COMMENT ${literal}\n` };
}

function unreadable(kind: string, database: string, name: string) {
  const sentence = `the account may not read the definition of ${kind.toLowerCase()} ${sayTable(database, name)}`;
  return new FiredrillError('SOURCE_DENIED', sentence, { hint: 'It needs SHOW_ROUTINE, TRIGGER and EVENT on *.*.' });
}

function contextOf(row: Row): ProgramContext {
  return {
    sqlMode: field(row, 'sql_mode'),
    charset: field(row, 'character_set_client'),
    collation: field(row, 'collation_connection'),
    databaseCollation: field(row, 'Database Collation'),
  };
}

async function readPrograms(
  session: Session,
  database: string,
  kind: 'Function' | 'Procedure' | 'Trigger',
): Promise<ProgramSchema[]> {
  const programs = [];
  for (const listed of await list(session, database, kind)) {
    const { name, create, context } = await showCreate(session, database, kind, listed);
    programs.push({ name, create, context });
  }
  return programs;
}

async function readEvents(session: Session, database: string): Promise<EventSchema[]> {
  const events = [];
  for (const listed of await list(session, database, 'Event')) {
    const { name, create, context, row } = await showCreate(session, database, 'Event', listed);
    events.push({ name, create, context, timeZone: field(row, 'time_zone') });
  }
  return events;
}

/** The server marks them in its listing; looking is what makes it mark them. */
export async function listBrokenViews(session: Session, names: readonly string[]): Promise<string[]> {
  const rows = await session.rows(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.TABLES
     WHERE TABLE_TYPE = 'VIEW' AND TABLE_SCHEMA IN (${quoteTexts(names)}) AND TABLE_COMMENT LIKE '%invalid%' ORDER BY 1, 2`,
  );
  return rows.map((row) => sayTable(field(row, 'db'), field(row, 'name')));
}

async function readViews(session: Session, names: readonly string[], broken: readonly string[]): Promise<ViewSchema[]> {
  const within = quoteTexts(names);
  const listed = await session.rows(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.VIEWS WHERE TABLE_SCHEMA IN (${within}) ORDER BY 1, 2`,
  );
  const usage = await session.rows(
    `SELECT VIEW_SCHEMA AS db, VIEW_NAME AS name, TABLE_SCHEMA AS onDb, TABLE_NAME AS onName
     FROM information_schema.VIEW_TABLE_USAGE WHERE VIEW_SCHEMA IN (${within})`,
  );
  const views = [];
  for (const row of listed) {
    const [db, name] = [field(row, 'db'), field(row, 'name')];
    if (broken.includes(sayTable(db, name))) continue;
    const [shown] = await session.rows(`SHOW CREATE VIEW ${qualify(db, name)}`);
    const create = field(shown, 'Create View');
    views.push({
      database: db,
      name,
      create,
      charset: field(shown, 'character_set_client'),
      collation: field(shown, 'collation_connection'),
    });
  }
  return inOrder(views, usage);
}

/** Each view after those that it reads. */
function inOrder(views: readonly ViewSchema[], usage: readonly Row[]): ViewSchema[] {
  const reads = Map.groupBy(usage, ({ db, name }) => qualify(db ?? '', name ?? ''));
  const byName = new Map(views.map((view) => [qualify(view.database, view.name), view]));
  const ordered = new Set<ViewSchema>();
  const place = (view: ViewSchema, path: readonly ViewSchema[]) => {
    if (path.includes(view)) return;
    for (const { onDb, onName } of reads.get(qualify(view.database, view.name)) ?? []) {
      const below = byName.get(qualify(onDb ?? '', onName ?? ''));
      if (below) place(below, [...path, view]);
    }
    ordered.add(view);
  };
  for (const view of views) place(view, []);
  return [...ordered];
}

function field(row: Row | undefined, name: string): string {
  const value = row?.[name];
  if (typeof value === 'string') return value;
  throw new FiredrillError('SOURCE_UNSUITABLE', `the server does not tell ${name} of one of its objects`);
}
