import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { outputOf } from '../../../hosts/output.ts';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import { podDataFolder } from '../../../model/sandbox.ts';
import type { Carried, CarryJob, Source } from '../../engine.ts';
import { checkInventory } from '../check-inventory.ts';
import { RowsCheck } from '../check-rows.ts';
import type { InfluxClient } from '../client.ts';
import { type Facts, factsOf } from '../facts.ts';
import { identifier } from '../influxql.ts';
import { assertGoesOn } from '../interrupted.ts';
import { listDatabases, listUsers } from '../inventory.ts';
import { parsePortableManifest } from '../portable-manifest.ts';
import { backupPort, dataFolder } from '../recipe.ts';
import { RemoteDump } from '../remote-dump.ts';
import { isComplaint, type RestoredInfluxdb } from '../restore.ts';
import { readShards, restoredClient, shardQuestions } from '../restored-server.ts';
import type { InfluxdbSettings } from '../settings.ts';
import { sourceClient } from '../source-client.ts';
import { besideFacts } from './cargo.ts';
import { lookAtTarget } from './look.ts';
import { thinOut } from './thin-out.ts';

/**
 * Dumps the proven database from the pod's server by its own native backup, and restores that by the target's: so deleted
 * points, which no native restore of the original archives leaves out, are gone for good. Users, grants and continuous
 * queries follow. Of a part, the pod's server is first rid of all else, and the target's restores it under another name.
 */
export async function carryInto(job: CarryJob<InfluxdbSettings>, activity: Activity): Promise<Carried> {
  return new Carriage(job, activity).run();
}

class Carriage {
  readonly #job: CarryJob<InfluxdbSettings>;
  readonly #target: Source<InfluxdbSettings>;
  readonly #activity: Activity;
  /** The database in the pod, as it was dumped. */
  readonly #dumped: Facts;
  /** What is to stand at the target. */
  readonly #facts: Facts;
  readonly #client: InfluxClient;
  readonly #notes: string[] = [];

  constructor(job: CarryJob<InfluxdbSettings>, activity: Activity) {
    const newest = job.chain.at(-1);
    if (!newest) throw new FiredrillError('INTERNAL', 'there is no member that was restored');
    this.#job = job;
    this.#target = job.target;
    this.#activity = activity;
    this.#dumped = factsOf(newest.manifest);
    this.#facts = job.parts ? besideFacts(this.#dumped, job.parts, job.stamp) : this.#dumped;
    this.#client = sourceClient(job.target, activity.signal);
  }

