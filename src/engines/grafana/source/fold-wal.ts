import { DatabaseSync } from 'node:sqlite';
import { FiredrillError, messageOf } from '../../../kit/errors.ts';

/** Makes one file of a copy: what lies in its -wal goes in, and it is no longer in WAL mode. BACKUP_INCOMPLETE if it cannot. */
export function foldWal(path: string): void {
  try {
    using db = new DatabaseSync(path, { timeout: 1_000 });
    db.exec('PRAGMA journal_mode = DELETE');
  } catch (cause) {
    throw new FiredrillError('BACKUP_INCOMPLETE', `the copy cannot be opened: ${messageOf(cause)}`, { cause });
  }
}
