import type { Activity } from '../../kit/activity.ts';
import type { CheckResult } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import { checkContent } from './checks/content.ts';
import { GrafanaDatabase } from './database/grafana-database.ts';
import { readDatabaseFacts } from './facts.ts';
import { rebuild } from './restore/rebuild.ts';
import { decodedResults } from './restore.ts';
import { scratchSpace } from './source/scratch-space.ts';

/** Decodes a member and compares its database and its files with the facts, without a server. */
export async function verifyGrafana(member: OpenMember, activity: Activity): Promise<CheckResult[]> {
  await using scratch = await scratchSpace();
  const rebuilt = await rebuild(member, scratch.file('.'), activity);
  using db = new GrafanaDatabase(rebuilt.databasePath, 'ARTIFACT_FORMAT');
  const found = { database: readDatabaseFacts(db), files: rebuilt.beside.files };
  return [...decodedResults(member, rebuilt), checkContent(member.manifest.service, rebuilt.facts, found, 'not asked')];
}
