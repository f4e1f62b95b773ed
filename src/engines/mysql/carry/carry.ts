import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { count } from '../../../kit/text.ts';
import type { CheckResult } from '../../../model/check.ts';
import type { Carried, CarryJob } from '../../engine.ts';
import { planAccounts, readAccountsOf, sayAccount } from '../accounts.ts';
import { checkTables, databasesOn } from '../check.ts';
import type { Session } from '../client.ts';
import { compareDefinitions } from '../compare-definitions.ts';
import { accountDefinitions, definitionsOf, hashesOf } from '../definitions.ts';
import type { AccountsDocument, SchemaDocument, TableFacts } from '../documents.ts';
import { qualify, quoteName, sayTable } from '../names.ts';
import { readSchemaOf } from '../read-schema.ts';
import { sandboxOf } from '../restore.ts';
import { restoreAccounts, restorePrograms } from '../restore-programs.ts';
import { addForeignKeys, createDatabases, makeTables, planTables, type TablePlan } from '../restore-schema.ts';
import type { SandboxServer } from '../sandbox-server.ts';
import type { MysqlSettings } from '../settings.ts';
import { readSizes } from '../table-parts.ts';
import { besideCargo, type Cargo, type PodState, wholeCargo } from './cargo.ts';
import { carryTables, laneCount } from './carry-tables.ts';
import { databasesAt, isOccupied, unfinishedTable } from './look.ts';
import { openDefiner, openTarget } from './target.ts';

/**
 * Carries what the pod's server holds into the target: as ordinary writes, so that its binary log and its replicas take
 * them like any others. Accounts that are there already are left alone.
 */
export async function carryInto(job: CarryJob<MysqlSettings>, activity: Activity): Promise<Carried> {
  const { target, parts, stamp } = job;
  const pod = sandboxOf(job.restored);
  const state = await readPod(pod, activity);
  const cargo = parts ? besideCargo(state, parts, stamp) : wholeCargo(state, target.settings.databases);
  return new Carriage(job, pod, cargo, activity).run();
}

async function readPod(pod: SandboxServer, { signal }: Activity): Promise<PodState> {
  await using session = await pod.connect(signal);
  const names = await databasesOn(session);
  const { document, tables } = await readSchemaOf(session, names);
  const sizes = await readSizes(session, names);
  return { document, tables, sizes, accounts: await readAccountsOf(session, names, [pod.ownUser]) };
}

class Carriage {
  readonly #job: CarryJob<MysqlSettings>;
  readonly #pod: SandboxServer;
  readonly #cargo: Cargo;
  readonly #activity: Activity;
  readonly #notes: string[] = [];

  constructor(job: CarryJob<MysqlSettings>, pod: SandboxServer, cargo: Cargo, activity: Activity) {
    this.#job = job;
    this.#pod = pod;
    this.#cargo = cargo;
    this.#activity = activity;
  }

