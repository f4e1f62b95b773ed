import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { type ErrorCode, FiredrillError, messageOf } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';

/**
 * How a database is opened whose content is untrusted (sqlite.org/security.html). `length`: of one value, in bytes; more would
 * fit into no text of JavaScript.
 */
export const untrusted = { allowExtension: false, defensive: true, limits: { length: 256 * 1024 * 1024 } } as const;

/** Its constraints are its own matter: to check them would compute what it says, for each row. */
export const untrustedPragmas =
  'PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA ignore_check_constraints = ON';

export type Row = Record<string, SQLOutputValue>;

/**
 * A grafana.db that was copied, opened for reading only. Its content is untrusted: no schema of it may call functions with
 * side effects, and whatever SQLite says about it becomes a FiredrillError with the code that its opener blames.
 */
export class GrafanaDatabase implements Disposable {
  readonly #db: DatabaseSync;
  readonly #blame: ErrorCode;

  constructor(path: string, blame: ErrorCode) {
    this.#blame = blame;
    const url = pathToFileURL(path);
    // No lock, no -wal and no -shm beside it: nobody else writes this file.
    url.searchParams.set('immutable', '1');
    this.#db = this.#try(() => {
      return new DatabaseSync(url, { ...untrusted, readOnly: true, enableDoubleQuotedStringLiterals: false });
    });
    this.#try(() => this.#db.exec(untrustedPragmas));
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#try(() => this.#db.prepare(sql).all(...values));
  }

  /** Row by row, for what may be large. */
  *each(sql: string, options: { bigInts?: boolean } = {}): Generator<Row> {
    const statement = this.#try(() => this.#db.prepare(sql));
    statement.setReadBigInts(options.bigInts ?? false);
    const rows = this.#try(() => statement.iterate());
    for (let next = this.#try(() => rows.next()); !next.done; next = this.#try(() => rows.next())) yield next.value;
  }

  /** The one number that a query answers. */
  count(sql: string, ...values: SQLInputValue[]): number {
    const [row] = this.all(sql, ...values);
    return Number(Object.values(row ?? {})[0] ?? 0);
  }

  hasTable(table: string): boolean {
    return this.count("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", table) > 0;
  }

  hasColumn(table: string, column: string): boolean {
    return this.count('SELECT count(*) FROM pragma_table_info(?) WHERE name = ?', table, column) > 0;
  }

  /**
   * A list of a table's columns for SELECT. Never `*`: a planted generated column could make a row of any size.
   */
  columns(table: string, prefix = ''): string {
    const columns = this.all('SELECT name FROM pragma_table_info(?) ORDER BY cid', table);
    return columns.map(({ name }) => `${prefix}${quoted(String(name))}`).join();
  }

  close() {
    if (this.#db.isOpen) this.#db.close();
  }

  [Symbol.dispose]() {
    this.close();
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof FiredrillError) throw cause;
      const sentence = `grafana.db cannot be read: ${plainLine(messageOf(cause), 200)}`;
      throw new FiredrillError(this.#blame, sentence, { cause });
    }
  }
}

/** An SQL identifier from the database's own schema. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Grafana keeps JSON as text, and as a blob where its alerting has saved a dashboard. */
export function textOf(value: SQLOutputValue | undefined): string {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
  return value === null || value === undefined ? '' : String(value);
}
