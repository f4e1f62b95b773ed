import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import { checkContent, compareFiles } from './checks/content.ts';
import { GrafanaDatabase } from './database/grafana-database.ts';
import { factsOf, readDatabaseFacts } from './facts.ts';
import { DeltaReader } from './pages/read-delta.ts';
import { completenessOf, decodedResults } from './restore/decoded.ts';
import { artifactOf, assertNoneMissing, missingFiles, rebuild } from './restore/rebuild.ts';
import { readFiles } from './source/copy-files.ts';
import { scratchSpace } from './source/scratch-space.ts';

/** Decodes a member and compares what is in it with the facts, without a server. */
export function verifyGrafana(member: OpenMember, activity: Activity): Promise<CheckResult[]> {
  return member.manifest.kind === 'full' ? verifyFull(member, activity) : verifyIncrement(member, activity);
}

async function verifyFull(member: OpenMember, activity: Activity): Promise<CheckResult[]> {
  await using scratch = await scratchSpace();
  const rebuilt = await rebuild([member], scratch.file('.'), activity);
  using db = new GrafanaDatabase(rebuilt.databasePath, 'ARTIFACT_FORMAT');
  const found = { database: readDatabaseFacts(db), files: rebuilt.beside.files };
  const content = checkContent(member.manifest.service, rebuilt.facts, found, 'not asked');
  return [...decodedResults([member], rebuilt), content];
}

/** Its full is not at hand: the pages are judged by themselves. What they make of the full is judged by a drill. */
async function verifyIncrement(member: OpenMember, { signal }: Activity): Promise<CheckResult[]> {
  const { service, artifacts } = member.manifest;
  const facts = factsOf(member.manifest);
  const delta = await DeltaReader.open(member.content(artifactOf(member, 'delta')));
  let pages = 0;
  for await (const _ of delta.blocks()) {
    if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'the verification of Grafana was stopped');
    pages += 1;
  }
  const beside = await readFiles(member.content(artifactOf(member, 'files')));
  assertNoneMissing(missingFiles(beside.files, facts));
  const format = new Look('format', service, 'artifacts', artifacts.length).sawOne(2);
  const content = new Look('content', service, 'changed pages and files', delta.header.records + facts.files.length);
  content.sawOne(pages).compare('changed pages with the right hash', delta.header.records, pages);
  compareFiles(content, service, facts.files, beside.files);
  return [format.result(), completenessOf(service, facts, beside), content.result()];
}
