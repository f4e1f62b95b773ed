/** A statement that took data away, as a service's own log tells it. Its texts are untrusted. */
export interface DestructiveStatement {
  /** ISO 8601 with microseconds, UTC. */
  at: string;
  /** The engine's own name of the change, for `--at before:<name>`; null where it has none. */
  name: string | null;
  /** `unseen`: something that could not be looked into. */
  kind: 'drop' | 'truncate' | 'delete' | 'unseen';
  /** The statement, or for rows the table. */
  what: string;
  /** Rows that were deleted; null where the log does not tell. */
  rows: number | null;
}
