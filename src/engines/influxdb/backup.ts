import type { Readable } from 'node:stream';
import { outputOf } from '../../hosts/output.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import type { Json } from '../../kit/json.ts';
import { readTar, type TarEntry } from '../../kit/tar.ts';
import { plainLine } from '../../kit/text.ts';
import type { Link } from '../../model/chain.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { ArtifactSink, DumpRecord } from '../../model/member.ts';
import type { Source } from '../engine.ts';
import { assertNewestCaptured, liveNewest } from './captured.ts';
import type { InfluxClient } from './client.ts';
import { composeMeasurements, composeNewest } from './compose-facts.ts';
import { type Facts, factsOf, type ShardFacts } from './facts.ts';
import { assertGoesOn } from './interrupted.ts';
import {
  type ListedShard,
  listContinuousQueries,
  listPolicies,
  listShards,
  listUsers,
  serverHostname,
} from './inventory.ts';
import { type PortableFile, parsePortableManifest } from './portable-manifest.ts';
import { RemoteDump } from './remote-dump.ts';
import { withScratch } from './scratch.ts';
import { SeriesCount } from './series-count.ts';
import type { InfluxdbSettings } from './settings.ts';
import { contentHash, SpooledShard } from './shard-archive.ts';
import { ShardJudge, type StoredShard } from './shard-judge.ts';
import { asAdmin, sourceClient, suitableVersion } from './source-client.ts';
import { tee } from './tee.ts';

/** One full backup by `influxd backup -portable`; its facts are counted in the archive itself. */
export function backupFull(
  source: Source<InfluxdbSettings>,
  sink: ArtifactSink,
  activity: Activity,
): Promise<DumpRecord> {
  return withScratch((scratch) => new DatabaseBackup(source, sink, activity, scratch, undefined).make());
}

/**
 * The whole shards that have changed since the newest member of the chain. The server dumps all of them on its host; by
 * the hashes of their files, looked at there, only the changed ones are fetched. So no clock and no file time decides.
 */
export function backupIncrement(
  source: Source<InfluxdbSettings>,
  chain: readonly Link[],
  sink: ArtifactSink,
  activity: Activity,
): Promise<DumpRecord> {
  const before = (chain.at(-1) as Link).manifest;
  return withScratch((scratch) => new DatabaseBackup(source, sink, activity, scratch, before).make());
}

type Answers = Omit<Facts, 'shards' | 'measurements' | 'newest'>;

class DatabaseBackup {
  readonly #source: Source<InfluxdbSettings>;
  readonly #sink: ArtifactSink;
  readonly #activity: Activity;
  readonly #scratch: string;
  readonly #before: Manifest | undefined;
  readonly #client: InfluxClient;

  /** @param before the newest member of the chain; undefined for a full */
  constructor(
    source: Source<InfluxdbSettings>,
    sink: ArtifactSink,
    activity: Activity,
    scratch: string,
    before: Manifest | undefined,
  ) {
    this.#before = before;
    this.#source = source;
    this.#sink = sink;
    this.#activity = activity;
    this.#scratch = scratch;
    this.#client = sourceClient(source, activity.signal);
  }

