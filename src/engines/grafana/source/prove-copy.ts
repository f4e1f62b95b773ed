import { FiredrillError } from '../../../kit/errors.ts';
import { count } from '../../../kit/text.ts';
import { GrafanaDatabase } from '../database/grafana-database.ts';
import { installationOf } from '../database/installation.ts';
import { assertIntegrity, missingTables, plantedObjects } from '../database/soundness.ts';
import { type FileFacts, type GrafanaFacts, readFacts } from '../facts.ts';
import { countSecrets } from '../secrets/seals.ts';
import type { SecretKey } from '../secrets/secret-key.ts';

/** Proves a fresh copy and reads its facts. BACKUP_INCOMPLETE when it is damaged, SOURCE_UNSUITABLE when it is not to be trusted. */
export function proveCopy(
  path: string,
  key: SecretKey,
  files: FileFacts[],
): { facts: GrafanaFacts; installation: string } {
  using db = new GrafanaDatabase(path, 'BACKUP_INCOMPLETE');
  assertIntegrity(db, 'BACKUP_INCOMPLETE');
  const missing = missingTables(db);
  if (missing.length > 0) {
    throw new FiredrillError(
      'SOURCE_UNSUITABLE',
      `this is no database of Grafana: it has no table ${missing.join(', ')}`,
    );
  }
  const planted = plantedObjects(db);
  if (planted.length > 0) {
    const sentence = `grafana.db holds what Grafana never makes: ${planted.join(', ')}`;
    const hint = 'A trigger runs in the server itself. Find out who made it, and remove it.';
    throw new FiredrillError('SOURCE_UNSUITABLE', sentence, { hint });
  }
  assertNoUnifiedStorage(db);
  const facts = readFacts(db, key.value, files);
  assertKeyFits(facts, key);
  return { facts, installation: installationOf(db) };
}

/** From Grafana 12 on dashboards and folders may lie in another form, of which the facts would know nothing. */
function assertNoUnifiedStorage(db: GrafanaDatabase) {
  if (!db.hasTable('resource')) return;
  const beyond = (group: string, resource: string) =>
    db.count(
      `SELECT count(*) FROM resource WHERE "group" = ? AND resource = ?
       AND name NOT IN (SELECT uid FROM dashboard WHERE uid IS NOT NULL)`,
      ...[group, resource],
    );
  const [dashboards, folders] = [
    beyond('dashboard.grafana.app', 'dashboards'),
    beyond('folder.grafana.app', 'folders'),
  ];
  if (dashboards + folders === 0) return;
  const what = [count(dashboards, 'dashboard'), ...(folders > 0 ? [count(folders, 'folder')] : [])].join(' and ');
  const sentence = `${what} of this Grafana lie in its unified storage only, which is not understood yet`;
  const hint = 'Such a backup could not be checked. Back up this Grafana by other means for now.';
  throw new FiredrillError('SOURCE_UNSUITABLE', sentence, { hint });
}

/** A key that opens nothing is another one: the restored service would send garbage as passwords, and say nothing. */
function assertKeyFits({ secrets }: GrafanaFacts, key: SecretKey) {
  const { unopened } = countSecrets(secrets);
  const opened = secrets.columns
    .filter(({ column }) => column.includes('secure') || column === 'secrets.value')
    .reduce((sum, column) => sum + column.secrets.length, 0);
  const byAnotherService = unopened.every(({ why }) => why.startsWith('only '));
  if (unopened.length === 0 || opened > 0 || byAnotherService) return;
  const sentence = `secret_key of ${key.from} opens none of the ${unopened.length} secrets in grafana.db`;
  throw new FiredrillError('SOURCE_UNSUITABLE', sentence, {
    hint: "Set settings.secretKey to Grafana's own, for instance that of GF_SECURITY_SECRET_KEY.",
  });
}