  async run(): Promise<Carried> {
    const { database } = this.#facts;
    await using brought = await RemoteDump.begin(this.#target.host, this.#target.settings.dumpFolder, this.#activity);
    await this.#bring(brought);
    await this.#makeRoom();
    const restore = () => brought.restore(this.#target.settings, database, isComplaint);
    await this.#activity.native('influxd restore', restore);
    await this.#awaitShards();
    const users = await this.#restoreUsers();
    for (const { query } of this.#facts.continuousQueries) await this.#client.query(query, database);
    if (this.#job.parts) this.#notes.push(onlyAdmins(database));
    return { results: await this.#compare(users), notes: this.#notes, place: this.#place };
  }

  /** Everything lies at the target before anything there is changed. */
  async #bring(brought: RemoteDump) {
    const { bay, server } = this.#job.restored as RestoredInfluxdb;
    if (this.#job.parts) {
      await thinOut(restoredClient(server, this.#activity.signal), this.#dumped.database, this.#facts);
    }
    await this.#awaitNoTombstones();
    await using dump = await RemoteDump.begin(server.host, podDataFolder, this.#activity);
    const { service, settings } = this.#target;
    const what = { service, settings: { ...settings, backupPort: backupPort(bay) } };
    await this.#activity.native('influxd backup', () => dump.run(what));
    const { files } = parsePortableManifest(Buffer.from(await dump.manifest()));
    const { stream, done } = dump.files(files.map(({ fileName }) => fileName));
    await Promise.all([brought.fill(stream), done]);
  }

  /** A restore ignores them, and the deleted points would be back: the server writes such files anew by itself. */
  async #awaitNoTombstones() {
    const { server } = this.#job.restored;
    const args = ['-c', `find "$1" -name '*.tombstone' | head -n 1`, 'sh', dataFolder];
    const { clock, signal } = this.#activity;
    const look = () => outputOf(server.host, { tool: 'sh', args, signal });
    for (const end = clock.monotonicMs() + mergeMs; clock.monotonicMs() < end; await sleep(pollMs)) {
      assertGoesOn(signal);
      if ((await look()) === '') return;
    }
    const sentence = 'the restored InfluxDB has not merged its deletions into its files within 10 minutes';
    throw new FiredrillError('SANDBOX_FAILED', sentence);
  }

  async #makeRoom() {
    const { database } = this.#facts;
    if (this.#job.parts) return this.#assertFree();
    const { holds } = await lookAtTarget(this.#target, this.#activity);
    if (holds.length > 0 && !this.#job.replace) {
      throw new FiredrillError('TARGET_NOT_EMPTY', `${this.#target.host.label} has a ${holds.join(', ')}`);
    }
    this.#job.begin();
    if ((await listDatabases(this.#client)).includes(database)) {
      await this.#client.query(`DROP DATABASE ${identifier(database)}`);
    }
  }

  async #assertFree() {
    if ((await listDatabases(this.#client)).includes(this.#facts.database)) {
      throw new FiredrillError('TARGET_NOT_EMPTY', `${this.#target.host.label} has a ${this.#place} already`, {
        hint: 'Run the same command again: it takes another name.',
      });
    }
    this.#job.begin(this.#place);
  }

  get #place(): string {
    return `database ${plainLine(this.#facts.database, 200)}`;
  }

  async #awaitShards() {
    const { clock, signal } = this.#activity;
    const questions = shardQuestions(this.#facts);
    for (const end = clock.monotonicMs() + openMs; clock.monotonicMs() < end; await sleep(pollMs)) {
      assertGoesOn(signal);
      if (await readShards(this.#client, this.#facts.database, questions)) return;
    }
    throw new FiredrillError('TARGET_FAILED', `${this.#target.host.label} did not open its shards within 5 minutes`);
  }

  /**
   * Grants went with the database, or were never there. A backup holds no passwords that could be given back: who is
   * missing gets one that nobody knows. Returns those that were made.
   */
  async #restoreUsers(): Promise<Facts['users']> {
    const { users, database } = this.#facts;
    const there = new Set((await listUsers(this.#client, database)).map(({ name }) => name));
    const made = users.filter(({ name }) => !there.has(name));
    for (const { name, admin } of made) {
      const all = admin ? ' WITH ALL PRIVILEGES' : '';
      const password = randomBytes(16).toString('hex');
      await this.#client.query(`CREATE USER ${identifier(name)} WITH PASSWORD '${password}'${all}`);
      const user = plainLine(identifier(name), 100);
      this.#notes.push(
        `user ${user} was made with a password that nobody knows; type there: SET PASSWORD FOR ${user} = '…'`,
      );
    }
    for (const { name, grants } of users) {
      for (const grant of grants.filter((each) => /^(READ|WRITE|ALL PRIVILEGES)$/.test(each))) {
        await this.#client.query(`GRANT ${grant} ON ${identifier(database)} TO ${identifier(name)}`);
      }
    }
    return made;
  }

  async #compare(users: Facts['users']) {
    const { service } = this.#target;
    const facts = { ...this.#facts, users };
    const rows = new RowsCheck(service, facts, this.#client);
    await rows.byDay();
    return [await checkInventory(service, facts, this.#client, true), await rows.again()];
  }
}

const onlyAdmins = (database: string) =>
  `only admins may read database ${plainLine(identifier(database), 100)}; points of it can be copied: SELECT * INTO … GROUP BY *, which makes floats of whole numbers`;

const pollMs = 200;
const mergeMs = 600_000;
const openMs = 300_000;