  async make(): Promise<DumpRecord> {
    const { host, settings } = this.#source;
    const { database } = settings;
    const engineVersion = await suitableVersion(this.#client, database);
    const answers = await asAdmin('the server was asked for its inventory', () => this.#answers());
    const hostname = await serverHostname(this.#client);
    const before = await this.#shards();
    if (this.#before) assertSameSource(this.#before, { engineVersion, database, hostname }, before);
    const newestBefore = await liveNewest(this.#client, database, answers.policies, before);
    const tools = { influxd: await this.#toolVersion() };
    const at = this.#activity.clock.now();
    const series = this.#before ? undefined : new SeriesCount(this.#scratch);
    await using dump = await RemoteDump.begin(host, settings.dumpFolder, this.#activity);
    this.#tell('influxd backup is running');
    await this.#activity.native('influxd backup', () => dump.run(this.#source));
    await using judge = new ShardJudge(at, series, this.#activity.signal);
    const { shards, stored } = await this.#fetch(dump, before, judge);
    assertGoesOn(this.#activity.signal);
    const composed = composeMeasurements(shards);
    const measurements = (await series?.exact(composed)) ?? composed;
    assertNewestCaptured(newestBefore, measurements);
    return {
      dataAt: at.toISOString(),
      engineVersion,
      identity: { database, hostname },
      tools,
      position: { shards: shards.map(({ id, policy, start }) => ({ id, policy, start })), stored },
      facts: { ...answers, shards, measurements, newest: composeNewest(shards) } as unknown as Json,
    };
  }

  async #answers(): Promise<Answers> {
    const { database } = this.#source.settings;
    return {
      database,
      policies: await listPolicies(this.#client, database),
      continuousQueries: await listContinuousQueries(this.#client, database),
      users: await listUsers(this.#client, database),
    };
  }

  async #shards(): Promise<ListedShard[]> {
    const { database } = this.#source.settings;
    const shards = await listShards(this.#client, database);
    if (shards.length > 0) return shards;
    throw new FiredrillError('SOURCE_UNSUITABLE', `database ${database} has no shard yet: there is nothing to back up`);
  }

  async #toolVersion(): Promise<string> {
    const { signal } = this.#activity;
    const said = await outputOf(this.#source.host, { tool: 'influxd', args: ['version'], signal, deadlineMs: 60_000 });
    return plainLine(said.trim(), 200);
  }

  /** Stores the dump's files. A shard is judged while the next one comes. */
  async #fetch(
    dump: RemoteDump,
    before: readonly ListedShard[],
    judge: ShardJudge,
  ): Promise<{ shards: ShardFacts[]; stored: number[] }> {
    const { database } = this.#source.settings;
    const manifest = await this.#judged(async () => parsePortableManifest(Buffer.from(await dump.manifest())));
    const expected = new Map(manifest.files.map((file) => [file.fileName, file]));
    const after = await this.#shards();
    const listed = new Map([...before, ...after].map((shard) => [shard.id, shard]));
    assertAllShards(database, manifest.files, before, after);
    const unchanged = await this.#judged(() => this.#unchanged(dump, manifest.files, listed));
    for (const { file } of unchanged) expected.delete(file.fileName);
    const shards = unchanged.map(({ shard }) => shard);
    const stored = new Set<string>();
    const files = dump.files([...expected.keys()]);
    files.done.catch(() => {});
    await this.#judged(async () => {
      for await (const entry of readTar(files.stream)) {
        assertGoesOn(this.#activity.signal);
        stored.add(entry.name);
        const file = expected.get(entry.name);
        if (file) await judge.next(await this.#storeShard(entry, file, listed.get(file.shardID)));
        else await this.#storeSmall(entry, manifest.meta.fileName);
      }
      await files.done;
      shards.push(...(await judge.all()));
    });
    const missing = [manifest.meta.fileName, ...expected.keys()].find((name) => !stored.has(name));
    if (missing) throw incomplete(`the backup has no file ${plainLine(missing)}, which its manifest lists`);
    const ids = [...expected.values()].map((file) => file.shardID).sort((a, b) => a - b);
    return { shards: shards.sort((a, b) => a.id - b.id), stored: ids };
  }

  /** Shards that hold what the chain has already; of these the chain's facts hold, too. */
  async #unchanged(dump: RemoteDump, files: readonly PortableFile[], listed: ReadonlyMap<number, ListedShard>) {
    if (!this.#before) return [];
    const known = new Map(factsOf(this.#before).shards.map((shard) => [shard.id, shard]));
    const contents = await dump.contents();
    return files.flatMap((file) => {
      const [shard, now, content] = [known.get(file.shardID), listed.get(file.shardID), contents.get(file.fileName)];
      const same = shard && now && content && contentHash(content) === shard.contentSha256;
      return same ? [{ file, shard: { ...shard, ...now } }] : [];
    });
  }

  async #storeShard(entry: TarEntry, file: PortableFile, listed: ListedShard | undefined): Promise<StoredShard> {
    if (!listed || listed.policy !== file.policy) throw incomplete(`shard ${file.shardID} is not one of the server's`);
    this.#tell(`shard ${file.shardID} of ${file.policy}`, entry.size);
    const [toStore, toRead] = tee(entry.content);
    const [, spooled] = await bothOf(
      this.#sink.add(entry.name, 'shard', 'none', toStore),
      SpooledShard.of({ content: toRead, bytes: entry.size, file }, this.#scratch),
      toRead,
    );
    return { listed, spooled };
  }

  async #storeSmall(entry: TarEntry, metaName: string) {
    const role = entry.name === metaName ? 'meta' : entry.name.endsWith('.manifest') ? 'manifest' : undefined;
    if (!role) throw incomplete(`the backup holds ${plainLine(entry.name)}, which its manifest does not list`);
    if (entry.size === 0) throw incomplete(`${plainLine(entry.name)} is empty`);
    await this.#sink.add(entry.name, role, 'none', entry.content);
  }

  /** Whatever is wrong with a fresh dump, it is not a backup. */
  async #judged<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isFiredrillError(error, 'ARTIFACT_FORMAT', 'LIMIT_EXCEEDED', 'TOOL_FAILED')) throw error;
      throw incomplete(`the dump is not whole: ${error.message}`, error);
    }
  }

  #tell(text: string, bytes?: number) {
    const { service } = this.#source;
    this.#activity.tell({ service, phase: 'backup', text, ...(bytes === undefined ? {} : { bytes }) });
  }
}

/** What the chain was made from must still be what is there. */
function assertSameSource(
  before: Manifest,
  now: { engineVersion: string; database: string; hostname: string },
  shards: readonly ListedShard[],
) {
  const { engineVersion, identity } = before.source;
  if (engineVersion !== now.engineVersion) {
    throw broken(`the server was upgraded from ${engineVersion} to ${now.engineVersion}`);
  }
  if (identity.database !== now.database) throw broken(`another database is configured than before`);
  if (identity.hostname !== now.hostname) throw broken(`the server runs on another machine now (${now.hostname})`);
  const known = factsOf(before).shards;
  if (known.every(({ id }) => shards.every((shard) => shard.id !== id))) {
    throw broken('none of the shards of the backup before is left: the server was rebuilt');
  }
  for (const { id, policy, start } of known) {
    const same = shards.find((shard) => shard.id === id);
    if (same && (same.policy !== policy || same.start !== start)) {
      throw broken(`shard ${id} is another one than before: the server was rebuilt`);
    }
  }
}

function broken(why: string) {
  return new FiredrillError('CHAIN_BROKEN', plainLine(why));
}

/** Shards come and go while the dump runs: those that were there before and after it must be in it. */
function assertAllShards(
  database: string,
  files: readonly PortableFile[],
  before: readonly ListedShard[],
  after: readonly ListedShard[],
) {
  const foreign = files.find((file) => file.database !== database);
  if (foreign) throw incomplete(`the backup holds database ${plainLine(foreign.database)} and not only ${database}`);
  const lasting = before.filter(({ id }) => after.some((shard) => shard.id === id));
  const missing = lasting.filter(({ id }) => files.every((file) => file.shardID !== id)).map(({ id }) => id);
  if (missing.length === 0) return;
  const shards = missing.length === 1 ? 'shard' : 'shards';
  throw incomplete(
    `the backup lacks ${shards} ${missing.toSorted((a, b) => a - b).join(', ')} of database ${database}`,
  );
}

/** Both are awaited, so that nothing works on after a failure. The store's error counts first. */
async function bothOf<A, B>(store: Promise<A>, read: Promise<B>, branch: Readable): Promise<[A, B]> {
  const [stored, wasRead] = await Promise.allSettled([store, read.finally(() => branch.resume())]);
  if (stored.status === 'rejected') throw stored.reason;
  if (wasRead.status === 'rejected') throw wasRead.reason;
  return [stored.value, wasRead.value];
}

function incomplete(sentence: string, cause?: unknown) {
  return new FiredrillError('BACKUP_INCOMPLETE', sentence, { cause });
}
