import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { collect } from '../../kit/streams.ts';
import { plainLine } from '../../kit/text.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { ArtifactEntry } from '../../model/manifest.ts';
import type { OpenMember } from '../../model/member.ts';
import { ArchiveTally } from './archive-tally.ts';
import type { Facts, MeasurementFacts, ShardFacts } from './facts.ts';
import { nsOf } from './instants.ts';
import { assertGoesOn } from './interrupted.ts';
import { maxPortableManifestBytes, type PortableFile, parsePortableManifest } from './portable-manifest.ts';
import { withScratch } from './scratch.ts';
import { readShardArchive } from './shard-archive.ts';

/** The shards of a member, as three witnesses tell them: the facts, the dump's own manifest, and the artifacts. */
export interface DumpedShard {
  facts: ShardFacts;
  file: PortableFile;
  artifact: ArtifactEntry;
}

export interface Completeness {
  result: CheckResult;
  /** Those for which all witnesses agree. */
  shards: DumpedShard[];
}

/** Is each shard that the server had in the dump's manifest and among the artifacts, and nothing else? */
export async function judgeCompleteness(member: OpenMember, facts: Facts): Promise<Completeness> {
  const { service } = member.manifest;
  const look = new Look('completeness', service, 'shards and metadata files', facts.shards.length + 2);
  const fail = (sentence: string) => look.fail({ sentence: `${service}: ${sentence}`, next: 'firedrill list' });
  const [manifestEntry, metaEntry] = [member.byRole('manifest')[0], member.byRole('meta')[0]];
  const manifest = manifestEntry && (await readManifest(member, manifestEntry));
  look.sawOne(2);
  if (!manifest) fail('the backup has no manifest of influxd backup');
  if (!metaEntry || metaEntry.bytes === 0) fail('the backup has no metadata of the server');
  const shards: DumpedShard[] = [];
  for (const shard of facts.shards) {
    look.sawOne();
    const file = manifest?.files.find((each) => each.shardID === shard.id);
    const artifact = file && member.byRole('shard').find((entry) => entry.name === file.fileName);
    if (!file) fail(`shard ${shard.id} of ${shard.policy} is not in the manifest of influxd backup`);
    else if (!artifact) fail(`the archive of shard ${shard.id} of ${shard.policy} is missing`);
    else if (file.database !== facts.database || file.policy !== shard.policy) {
      fail(`shard ${shard.id} is said to be of ${plainLine(file.database)}.${plainLine(file.policy)}`);
    } else shards.push({ facts: shard, file, artifact });
  }
  const known = new Set(facts.shards.map(({ id }) => id));
  const foreign = manifest?.files.find((file) => !known.has(file.shardID));
  if (foreign) fail(`shard ${foreign.shardID} is in the dump, and is not one that the server had`);
  look.compare('shards', facts.shards.length, shards.length);
  return { result: look.result(), shards };
}

async function readManifest(member: OpenMember, { name }: ArtifactEntry) {
  return parsePortableManifest(
    await collect(member.content(name), maxPortableManifestBytes, 'the manifest of influxd backup'),
  );
}

export interface Recount {
  result: CheckResult;
  /** null when not all of the dump could be read. */
  measurements: MeasurementFacts[] | null;
}

/** Decodes each archive to its end, checks every block's CRC, and counts the points once more. */
export function judgeFormat(member: OpenMember, shards: readonly DumpedShard[], activity: Activity): Promise<Recount> {
  const { service, dataAt } = member.manifest;
  return withScratch(async (scratch) => {
    const look = new Look('format', service, 'shard archives', shards.length);
    const tally = new ArchiveTally(scratch, nsOf(new Date(dataAt)));
    for (const shard of shards) {
      assertGoesOn(activity.signal);
      look.sawOne();
      const problem = await readOne(member, shard, tally, scratch);
      if (problem) look.fail({ sentence: `${service}: ${problem}`, next: 'firedrill list' });
    }
    const result = look.result();
    return { result, measurements: result.outcome === 'pass' ? await tally.measurements() : null };
  });
}

/** What is wrong with one archive, in a sentence. Damage that the manifest shows, and limits, are thrown. */
async function readOne(member: OpenMember, shard: DumpedShard, tally: ArchiveTally, scratch: string) {
  const { artifact, file, facts } = shard;
  try {
    const content = member.content(artifact.name);
    const { files } = await readShardArchive({ content, bytes: artifact.bytes, file }, tally, scratch);
    const same = (name: string, sha256: string) => files.some((each) => each.name === name && each.sha256 === sha256);
    const changed = facts.files.find((each) => !same(each.name, each.sha256));
    if (changed) return `${artifact.name} does not hold ${plainLine(changed.name)} as it was dumped`;
    return files.length > facts.files.length ? `${artifact.name} holds more files than were dumped` : undefined;
  } catch (error) {
    if (!isFiredrillError(error, 'ARTIFACT_FORMAT')) throw error;
    return error.message;
  }
}

/** For what must not go on with a bad dump: the first finding as an error of the right name. */
export function assertGood(result: CheckResult) {
  if (result.outcome === 'pass') return;
  const code = result.check === 'format' ? 'ARTIFACT_FORMAT' : 'ARTIFACT_INCOMPLETE';
  throw new FiredrillError(code, result.findings[0]?.sentence ?? `${result.check} could not be judged`);
}