  async run(): Promise<Carried> {
    const { target } = this.#job;
    const { document, tables } = this.#cargo;
    const small = new Set(tables.filter(({ isSmall }) => isSmall).map(({ to }) => qualify(to.database, to.name)));
    const plans = planTables(document, (database, name) => small.has(qualify(database, name)));
    await using definer = await openDefiner(target, this.#activity.signal);
    const accounts = await this.#newAccounts(definer);
    const accountPlan = planAccounts(accounts);
    await this.#assertFits(definer, accounts);
    await this.#makeRoom(definer);
    await this.#makeTables(definer, plans);
    const freight = { pod: this.#pod, target, cargo: this.#cargo, plans, activity: this.#activity };
    const facts = await this.#activity.native('write rows', () => carryTables(freight));
    await addForeignKeys(definer, plans);
    await restoreAccounts(definer, document, accountPlan);
    await restorePrograms(definer, definer, document, accountPlan);
    await definer.runAll(this.#names().map((name) => `DROP TABLE ${qualify(name, unfinishedTable)}`));
    const results = await this.#compare(facts, accounts);
    return { results, notes: this.#notes, place: placeOf(this.#names()) };
  }

  #names(): string[] {
    return this.#cargo.document.databases.map(({ name }) => name);
  }

  /** Those that the target lacks. What is there already, our own login first of all, stays as it is. */
  async #newAccounts(definer: Session): Promise<AccountsDocument> {
    const none = { format: 'firedrill-mysql-accounts', version: 1, partialRevokes: false, accounts: [] } as const;
    const carried = this.#cargo.accounts;
    if (!carried) return { ...none, accounts: [] };
    const rows = await definer.rows('SELECT User AS user, Host AS host FROM mysql.user');
    const there = new Set(rows.map(({ user, host }) => sayAccount({ user: user ?? '', host: host ?? '' })));
    const kept = carried.accounts.filter((each) => there.has(sayAccount(each)));
    if (kept.length > 0) {
      const names = kept.slice(0, 10).map(sayAccount).join(', ');
      this.#notes.push(`${count(kept.length, 'account was', 'accounts were')} there already and left alone: ${names}`);
    }
    return { ...carried, accounts: carried.accounts.filter((each) => !there.has(sayAccount(each))) };
  }

  /** Whatever would stop it half-way is asked before anything is dropped. */
  async #assertFits(definer: Session, { accounts, partialRevokes }: AccountsDocument) {
    const { birth } = this.#cargo.document;
    const { service, host } = this.#job.target;
    const names = await definer.value('SELECT @@lower_case_table_names');
    if (Number(names) !== birth.lowerCaseTableNames) {
      const sentence = `${service}: lower_case_table_names is ${names} at ${host.label}, and ${birth.lowerCaseTableNames} in the backup`;
      throw new FiredrillError('SOURCE_UNSUITABLE', sentence, { hint: 'Restore into a server that was made alike.' });
    }
    const revoked = accounts.some(({ grants }) => grants.some((grant) => grant.startsWith('REVOKE ')));
    if (!partialRevokes || !revoked || (await definer.value('SELECT @@partial_revokes')) === '1') return;
    const sentence = `${service}: accounts of the backup need partial_revokes, which is OFF at ${host.label}`;
    throw new FiredrillError('SOURCE_UNSUITABLE', sentence, {
      hint: 'Type there, as an administrator: SET PERSIST partial_revokes = ON;',
    });
  }

  async #makeRoom(definer: Session) {
    const { replace, target } = this.#job;
    const inTheWay = await databasesAt(definer, this.#cargo.replaces);
    const occupied = inTheWay.filter(isOccupied).map(({ name }) => name);
    if (occupied.length > 0 && !replace) {
      const sentence = `${target.service}: ${placeOf(occupied)} at ${target.host.label} is not empty`;
      throw new FiredrillError('TARGET_NOT_EMPTY', sentence);
    }
    this.#job.begin(placeOf(this.#names()));
    await definer.runAll(inTheWay.map(({ name }) => `DROP DATABASE ${quoteName(name)}`));
  }

  async #makeTables(definer: Session, plans: readonly TablePlan[]) {
    await definer.runAll(createDatabases(this.#cargo.document));
    const begun = this.#names().map((name) => `CREATE TABLE ${qualify(name, unfinishedTable)} (id int PRIMARY KEY)`);
    await definer.runAll(begun);
    const { target } = this.#job;
    const { signal } = this.#activity;
    const open = (whole: AbortSignal) => openDefiner(target, whole);
    await this.#activity.native('make tables', () => makeTables(plans, laneCount(plans.length, target), signal, open));
  }

  async #compare(facts: readonly TableFacts[], accounts: AccountsDocument): Promise<CheckResult[]> {
    const { target } = this.#job;
    const { service } = target;
    await using session = await openTarget(target, this.#activity.signal);
    const found = await readSchemaOf(session, this.#names());
    const carried = this.#withoutPastEvents(found.document);
    const dumped = definitionsOf(carried);
    const schema = compareDefinitions({
      ...{ check: 'schema', service, subjects: 'schema objects' },
      ...{ expected: hashesOf(dumped), dumped, found: definitionsOf(found.document) },
    });
    const connect = (signal: AbortSignal) => openTarget(target, signal);
    const content = await checkTables(connect, service, facts, found.tables, this.#activity);
    return [schema, ...(await this.#compareAccounts(session, accounts)), ...content];
  }

  async #compareAccounts(session: Session, made: AccountsDocument): Promise<CheckResult[]> {
    if (made.accounts.length === 0) return [];
    const { service } = this.#job.target;
    const names = new Set(made.accounts.map(sayAccount));
    const all = await readAccountsOf(session, this.#names());
    const found = { ...all, accounts: all.accounts.filter((each) => names.has(sayAccount(each))) };
    const dumped = accountDefinitions(made);
    return [
      compareDefinitions({
        ...{ check: 'accounts', service, subjects: 'accounts' },
        ...{ expected: hashesOf(dumped), dumped, found: accountDefinitions(found) },
      }),
    ];
  }

  /** An event whose time has passed since the backup is dropped by the server as soon as it is made. */
  #withoutPastEvents(found: SchemaDocument): SchemaDocument {
    const { document } = this.#cargo;
    const databases = document.databases.map((db) => {
      const there = new Set(found.databases.find(({ name }) => name === db.name)?.events.map(({ name }) => name));
      const isPast = ({ name, create }: { name: string; create: string }) => {
        return !there.has(name) && / ON SCHEDULE (AT |EVERY .* ENDS )/.test(create);
      };
      for (const { name } of db.events.filter(isPast)) {
        this.#notes.push(`event ${sayTable(db.name, name)} was for a time that has passed: it is not there any more`);
      }
      return { ...db, events: db.events.filter((event) => !isPast(event)) };
    });
    return { ...document, databases };
  }
}

function placeOf(names: readonly string[]): string {
  return `${names.length === 1 ? 'database' : 'databases'} ${names.join(', ')}`;
}
