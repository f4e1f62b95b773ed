import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Bay, StartedServer } from '../../hosts/bay.ts';
import { runToEnd } from '../../hosts/output.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { type NewTarEntry, writeTar } from '../../kit/tar.ts';
import { plainLine } from '../../kit/text.ts';
import { together } from '../../kit/together.ts';
import { Look } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Restored } from '../engine.ts';
import { assertGood, type DumpedShard, judgeCompleteness, judgeFormat } from './dumped-files.ts';
import { type Facts, factsOf } from './facts.ts';
import { identifier } from './influxql.ts';
import { listDatabases } from './inventory.ts';
import type { RawPortableManifest } from './portable-manifest.ts';
import { backupPort, dumpFolder } from './recipe.ts';
import { awaitShards, restoredClient, startServer } from './restored-server.ts';
import { tombstoneFiles, unpackTombstones } from './restored-tombstones.ts';

/** With the bay, whose backup service a real restore asks for the whole. */
export interface RestoredInfluxdb extends Restored {
  bay: Bay;
}

export const isRestoredInfluxdb = (restored: Restored): restored is RestoredInfluxdb => 'bay' in restored;

/** Restores by `influxd restore -portable`, and mends what that leaves out: tombstones and continuous queries. */
export async function restoreChain(
  chain: readonly OpenMember[],
  bay: Bay,
  activity: Activity,
): Promise<RestoredInfluxdb> {
  const newest = chain.at(-1);
  if (!newest) throw new FiredrillError('INTERNAL', 'there is no member to restore');
  return new Restore(chain, newest, bay, activity).run();
}

class Restore {
  readonly #chain: readonly OpenMember[];
  readonly #newest: OpenMember;
  readonly #facts: Facts;
  readonly #bay: Bay;
  readonly #activity: Activity;
  /** Stages that ended well. */
  readonly #look: Look;

  constructor(chain: readonly OpenMember[], newest: OpenMember, bay: Bay, activity: Activity) {
    this.#chain = chain;
    this.#newest = newest;
    this.#facts = factsOf(newest.manifest);
    this.#bay = bay;
    this.#activity = activity;
    this.#look = new Look('restore-run', newest.manifest.service, 'stages', 7);
  }

