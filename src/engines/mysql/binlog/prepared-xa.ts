const verb = /^xa\s+(start|begin|commit|rollback)\s+(.*?)(?:\s+one\s+phase)?\s*$/is;

/**
 * Follows distributed transactions through binary logs: what was begun and neither committed nor rolled back. A full does
 * not hold what was prepared at its instant, so a later commit of it could not be applied.
 */
export class PreparedXa {
  readonly #open: Set<string>;

  constructor(open: readonly string[]) {
    this.#open = new Set(open);
  }

  /** false: it ends a transaction that was begun in none of the logs. */
  follow(sql: string): boolean {
    const [, word = '', id = ''] = verb.exec(sql) ?? [];
    if (/^(?:start|begin)$/i.test(word)) this.#open.add(id);
    return !/^(?:commit|rollback)$/i.test(word) || this.#open.delete(id);
  }

  get open(): string[] {
    return [...this.#open];
  }
}
