import type { Activity } from '../../kit/activity.ts';
import type { Session } from './client.ts';
import { readIdentity } from './snapshot.ts';
import { assertPrivileges, type MysqlSource, openSource } from './source.ts';
import { assertSuitable } from './suitability.ts';
import { engineVersionOf } from './version.ts';

/** Who the server is; throws when the account lacks a privilege for such a backup, or the server does not suit. */
export async function examineSource(session: Session, source: MysqlSource, kind: 'full' | 'incremental') {
  const identity = await readIdentity(session, source);
  const engineVersion = engineVersionOf(identity.version, source.service);
  await assertPrivileges(session, source, kind);
  await assertSuitable(session, source);
  return { identity, engineVersion };
}

/** As many sessions as may read side by side; they close with `held`. */
export async function openReaders(source: MysqlSource, held: AsyncDisposableStack, activity: Activity) {
  const sessions: Session[] = [];
  for (let i = 0; i < source.settings.connections; i += 1) {
    sessions.push(held.use(await openSource(source, activity)));
  }
  return sessions;
}
