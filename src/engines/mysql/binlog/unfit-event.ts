import { plainLine } from '../../../kit/text.ts';
import type { Statement } from './event-content.ts';
import { type BinlogEvent, eventType } from './events.ts';
import { isGenuineStatement, withoutComments } from './genuine-statement.ts';
import { statementsIn } from './payload.ts';
import type { PreparedXa } from './prepared-xa.ts';
import { qualifiedNamesIn } from './sql-names.ts';

/** Which databases of a source are backed up, and which others it has. */
export interface DatabaseScope {
  own: readonly string[];
  others: readonly string[];
}

/**
 * Why an event of a source's own log cannot be applied, exactly, to its configured databases alone, in words without a
 * value of the data; undefined when it can. When in doubt it cannot: then a full is made, which is always right.
 */
export function whyUnfit(event: BinlogEvent, scope: DatabaseScope, xa: PreparedXa): string | undefined {
  if (event.type === eventType.incident) return 'says that the server lost events';
  if (event.type === eventType.taggedGtid) return 'has tagged GTIDs, which are not supported';
  for (const statement of statementsIn(event)) {
    const sql = withoutComments(statement.sql);
    if (!isGenuineStatement(sql))
      return `holds a statement instead of rows (${firstWord(sql)}): a session had another binlog_format`;
    if (!xa.follow(sql)) return 'ends a distributed transaction (XA) that was prepared before the full';
    if (leavesScope({ ...statement, sql }, scope))
      return `holds a statement on another database, too (${firstWord(sql)}), that cannot be applied without it`;
  }
  return undefined;
}

const firstWord = (sql: string) => plainLine(/^\w{1,20}/.exec(sql)?.[0]?.toUpperCase() ?? '?');

const frame = /^(?:begin|commit|rollback|savepoint|release|xa|flush)\b/i;
const account = /^(?:grant|revoke|(?:create|alter|drop|rename)\s+(?:user|role)|set\s+(?:password|default\s+role))\b/i;
/** On a table or routine of the session's own database. */
const grantInDefault = /\bon\s+(?:(?:table|function|procedure)\s+)?(?:`(?:[^`]|``)+`|\w+)\s+(?:to|from)\b/i;
/** What a replication filter leaves out by itself, where all tables are of other databases. */
const filtered =
  /^(?:create|alter|drop|rename|truncate|analyze|optimize|repair)\s+(?:(?:no_write_to_binlog|local|temporary|unique|fulltext|spatial)\s+)*(?:tables?|index|database|schema)\b/i;
/** Statements in which each pair of names is a database and a table. */
const namesTables = /^(?:drop|rename|truncate)\b|^create\s+(?:temporary\s+)?table\b[^(]*\blike\b/i;

/** One table, named with its database, is changed and no other is read: the session's own database does not matter. */
const oneTable = /^(?:create|alter|drop|truncate)\s+table\s+(?:if\s+(?:not\s+)?exists\s+)?(?:`(?:[^`]|``)+`|\w+)\s*\./i;
const moreTables = /\b(?:rename|like|references|exchange|select)\b|^drop\b.*,/is;

function leavesScope({ database, sql }: Statement, { own, others }: DatabaseScope): boolean {
  if (frame.test(sql)) return false;
  const [mine, known] = [lowered(own), lowered([...own, ...others])];
  const isOther = (name: string) => !mine.has(name.toLowerCase()) && !everywhere.has(name.toLowerCase());
  const pairs = qualifiedNamesIn(sql).filter((pair) => known.has(pair.database.toLowerCase()) || namesTables.test(sql));
  // An account may have rights on a database that is not there.
  if (account.test(sql)) {
    const onOther = pairs.some((pair) => pair.object !== '*' && isOther(pair.database));
    return onOther || (grantInDefault.test(sql) && isOther(database));
  }
  const named = pairs.map((pair) => pair.database);
  const isAll = database === '' || (named.length > 0 && oneTable.test(sql) && !moreTables.test(sql));
  const touched = isAll ? named : [...named, database];
  const outside = touched.filter(isOther).length;
  return outside > 0 && !(filtered.test(sql) && outside === touched.length);
}

/** Each server has them. */
const everywhere = new Set(['mysql', 'sys', 'performance_schema', 'information_schema']);
const lowered = (names: readonly string[]) => new Set(names.map((name) => name.toLowerCase()));
