import { join } from 'node:path';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { assertRoom } from '../../../kit/files.ts';
import { formatBytes } from '../../../kit/units.ts';
import type { OpenMember } from '../../../model/member.ts';
import { GrafanaDatabase } from '../database/grafana-database.ts';
import { assertIntegrity, assertKeys, assertWholeFile, missingTables, plantedObjects } from '../database/soundness.ts';
import { type FileFacts, factsOf, type GrafanaFacts } from '../facts.ts';
import { applyDelta } from '../pages/apply-delta.ts';
import { type FilesBeside, readFiles } from '../source/copy-files.ts';
import { spool } from '../source/spool.ts';

export interface Rebuilt {
  /** The database as it was backed up; nothing ever writes it. */
  databasePath: string;
  beside: FilesBeside;
  facts: GrafanaFacts;
}

/** The full, and the increment that is wanted: each is a delta against the full. */
export type RestorableChain = readonly [full: OpenMember, increment?: OpenMember | undefined];

/**
 * Decodes the artifacts of a chain into `folder` and judges the database without a server. ARTIFACT_FORMAT for what
 * SQLite cannot take, LIMIT_EXCEEDED for what was planted and for more than `mostBytes`, ARTIFACT_INCOMPLETE for missing parts.
 */
export async function rebuild(
  [full, increment]: RestorableChain,
  folder: string,
  { signal }: Activity,
  mostBytes = Number.POSITIVE_INFINITY,
): Promise<Rebuilt> {
  await assertFits(full, increment, folder, mostBytes);
  const newest = increment ?? full;
  const facts = factsOf(newest.manifest);
  const databasePath = join(folder, 'pristine.db');
  const base = await spool(full.content(artifactOf(full, 'database')), databasePath);
  if (increment) await applyDelta(increment.content(artifactOf(increment, 'delta')), databasePath, base, signal);
  const beside = await readFiles(newest.content(artifactOf(newest, 'files')));
  assertGoOn(signal);
  await assertWholeFile(databasePath);
  using db = new GrafanaDatabase(databasePath, 'ARTIFACT_FORMAT');
  assertNothingPlanted(db);
  assertKeys(db);
  assertIntegrity(db, 'ARTIFACT_FORMAT');
  assertComplete(db, beside, facts);
  return { databasePath, beside, facts };
}

/** The database and the copy that the server gets. A delta holds all by which it makes its base grow. */
async function assertFits(full: OpenMember, increment: OpenMember | undefined, folder: string, mostBytes: number) {
  const entries = [...full.byRole('database'), ...(increment?.byRole('delta') ?? [])];
  const bytes = entries.reduce((sum, { contentBytes }) => sum + contentBytes, 0);
  if (bytes <= mostBytes) return assertRoom(folder, 2 * bytes, 'to rebuild grafana.db, firedrill');
  const sentence = `grafana.db is said to have up to ${formatBytes(bytes)}; the limit is ${formatBytes(mostBytes)}`;
  throw new FiredrillError('LIMIT_EXCEEDED', sentence);
}

export function artifactOf(member: OpenMember, role: string): string {
  const [entry, ...more] = member.byRole(role);
  if (entry && more.length === 0) return entry.name;
  const sentence = `the manifest of ${member.manifest.id} names ${more.length ? 'several' : 'no'} artifacts in the role ${role}`;
  throw new FiredrillError('ARTIFACT_INCOMPLETE', sentence);
}

function assertGoOn(signal: AbortSignal) {
  if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'the restore of Grafana was stopped');
}

function assertNothingPlanted(db: GrafanaDatabase) {
  const planted = plantedObjects(db);
  if (planted.length === 0) return;
  const sentence = `grafana.db holds what Grafana never makes and what would run in the restored server: ${planted.join(', ')}`;
  throw new FiredrillError('LIMIT_EXCEEDED', sentence, { hint: 'Do not use this member; find out who changed it.' });
}

function assertComplete(db: GrafanaDatabase, { files }: FilesBeside, facts: GrafanaFacts) {
  const missing = [...missingTables(db).map((table) => `table ${table}`), ...missingFiles(files, facts)];
  assertNoneMissing(missing);
}

export function missingFiles(files: FileFacts[], facts: GrafanaFacts): string[] {
  const found = new Set(files.map(({ name }) => name));
  return facts.files.filter(({ name }) => !found.has(name)).map(({ name }) => `file ${name}`);
}

export function assertNoneMissing(missing: string[]) {
  if (missing.length === 0) return;
  const sentence = `parts of the backup are missing: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ' …' : ''}`;
  throw new FiredrillError('ARTIFACT_INCOMPLETE', sentence, { detail: missing.slice(0, 20) });
}
