import { FiredrillError } from '../../kit/errors.ts';
import type { Session } from './client.ts';
import { quoteTexts, sayTable } from './names.ts';
import type { MysqlSource } from './source.ts';

/** Something in the databases that this engine cannot back up or give back, in one sentence without the service. */
export interface Obstacle {
  sentence: string;
  hint: string;
}

/** Looks for what a snapshot cannot hold or a sealed server cannot be given. */
export async function findObstacles(session: Session, databases: readonly string[]): Promise<Obstacle[]> {
  const within = `TABLE_SCHEMA IN (${quoteTexts(databases)})`;
  const rows = await session.rows(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, ENGINE AS engine, CREATE_OPTIONS AS options
     FROM information_schema.TABLES WHERE ${within} AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1, 2`,
  );
  const obstacles = rows.flatMap(({ db, name, engine, options }) => {
    const table = `table ${sayTable(db ?? '', name ?? '')}`;
    if (engine !== 'InnoDB') return [otherEngine(table, engine ?? 'none')];
    return /ENCRYPTION=.Y/i.test(options ?? '') ? [encrypted(table)] : [];
  });
  const present = await session.rows(
    `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (${quoteTexts(databases)})`,
  );
  const names = new Set(present.map((row) => row.name));
  return [...databases.filter((name) => !names.has(name)).map(absent), ...obstacles];
}

export async function assertSuitable(session: Session, { service, settings }: MysqlSource): Promise<void> {
  const [first, ...more] = await findObstacles(session, settings.databases);
  if (!first) return;
  throw new FiredrillError('SOURCE_UNSUITABLE', `${service}: ${first.sentence}`, {
    hint: first.hint,
    detail: more.map(({ sentence }) => sentence),
  });
}

function otherEngine(table: string, engine: string): Obstacle {
  return {
    sentence: `${table} is of engine ${engine}, which knows no snapshot: a copy of it could be torn`,
    hint: `Type on the source: ALTER TABLE … ENGINE=InnoDB; or move the table out of the database.`,
  };
}

function encrypted(table: string): Obstacle {
  return {
    sentence: `${table} is encrypted at rest, and a drill has no keyring to restore it with`,
    hint: "Type on the source: ALTER TABLE … ENCRYPTION='N'; or move the table out of the database.",
  };
}

function absent(name: string): Obstacle {
  return {
    sentence: `there is no database ${name}, or the account may not see it`,
    hint: 'Run: firedrill config check',
  };
}
