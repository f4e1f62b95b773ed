import { isFiredrillError } from '../../kit/errors.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import { type AppAccount, lookAtAppAccounts } from './check-app-accounts.ts';
import { lookAtDefiners, readDefined } from './check-definers.ts';
import type { Row, Session } from './client.ts';
import type { Facts, SchemaDocument } from './documents.ts';
import { qualify, quoteName, quoteTexts, sayTable } from './names.ts';
import type { SandboxServer } from './sandbox-server.ts';

/** A view that takes longer works: what it says is not asked for here. */
const viewMs = 10_000;
const tooLong = '(3024)';
/** Told by whoever looks at definers. */
const noDefiner = '(1449)';

/** What is looked at, and what is known of it. */
export interface SemanticsOf {
  service: string;
  names: readonly string[];
  facts: Facts;
  dumped: SchemaDocument;
  appAccounts: readonly AppAccount[];
  sandbox: SandboxServer;
}

/**
 * Does the data make sense, and can it be used: has each child its parent, can each view be read, is each definer an
 * account, can the applications log in?
 */
export async function checkSemantics(session: Session, about: SemanticsOf, signal: AbortSignal): Promise<CheckResult> {
  const { service, names, appAccounts, sandbox } = about;
  const within = quoteTexts(names);
  const tables = await session.rows(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, TABLE_TYPE AS type FROM information_schema.TABLES
     WHERE TABLE_SCHEMA IN (${within}) AND TABLE_TYPE IN ('BASE TABLE', 'VIEW') ORDER BY 1, 2`,
  );
  const keys = Map.groupBy(await readForeignKeys(session, within), ({ database, table }) => qualify(database, table));
  const defined = await readDefined(session, names);
  const expected = tables.length + defined.length + appAccounts.length;
  const look = new Look('semantics', service, 'tables, views, definers and accounts', expected);
  for (const { db, name, type } of tables) {
    const place = { database: db ?? '', name: name ?? '' };
    if (type === 'VIEW') await lookAtView(session, service, place, look);
    for (const key of keys.get(qualify(place.database, place.name)) ?? []) {
      await lookForOrphans(session, service, key, look);
    }
    look.sawOne();
  }
  await lookAtDefiners(session, service, defined, about, look);
  await lookAtAppAccounts(sandbox, service, names, appAccounts, look, signal);
  return look.result();
}

async function lookAtView(session: Session, service: string, view: { database: string; name: string }, look: Look) {
  try {
    await session.rows(
      `SELECT /*+ MAX_EXECUTION_TIME(${viewMs}) */ 1 FROM ${qualify(view.database, view.name)} LIMIT 1`,
    );
  } catch (error) {
    if (!isFiredrillError(error, 'RESTORE_FAILED')) throw error;
    if (error.message.endsWith(tooLong) || error.message.endsWith(noDefiner)) return;
    const sentence = `${service}: view ${sayTable(view.database, view.name)} cannot be read after the restore`;
    look.fail({ sentence, expected: 'rows', found: error.message, next: 'firedrill list' });
  }
}

interface ForeignKey {
  database: string;
  table: string;
  name: string;
  parentDatabase: string;
  parent: string;
  columns: { child: string; parent: string }[];
}

async function readForeignKeys(session: Session, within: string): Promise<ForeignKey[]> {
  const rows = await session.rows(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tableName, CONSTRAINT_NAME AS name, COLUMN_NAME AS child,
       REFERENCED_TABLE_SCHEMA AS parentDb, REFERENCED_TABLE_NAME AS parentTable, REFERENCED_COLUMN_NAME AS parent
     FROM information_schema.KEY_COLUMN_USAGE
     WHERE TABLE_SCHEMA IN (${within}) AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY 1, 2, 3, ORDINAL_POSITION`,
  );
  const keyOf = (row: Row) => JSON.stringify([row.db, row.tableName, row.name]);
  return [...Map.groupBy(rows, keyOf).values()].map((parts) => {
    const [first] = parts;
    return {
      database: first?.db ?? '',
      table: first?.tableName ?? '',
      name: first?.name ?? '',
      parentDatabase: first?.parentDb ?? '',
      parent: first?.parentTable ?? '',
      columns: parts.map(({ child, parent }) => ({ child: child ?? '', parent: parent ?? '' })),
    };
  });
}

async function lookForOrphans(session: Session, service: string, key: ForeignKey, look: Look) {
  const pairs = key.columns.map(({ child, parent }) => [`c.${quoteName(child)}`, `p.${quoteName(parent)}`] as const);
  const orphans = Number(
    await session.value(
      `SELECT COUNT(*) FROM ${qualify(key.database, key.table)} AS c
       LEFT JOIN ${qualify(key.parentDatabase, key.parent)} AS p ON ${pairs.map((pair) => pair.join(' = ')).join(' AND ')}
       WHERE ${pairs.map(([child]) => `${child} IS NOT NULL`).join(' AND ')} AND ${pairs[0]?.[1]} IS NULL`,
    ),
  );
  if (orphans === 0) return;
  look.fail({
    sentence: `${service}: ${orphans} rows of table ${sayTable(key.database, key.table)} point to no row of ${sayTable(key.parentDatabase, key.parent)} (foreign key ${quoteName(key.name)})`,
    expected: '0 orphans',
    found: `${orphans} orphans`,
    next: 'firedrill list',
  });
}
