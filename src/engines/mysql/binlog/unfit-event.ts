import { plainLine } from '../../../kit/text.ts';
import type { Statement } from './event-content.ts';
import { type BinlogEvent, eventType } from './events.ts';
import { isGenuineStatement, withoutComments } from './genuine-statement.ts';
import { statementsIn } from './payload.ts';
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
export function whyUnfit(event: BinlogEvent, scope: DatabaseScope): string | undefined {
  if (event.type === eventType.incident) return 'says that the server lost events';
  if (event.type === eventType.taggedGtid) return 'has tagged GTIDs, which are not supported';
  for (const statement of statementsIn(event)) {
    const sql = withoutComments(statement.sql);
    if (!isGenuineStatement(sql))
      return `holds a statement instead of rows (${firstWord(sql)}): a session had another binlog_format`;
    if (leavesScope({ ...statement, sql }, scope))
      return `holds a statement on another database, too (${firstWord(sql)}), that cannot be applied without it`;
  }
  return undefined;
}

const firstWord = (sql: string) => plainLine(/^\w{1,20}/.exec(sql)?.[0]?.toUpperCase() ?? '?');

const frame = /^(?:begin|commit|rollback|savepoint|release|xa|flush)\b/i;
const account = /^(?:grant|revoke|(?:create|alter|drop|rename)\s+(?:user|role)|set\s+(?:password|default\s+role))\b/i;
/** What a replication filter leaves out by itself, where all tables are of other databases. */
const filtered =
  /^(?:create|alter|drop|rename|truncate|analyze|optimize|repair)\s+(?:(?:no_write_to_binlog|local|temporary|unique|fulltext|spatial)\s+)*(?:tables?|index|database|schema)\b/i;
/** Statements in which each pair of names is a database and a table. */
const namesTables = /^(?:drop|rename|truncate)\b|^create\s+(?:temporary\s+)?table\b[^(]*\blike\b/i;

function leavesScope({ database, sql }: Statement, { own, others }: DatabaseScope): boolean {
  if (frame.test(sql)) return false;
  const [mine, known] = [lowered(own), lowered([...own, ...others])];
  const isOther = (name: string) => !mine.has(name.toLowerCase());
  const pairs = qualifiedNamesIn(sql).filter((pair) => known.has(pair.database.toLowerCase()) || namesTables.test(sql));
  // An account may have rights on a database that is not there.
  if (account.test(sql))
    return pairs.some((pair) => pair.object !== '*' && isOther(pair.database) && !isSystem(pair.database));
  const touched = [...pairs.map((pair) => pair.database), ...(database === '' ? [] : [database])];
  const outside = touched.filter(isOther).length;
  return outside > 0 && !(filtered.test(sql) && outside === touched.length);
}

const lowered = (names: readonly string[]) => new Set(names.map((name) => name.toLowerCase()));
const isSystem = (name: string) =>
  ['mysql', 'sys', 'performance_schema', 'information_schema'].includes(name.toLowerCase());