  async run(): Promise<RestoredInfluxdb> {
    const { result, shards, dump } = await judgeCompleteness(this.#chain, this.#facts);
    assertGood(result);
    if (!dump) throw new FiredrillError('ARTIFACT_INCOMPLETE', 'the backup has no manifest of influxd backup');
    let started = await this.#startBesideFiles(shards, dump);
    await this.#assertEmpty(started.server);
    await this.#restore(started.server, shards);
    await this.#awaitShards(started.server);
    const tombstones = await this.#tombstones(started.server, shards);
    if (tombstones.length > 0) {
      await started.server.stop();
      await unpackTombstones(this.#bay, tombstones, this.#activity.signal);
      started = await startServer(this.#bay, this.#activity);
      await this.#awaitShards(started.server);
    }
    this.#stage('tombstones applied', tombstones.length);
    await this.#createContinuousQueries(started.server);
    await this.#createUsers(started.server);
    const { server, version } = started;
    const results = [result, this.#look.result()];
    return { server, bay: this.#bay, engineVersion: version, standIn: false, results };
  }

  #stage(what: string, found: string | number) {
    this.#look.sawOne().compare(what, 'ended well', found);
  }

  /** The server begins while its files come. */
  async #startBesideFiles(shards: readonly DumpedShard[], dump: RawPortableManifest) {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#activity.signal]);
    const unpacked = this.#unpack(shards, dump, signal);
    const started = startServer(this.#bay, { ...this.#activity, signal });
    await together<unknown>([unpacked, started], (error) => stop.abort(error));
    return await started;
  }

  /**
   * Each shard's archive from the member that has it newest, and one manifest that names just these: of several, influxd
   * would take a shard from the newest that lists it. Files with mode 0600 would be "not found".
   */
  async #unpack(shards: readonly DumpedShard[], dump: RawPortableManifest, signal: AbortSignal) {
    const newest = this.#newest;
    const known = new Map(dump.files.map((each) => [each.shardID, each]));
    const files = shards.map(({ file }) => ({ ...known.get(file.shardID), ...file }));
    const manifest = Buffer.from(JSON.stringify({ ...dump, files }));
    const entries = async function* (): AsyncGenerator<NewTarEntry> {
      const named = (role: string) => newest.byRole(role)[0]?.name ?? '';
      yield { name: named('manifest'), size: manifest.length, mode: 0o644, content: manifest };
      for (const { name, contentBytes } of newest.byRole('meta')) {
        yield { name, size: contentBytes, mode: 0o644, content: newest.content(name) };
      }
      for (const { member, artifact } of shards) {
        const content = member.content(artifact.name);
        yield { name: artifact.name, size: artifact.contentBytes, mode: 0o644, content };
      }
    };
    const script = 'mkdir "$1" && exec tar -xf - -C "$1"';
    const stdin = writeTar(entries());
    await runToEnd(this.#bay.holder, { tool: 'sh', args: ['-c', script, 'sh', dumpFolder], stdin, signal });
    this.#stage('files unpacked', shards.length + 2);
  }

  async #assertEmpty(server: StartedServer) {
    const databases = await listDatabases(restoredClient(server, this.#activity.signal));
    if (databases.length > 0) throw new FiredrillError('SANDBOX_FAILED', 'the target of the restore was not empty');
    this.#stage('databases before the restore', 0);
  }

  async #restore(server: StartedServer, shards: readonly DumpedShard[]) {
    try {
      await this.#activity.native('influxd restore', () => this.#nativeRestore(server));
    } catch (error) {
      if (isFiredrillError(error, 'RESTORE_FAILED')) {
        // influxd says little of a bad archive; it is looked at now, so that the fault gets its name.
        const { service } = this.#newest.manifest;
        assertGood((await judgeFormat(service, shards, this.#activity)).result);
      }
      throw error;
    }
    this.#stage('influxd restore', 'exit code 0, nothing in its log');
  }

  async #nativeRestore(server: StartedServer) {
    const { signal } = this.#activity;
    const before = await server.logs();
    const options = ['-portable', '-host', `127.0.0.1:${backupPort(this.#bay)}`, '-db', this.#facts.database];
    const args = ['-c', 'exec influxd restore "$@" 2>&1', 'sh', ...options, dumpFolder];
    const running = server.host.run({ tool: 'sh', args, signal });
    const log: string[] = [];
    let complaint: string | undefined;
    try {
      for await (const line of createInterface({ input: running.stdout })) {
        log.push(plainLine(line));
        if (log.length > 20) log.shift();
        if (isComplaint(line)) complaint ??= plainLine(line);
      }
      await running.done;
    } catch (error) {
      if (!isFiredrillError(error, 'TOOL_FAILED')) throw error;
      await server.assertAlive();
      complaint ??= log.at(-1) ?? error.message;
    }
    complaint ??= complaintOf(before, await server.logs());
    if (complaint === undefined) return;
    throw new FiredrillError('RESTORE_FAILED', `influxd restore failed: ${complaint}`, { detail: log });
  }

  async #awaitShards(server: StartedServer) {
    await this.#activity.native('open shards', () => awaitShards(server, this.#facts, this.#activity));
  }

  async #tombstones(server: StartedServer, shards: readonly DumpedShard[]) {
    const client = restoredClient(server, this.#activity.signal);
    const found = await tombstoneFiles(shards, client, this.#facts.database);
    this.#stage('shards opened', shards.length);
    return found;
  }

  /** Their service is off in a drill: they are there to be compared, and compute nothing. */
  async #createContinuousQueries(server: StartedServer) {
    const client = restoredClient(server, this.#activity.signal);
    for (const { name, query } of this.#facts.continuousQueries) {
      try {
        await client.query(query, this.#facts.database);
      } catch (error) {
        if (!isFiredrillError(error, 'TOOL_FAILED')) throw error;
        const sentence = `continuous query ${identifier(plainLine(name))} cannot be created again: ${error.message}`;
        throw new FiredrillError('RESTORE_FAILED', sentence, { cause: error });
      }
    }
    this.#stage('continuous queries created', this.#facts.continuousQueries.length);
  }

  /**
   * A portable backup brings no users back. Their names and grants are in the facts; their passwords are nowhere but in
   * the metadata artifact, as hashes, and are made anew: nobody logs in to a drill.
   */
  async #createUsers(server: StartedServer) {
    const client = restoredClient(server, this.#activity.signal);
    const { users, database } = this.#facts;
    for (const { name, admin, grants } of users) {
      const user = identifier(name);
      const all = admin ? ' WITH ALL PRIVILEGES' : '';
      await client.query(`CREATE USER ${user} WITH PASSWORD '${randomBytes(16).toString('hex')}'${all}`);
      for (const grant of grants.filter((each) => /^(READ|WRITE|ALL PRIVILEGES)$/.test(each))) {
        await client.query(`GRANT ${grant} ON ${identifier(database)} TO ${user}`);
      }
    }
    this.#stage('users created', users.length);
  }
}

/** Of what `influxd restore` prints: it returns 0 after some failures. */
export const isComplaint = (line: string) => /\berror\b|\bfail/i.test(line);

/** influxd tells some failures of a restore in its own log only, at level info: its backup service is silent else. */
function complaintOf(before: string, after: string): string | undefined {
  const lines = (after.startsWith(before) ? after.slice(before.length) : after).split('\n');
  const line = lines.find(
    (each) => /lvl=error|service=snapshot|\berror=/.test(each) && !/Starting|listener closed/.test(each),
  );
  return line === undefined ? undefined : plainLine(line);
}
