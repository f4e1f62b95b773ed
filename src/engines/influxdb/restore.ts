import { createInterface } from 'node:readline';
import type { Bay, StartedServer } from '../../hosts/bay.ts';
import { runToEnd } from '../../hosts/output.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import { type NewTarEntry, writeTar } from '../../kit/tar.ts';
import { plainLine } from '../../kit/text.ts';
import { Look } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Restored } from '../engine.ts';
import { assertGood, type DumpedShard, judgeCompleteness, judgeFormat } from './dumped-files.ts';
import { type Facts, factsOf } from './facts.ts';
import { identifier } from './influxql.ts';
import { listDatabases } from './inventory.ts';
import { backupPort, dumpFolder } from './recipe.ts';
import { awaitShards, restoredClient, startServer } from './restored-server.ts';
import { tombstoneFiles, unpackTombstones } from './restored-tombstones.ts';

/** Restores by `influxd restore -portable`, and mends what that leaves out: tombstones and continuous queries. */
export async function restoreChain(chain: readonly OpenMember[], bay: Bay, activity: Activity): Promise<Restored> {
  const [member, ...more] = chain;
  if (!member || more.length > 0) throw new FiredrillError('INTERNAL', 'InfluxDB restores one full member');
  return new Restore(member, bay, activity).run();
}

class Restore {
  readonly #member: OpenMember;
  readonly #facts: Facts;
  readonly #bay: Bay;
  readonly #activity: Activity;
  /** Stages that ended well. */
  readonly #look: Look;

  constructor(member: OpenMember, bay: Bay, activity: Activity) {
    this.#member = member;
    this.#facts = factsOf(member.manifest);
    this.#bay = bay;
    this.#activity = activity;
    this.#look = new Look('restore-run', member.manifest.service, 'stages', 6);
  }

  async run(): Promise<Restored> {
    const { result, shards } = await judgeCompleteness(this.#member, this.#facts);
    assertGood(result);
    await this.#unpack();
    let started = await startServer(this.#bay, this.#activity);
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
    const { server, version } = started;
    return { server, engineVersion: version, standIn: false, results: [result, this.#look.result()] };
  }

  #stage(what: string, found: string | number) {
    this.#look.sawOne().compare(what, 'ended well', found);
  }

  /** Into the volume as they are: influxd reads its own names. Files with mode 0600 would be "not found". */
  async #unpack() {
    const { signal } = this.#activity;
    const member = this.#member;
    const entries = async function* (): AsyncGenerator<NewTarEntry> {
      for (const { name, contentBytes } of member.manifest.artifacts) {
        yield { name, size: contentBytes, mode: 0o644, content: member.content(name) };
      }
    };
    const script = 'mkdir "$1" && exec tar -xf - -C "$1"';
    const stdin = writeTar(entries());
    await runToEnd(this.#bay.holder, { tool: 'sh', args: ['-c', script, 'sh', dumpFolder], stdin, signal });
    this.#stage('files unpacked', member.manifest.artifacts.length);
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
        assertGood((await judgeFormat(this.#member, shards, this.#activity)).result);
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
        if (/\berror\b|\bfail/i.test(line)) complaint ??= plainLine(line);
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
    const { database, shards } = this.#facts;
    const policies = [...new Set(shards.map(({ policy }) => policy))];
    await this.#activity.native('open shards', () => awaitShards(server, database, policies, this.#activity));
  }

  async #tombstones(server: StartedServer, shards: readonly DumpedShard[]) {
    const client = restoredClient(server, this.#activity.signal);
    const found = await tombstoneFiles(this.#member, shards, client, this.#facts.database);
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
}

/** influxd tells some failures of a restore in its own log only, at level info: its backup service is silent else. */
function complaintOf(before: string, after: string): string | undefined {
  const lines = (after.startsWith(before) ? after.slice(before.length) : after).split('\n');
  const line = lines.find(
    (each) => /lvl=error|service=snapshot|\berror=/.test(each) && !/Starting|listener closed/.test(each),
  );
  return line === undefined ? undefined : plainLine(line);
}
