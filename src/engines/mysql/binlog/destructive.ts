import type { Readable } from 'node:stream';
import { messageOf } from '../../../kit/errors.ts';
import type { DestructiveStatement } from '../../../model/destructive-statement.ts';
import { readStatement, readTransactionStart } from './event-content.ts';
import { type BinlogEvent, eventType, readBinlog } from './events.ts';
import { eventsInPayload } from './payload.ts';
import { countDeletedRows } from './row-count.ts';
import { readTableMap, type TableMap } from './table-map.ts';

const drop =
  /^\s*(?:\/\*.*?\*\/\s*)?(?:drop\s+(?:table|database|schema)\b|alter\s+table\b.*\bdrop\s+(?:column|partition)\b)/is;
const truncate = /^\s*(?:\/\*.*?\*\/\s*)?(?:truncate\b|alter\s+table\b.*\btruncate\s+partition\b)/is;
const remove = /^\s*(?:\/\*.*?\*\/\s*)?delete\b/is;

/**
 * Lists DROP, TRUNCATE and DELETE in one binary log from the offset `from` on, transaction by transaction; deletes of fewer
 * than `minRows` rows are left out.
 */
export async function* destructiveStatements(
  stream: Readable,
  file: string,
  minRows: number,
  from = 0,
): AsyncGenerator<DestructiveStatement> {
  let transaction = new Transaction(null, 0);
  for await (const event of readBinlog(stream, file)) {
    if (event.at < from) continue;
    if (event.type === eventType.gtid || event.type === eventType.anonymousGtid) {
      yield* transaction.found(minRows);
      const { gtid, committedAtUs } = readTransactionStart(event);
      transaction = new Transaction(gtid, committedAtUs);
    } else transaction.see(event);
  }
  yield* transaction.found(minRows);
}

class Transaction {
  readonly #gtid: string | null;
  readonly #at: string;
  readonly #statements: Pick<DestructiveStatement, 'kind' | 'what'>[] = [];
  readonly #deleted = new Map<string, number>();
  readonly #maps = new Map<number, TableMap>();

  constructor(gtid: string | null, committedAtUs: number) {
    this.#gtid = gtid;
    this.#at = microsecondInstant(committedAtUs);
  }

  /** What makes no sense is said, not passed over: it may have taken data away. */
  see(event: BinlogEvent) {
    try {
      if (event.type === eventType.query) this.#seeStatement(event);
      else if (event.type === eventType.transactionPayload) this.#seePayload(event);
      else if (event.type === eventType.tableMap || event.type === eventType.deleteRows) this.#seeRows(event);
    } catch (error) {
      this.#statements.push({ kind: 'unseen', what: `an event that cannot be read: ${messageOf(error)}` });
    }
  }

  #seeStatement(event: BinlogEvent) {
    const { database, sql } = readStatement(event);
    const kind = drop.test(sql) ? 'drop' : truncate.test(sql) ? 'truncate' : remove.test(sql) ? 'delete' : undefined;
    if (kind) this.#statements.push({ kind, what: database === '' ? sql : `${sql} [in ${database}]` });
  }

  #seePayload(event: BinlogEvent) {
    const events = eventsInPayload(event);
    if (events) for (const each of events) this.see(each);
    else this.#statements.push({ kind: 'unseen', what: 'a compressed transaction that is too large to look into' });
  }

  #seeRows({ type, body }: BinlogEvent) {
    if (type === eventType.tableMap) {
      const map = readTableMap(body);
      this.#maps.set(map.tableId, map);
      return;
    }
    const map = this.#maps.get(body.readUIntLE(0, 6));
    if (!map) return;
    const table = `${map.database}.${map.table}`;
    this.#deleted.set(table, (this.#deleted.get(table) ?? 0) + countDeletedRows(body, map));
  }

  *found(minRows: number): Generator<DestructiveStatement> {
    const common = { at: this.#at, name: this.#gtid };
    for (const each of this.#statements) yield { ...common, ...each, rows: null };
    for (const [what, rows] of this.#deleted) {
      if (rows >= minRows) yield { ...common, kind: 'delete', what, rows };
    }
  }
}

/** `2026-11-24T15:06:09.595954Z`. */
export function microsecondInstant(us: number): string {
  const seconds = new Date(Math.floor(us / 1e6) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(us % 1e6).padStart(6, '0')}Z`;
}
