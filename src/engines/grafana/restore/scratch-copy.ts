import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { FiredrillError, messageOf } from '../../../kit/errors.ts';
import { untrusted, untrustedPragmas } from '../database/grafana-database.ts';
import { diskFault } from '../source/scratch-space.ts';

export interface Login {
  username: string;
  password: string;
}

/**
 * Copies the database for the server to run on, and lets us in: nobody's password is known, and no other way sees all
 * organisations. The first server admin (else the first user) gets a random password and is made admin of every organisation.
 * Provisioning is forgotten: without its files Grafana would delete the dashboards that came from it.
 */
export async function makeScratchCopy(pristine: string, path: string): Promise<Login> {
  await copyFile(pristine, path).catch((cause) => {
    throw diskFault(cause);
  });
  try {
    // Grafana's own connections know no foreign keys either: planted ones would delete rows with those that are deleted here.
    using db = new DatabaseSync(path, { ...untrusted, enableForeignKeyConstraints: false });
    db.exec(untrustedPragmas);
    const login = takeOver(db);
    db.exec('DELETE FROM dashboard_provisioning');
    return login;
  } catch (cause) {
    if (cause instanceof FiredrillError) throw cause;
    throw new FiredrillError('RESTORE_FAILED', `the copy of grafana.db cannot be prepared: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function takeOver(db: DatabaseSync): Login {
  const columns = new Set(
    db
      .prepare("SELECT name FROM pragma_table_info('user')")
      .all()
      .map(({ name }) => name),
  );
  const people = ['is_disabled', 'is_service_account'].filter((column) => columns.has(column));
  const filter = people.map((column) => `AND NOT coalesce(${column}, 0)`).join(' ');
  const user = db
    .prepare(`SELECT id, login, salt FROM user WHERE true ${filter} ORDER BY is_admin DESC, id LIMIT 1`)
    .get();
  if (!user)
    throw new FiredrillError('RESTORE_FAILED', 'the restored Grafana has no enabled user: nobody could log in');
  const id = Number(user.id);
  const password = randomBytes(24).toString('base64url');
  const hash = pbkdf2Sync(password, String(user.salt ?? ''), 10_000, 50, 'sha256').toString('hex');
  db.prepare('UPDATE user SET password = ?, is_admin = 1 WHERE id = ?').run(hash, id);
  db.prepare("UPDATE org_user SET role = 'Admin' WHERE user_id = ?").run(id);
  db.prepare(
    `INSERT INTO org_user (org_id, user_id, role, created, updated)
     SELECT id, ?, 'Admin', datetime('now'), datetime('now') FROM org
     WHERE id NOT IN (SELECT org_id FROM org_user WHERE user_id = ?)`,
  ).run(id, id);
  return { username: String(user.login), password };
}
