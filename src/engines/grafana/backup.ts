import { createReadStream } from 'node:fs';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { count } from '../../kit/text.ts';
import type { ArtifactSink, DumpRecord } from '../../model/member.ts';
import type { Source } from '../engine.ts';
import { GrafanaDatabase } from './database/grafana-database.ts';
import { assertIntegrity, missingTables, plantedObjects } from './database/soundness.ts';
import { factsAsJson, type GrafanaFacts, readFacts } from './facts.ts';
import { countSecrets } from './secrets/seals.ts';
import { chooseSecretKey, type SecretKey } from './secrets/secret-key.ts';
import type { GrafanaSettings } from './settings.ts';
import { copyDatabase } from './source/copy-database.ts';
import { copyFiles } from './source/copy-files.ts';
import { scratchSpace } from './source/scratch-space.ts';
import { sourceVersion } from './source/source-version.ts';

export const databaseArtifact = 'grafana.db';
export const filesArtifact = 'files.tar';

/** A consistent copy of grafana.db, proven before it is stored, and the files beside it. */
export async function backUpGrafana(
  { host, settings, service }: Source<GrafanaSettings>,
  sink: ArtifactSink,
  activity: Activity,
): Promise<DumpRecord> {
  const { signal } = activity;
  const tell = (text: string) => activity.tell({ service, phase: 'backup', text });
  await using scratch = await scratchSpace();
  const engineVersion = await sourceVersion(host, settings, signal);
  const tarFile = scratch.file('files.tar');
  const beside = await copyFiles(host, settings.files, tarFile, signal);
  tell(`copying ${settings.database}`);
  const copy = await activity.native('copy', () => copyDatabase(host, settings.database, scratch, activity));
  const key = chooseSecretKey(settings.secretKey, beside.ini);
  const facts = proveCopy(copy.path, key, beside.files);
  tell(`copied ${count(facts.semantics.dashboards, 'dashboard')}, ${count(beside.files.length, 'file')} beside`);
  await sink.add(databaseArtifact, 'database', 'zstd', createReadStream(copy.path));
  await sink.add(filesArtifact, 'files', 'zstd', createReadStream(tarFile));
  return {
    dataAt: copy.dataAt.toISOString(),
    engineVersion,
    identity: { organisations: facts.organisations.map(({ name }) => name) },
    tools: { sqlite: copy.sqlite, copy: copy.method },
    position: null,
    facts: factsAsJson(facts),
  };
}

function proveCopy(path: string, key: SecretKey, files: GrafanaFacts['files']): GrafanaFacts {
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
  return facts;
}

/** From Grafana 12 on dashboards may lie in another form, of which the facts would know nothing. */
function assertNoUnifiedStorage(db: GrafanaDatabase) {
  if (!db.hasTable('resource')) return;
  const sql = `SELECT count(*) FROM resource WHERE "group" = 'dashboard.grafana.app' AND resource = 'dashboards'
    AND name NOT IN (SELECT uid FROM dashboard WHERE uid IS NOT NULL)`;
  const beyond = db.count(sql);
  if (beyond === 0) return;
  const sentence = `${count(beyond, 'dashboard')} of this Grafana lie in its unified storage only, which is not understood yet`;
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
