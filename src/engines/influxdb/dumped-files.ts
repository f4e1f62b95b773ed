import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { collect } from '../../kit/streams.ts';
import { plainLine } from '../../kit/text.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { ArtifactEntry } from '../../model/manifest.ts';
import type { OpenMember } from '../../model/member.ts';
import { type Facts, factsOf, type MeasurementFacts, type ShardFacts } from './facts.ts';
import { nsOf } from './instants.ts';
import { assertGoesOn } from './interrupted.ts';
import {
  maxPortableManifestBytes,
  type PortableFile,
  parsePortableManifest,
  type RawPortableManifest,
  rawPortableManifest,
} from './portable-manifest.ts';
import { storedIn } from './position.ts';
import { withScratch } from './scratch.ts';
import { SpooledShard } from './shard-archive.ts';
import { ShardTally } from './shard-tally.ts';

/** One shard, as three witnesses tell it: the facts, the manifest of the dump that it was stored from, and the artifact. */
export interface DumpedShard {
  facts: ShardFacts;
  /** The newest member of the chain that stored it. */
  member: OpenMember;
  file: PortableFile;
  artifact: ArtifactEntry;
}

export interface Completeness {
  result: CheckResult;
  /** Those for which all witnesses agree. */
  shards: DumpedShard[];
  /** Of influxd's backup of the newest member: its own fields, as they are. */
  dump: RawPortableManifest | undefined;
}

/**
 * Is each shard that the server had in a manifest of a dump and among the artifacts, and nothing else? Of a chain, the
 * newest member that stored a shard counts. An increment alone holds only what it stored.
 */
export async function judgeCompleteness(chain: readonly OpenMember[], facts: Facts): Promise<Completeness> {
  return judgeDumps(await readDumps(chain), facts);
}

/** As `judgeCompleteness` for each member of a chain, as if it were the newest: other restore points need what this one passes over. */
export async function judgePoints(chain: readonly OpenMember[]): Promise<Completeness[]> {
  const dumps = await readDumps(chain);
  return chain.map((member, i) => judgeDumps(dumps.slice(0, i + 1), factsOf(member.manifest)));
}

interface Dumped {
  member: OpenMember;
  dump: Awaited<ReturnType<typeof readDump>>;
  stored: Set<number>;
  archives: Map<string, ArtifactEntry>;
}

function readDumps(chain: readonly OpenMember[]): Promise<Dumped[]> {
  return Promise.all(
    chain.map(async (member) => {
      const archives = new Map(member.byRole('shard').map((entry) => [entry.name, entry]));
      return { member, dump: await readDump(member), stored: new Set(storedIn(member.manifest)), archives };
    }),
  );
}

function judgeDumps(dumps: readonly Dumped[], facts: Facts): Completeness {
  const newest = (dumps.at(-1) as Dumped).member;
  const { service, kind } = newest.manifest;
  const look = new Look('completeness', service, 'shards and metadata files', facts.shards.length + 2);
  const fail = (sentence: string) => look.fail({ sentence: `${service}: ${sentence}`, next: 'firedrill list' });
  const own = dumps.at(-1)?.dump;
  const metaEntry = newest.byRole('meta')[0];
  look.sawOne(2);
  if (!own) fail('the backup has no manifest of influxd backup');
  if (!metaEntry || metaEntry.bytes === 0) fail('the backup has no metadata of the server');
  const alone = dumps.length === 1 && kind === 'incremental';
  const shards: DumpedShard[] = [];
  for (const shard of facts.shards) {
    look.sawOne();
    const owner = dumps.findLast(({ stored }) => stored.has(shard.id));
    if (!owner && alone) continue;
    const file = (owner?.dump ?? own)?.byShard.get(shard.id);
    const artifact = file && owner?.archives.get(file.fileName);
    if (!file) fail(`shard ${shard.id} of ${shard.policy} is not in the manifest of influxd backup`);
    else if (!owner || !artifact) fail(`the archive of shard ${shard.id} of ${shard.policy} is missing`);
    else if (file.database !== facts.database || file.policy !== shard.policy) {
      fail(`shard ${shard.id} is said to be of ${plainLine(file.database)}.${plainLine(file.policy)}`);
    } else shards.push({ facts: shard, member: owner.member, file, artifact });
  }
  const known = new Set(facts.shards.map(({ id }) => id));
  const foreign = own?.files.find((file) => !known.has(file.shardID));
  if (foreign) fail(`shard ${foreign.shardID} is in the dump, and is not one that the server had`);
  look.compare('shards', alone ? storedIn(newest.manifest).length : facts.shards.length, shards.length);
  return { result: look.result(), shards, dump: own?.raw };
}

async function readDump(member: OpenMember) {
  const [entry] = member.byRole('manifest');
  if (!entry) return undefined;
  const bytes = await collect(member.content(entry.name), maxPortableManifestBytes, 'the manifest of influxd backup');
  const { files } = parsePortableManifest(bytes);
  return { raw: rawPortableManifest(bytes), files, byShard: new Map(files.map((file) => [file.shardID, file])) };
}

export interface Recount {
  result: CheckResult;
  /** What each archive holds; null when not all of them could be read. */
  measurements: { facts: ShardFacts; found: MeasurementFacts[] }[] | null;
}

/** Decodes each archive to its end, checks every block's CRC, and counts the points once more. */
export function judgeFormat(service: string, shards: readonly DumpedShard[], activity: Activity): Promise<Recount> {
  return withScratch(async (scratch) => {
    const look = new Look('format', service, 'shard archives', Math.max(shards.length, 1));
    // An increment without any changed shard has nothing to decode.
    if (shards.length === 0) look.sawOne();
    const measurements: { facts: ShardFacts; found: MeasurementFacts[] }[] = [];
    for (const shard of shards) {
      assertGoesOn(activity.signal);
      look.sawOne();
      const tally = new ShardTally(shard.facts.policy, nsOf(new Date(shard.member.manifest.dataAt)));
      const problem = await readOne(shard, tally, scratch, activity.signal);
      if (problem) look.fail({ sentence: `${service}: ${problem}`, next: 'firedrill list' });
      else measurements.push({ facts: shard.facts, found: tally.measurements() });
    }
    const result = look.result();
    return { result, measurements: result.outcome === 'pass' ? measurements : null };
  });
}

/** What is wrong with one archive, in a sentence. Damage that the manifest shows, and limits, are thrown. */
async function readOne(
  { artifact, file, facts, member }: DumpedShard,
  tally: ShardTally,
  scratch: string,
  signal: AbortSignal,
) {
  try {
    const content = member.content(artifact.name);
    await using spooled = await SpooledShard.of({ content, bytes: artifact.bytes, file }, scratch);
    await spooled.read(tally, signal);
    const { files, contentSha256 } = spooled.facts;
    const hashes = new Map(files.map((each) => [each.name, each.sha256]));
    const changed = facts.files.find((each) => hashes.get(each.name) !== each.sha256);
    if (changed) return `${artifact.name} does not hold ${plainLine(changed.name)} as it was dumped`;
    if (files.length === facts.files.length && contentSha256 !== facts.contentSha256) {
      return `${artifact.name} does not hold the deletions that were dumped`;
    }
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
