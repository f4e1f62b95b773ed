import type { Bay } from '../../hosts/bay.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { count } from '../../kit/text.ts';
import { type InLane, inLanes } from '../../kit/together.ts';
import { type CheckResult, Look } from '../../model/check.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Restored, RestoreTarget } from '../engine.ts';
import { type AccountPlan, planAccounts } from './accounts.ts';
import type { Login, Session } from './client.ts';
import { CompletenessLook } from './completeness.ts';
import {
  dataOf,
  type Facts,
  readAccounts,
  readFacts,
  readSchema,
  type SchemaDocument,
  type TableFacts,
} from './documents.ts';
import { loadingSettings, loadTable, smallBytes } from './load-table.ts';
import { qualify } from './names.ts';
import { type Replayed, replayLogs } from './replay-logs.ts';
import { restoreAccounts, restorePrograms } from './restore-programs.ts';
import {
  addForeignKeys,
  addKeys,
  createDatabases,
  makeTables,
  planTables,
  renewEvents,
  restorerSettings,
  type TablePlan,
} from './restore-schema.ts';
import { SandboxServer } from './sandbox-server.ts';
import { tableData } from './table-data.ts';
import { engineVersionOf } from './version.ts';

/** How a drill's checks reach the server that a restore has left. */
const sandboxes = new WeakMap<object, SandboxServer>();

export function sandboxOf({ server }: Restored): SandboxServer {
  const sandbox = sandboxes.get(server);
  if (sandbox) return sandbox;
  throw new FiredrillError('INTERNAL', 'this server was not restored by this engine');
}

/** For `sandboxOf`; for whoever has restored otherwise. */
export function keepSandbox(sandbox: SandboxServer) {
  sandboxes.set(sandbox.server, sandbox);
}

interface Work {
  full: OpenMember;
  facts: Facts;
  schema: SchemaDocument;
  accounts: AccountPlan;
  partialRevokes: boolean;
  plans: TablePlan[];
  sandbox: SandboxServer;
  restorer: Login;
  activity: Activity;
  limits: Bay['limits'];
  completeness: CompletenessLook;
  bytesOf: BytesOf;
}

/** Restores a full, and the increments that follow it, into an empty bay; the server is ready when this resolves. */
export async function restoreChain(
  [full, ...increments]: readonly [OpenMember, ...OpenMember[]],
  bay: Bay,
  activity: Activity,
  target?: RestoreTarget,
): Promise<Restored> {
  const { service, id, dataAt } = full.manifest;
  if (target?.at && target.at.getTime() < Date.parse(dataAt)) throw tooEarly(id, dataAt);
  const facts = readFacts(full);
  const [schema, document] = [await readSchema(full), await readAccounts(full)];
  // Judged before anything runs: a strange statement must not be met half-way.
  const bytesOf = contentBytesOf(full);
  const small = new Set(facts.tables.filter((table) => sizeOf(table, bytesOf) <= smallBytes).map(keyOf));
  const isSmall = (database: string, name: string) => small.has(qualify(database, name));
  const [plans, accounts, { partialRevokes }] = [planTables(schema, isSmall), planAccounts(document), document];
  const completeness = new CompletenessLook(service, full, facts);
  const stages = new Look('restore-run', service, 'stages', increments.length === 0 ? 8 : 9);
  let replayed: Replayed | undefined;
  const replay = async (work: Work) => {
    const databases = work.schema.databases.map(({ name }) => name);
    replayed = await replayLogs({ full, increments, databases, sandbox: work.sandbox, target, activity });
    // Between two members nobody knows which of the events were on.
    if (!replayed.partial) await renewEventsOf(work, increments.at(-1) ?? full);
  };
  const sandbox = await SandboxServer.start(bay, schema.birth, activity);
  stages.sawOne(2);
  await sandbox.watched(async () => {
    const restorer = await sandbox.createRestorer(schema.databases.map(({ name }) => name));
    const work = {
      full,
      facts,
      schema,
      accounts,
      plans,
      partialRevokes,
      sandbox,
      restorer,
      activity,
      limits: bay.limits,
      completeness,
      bytesOf,
    };
    const fromFull = [makeEmptyTables, loadTables, linkTables, makeAccounts, makePrograms];
    for (const stage of [...fromFull, ...(increments.length === 0 ? [] : [replay]), makeReady]) {
      await stage(work);
      stages.sawOne();
    }
  });
  keepSandbox(sandbox);
  const engineVersion = engineVersionOf(sandbox.version, service);
  const results: CheckResult[] = [...completeness.results(), stages.result()];
  const between = replayed?.partial ? { unjudged: ofMembersOnly } : {};
  return { server: sandbox.server, engineVersion, standIn: false, results, ...between };
}

/** A full began a moment before the instant that its data is from. */
export function tooEarly(id: string, dataAt: string) {
  const sentence = `${id} holds the data of ${dataAt}: that instant, or one before the backup began, can be restored`;
  return new FiredrillError('USAGE', sentence, { hint: `Name the instant ${dataAt}.` });
}

/** What the facts of a member tell, and nobody else: of a point between two members there are none. */
export const ofMembersOnly = ['schema', 'accounts', 'rows', 'content'] as const;

async function openRestorer({ sandbox, restorer, full }: Work, signal?: AbortSignal): Promise<Session> {
  const session = await sandbox.connectAs(restorer, signal);
  await session.runAll(restorerSettings(sandbox.version, full.manifest.dataAt));
  return session;
}

async function makeEmptyTables(work: Work) {
  const { sandbox, schema, plans, activity } = work;
  await using own = await sandbox.connect();
  await own.run('ALTER INSTANCE DISABLE INNODB REDO_LOG');
  await own.runAll(createDatabases(schema));
  const open = (signal: AbortSignal) => openRestorer(work, signal);
  const length = laneCount(plans.length, work.limits);
  await activity.native('make tables', () => makeTables(plans, length, activity.signal, open));
}

/** Side by side, the largest table first and its parts together; a table's keys are made as soon as all of it is loaded. */
async function loadTables(work: Work) {
  const { full, facts, schema, plans, sandbox, activity, completeness, bytesOf } = work;
  const { service } = full.manifest;
  const planned = new Map(plans.map((plan) => [keyOf(plan), plan]));
  const planOf = (table: TableFacts) => {
    const plan = planned.get(keyOf(table));
    if (!plan) throw completeness.noDefinition(table);
    return plan;
  };
  const columns = new Map(
    schema.databases.flatMap((db) => db.tables.map((table) => [qualify(db.name, table.name), table.columns] as const)),
  );
  const howOf = (table: TableFacts) => ({ columns: columns.get(keyOf(table)) ?? [], withKeys: planOf(table).withKeys });
  const waiting = largestFirst(facts, bytesOf).flatMap((table) => tableData(service, facts, table));
  let done = 0;
  const lane = async ({ signal }: InLane) => {
    await using session = await sandbox.connectToLoad(signal);
    await session.runAll(loadingSettings);
    await using restorer = await openRestorer(work, signal);
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { table, part } = next;
      const plan = planOf(table);
      const rows = await loadTable(session, full, next, howOf(table));
      if (!completeness.sawRows(table, part, rows)) continue;
      await addKeys(restorer, plan);
      done += 1;
      activity.tell({ service, phase: 'restore', text: `${done} of ${count(facts.tables.length, 'table')}` });
    }
  };
  const length = laneCount(waiting.length, work.limits);
  await using own = await sandbox.connect();
  await own.run('SET GLOBAL local_infile = ON');
  await activity.native('load', () => inLanes(length, activity.signal, lane));
  await own.run('SET GLOBAL local_infile = OFF');
}

type BytesOf = (artifact: string) => number;

function contentBytesOf({ manifest }: OpenMember): BytesOf {
  const sizes = new Map(manifest.artifacts.map(({ name, contentBytes }) => [name, contentBytes]));
  return (artifact) => sizes.get(artifact) ?? 0;
}

const sizeOf = (table: TableFacts, bytesOf: BytesOf) =>
  dataOf(table).reduce((total, { artifact }) => total + bytesOf(artifact), 0);

const keyOf = ({ database, name }: { database: string; name: string }) => qualify(database, name);

function largestFirst({ tables }: Facts, bytesOf: BytesOf): TableFacts[] {
  const sized = tables.map((table) => ({ table, size: sizeOf(table, bytesOf) }));
  return sized.toSorted((a, b) => b.size - a.size).map(({ table }) => table);
}

/** Loading keeps a core busy, and so do keys: more lanes than cores would only take memory. */
function laneCount(artifacts: number, { cpus }: Bay['limits']): number {
  return Math.max(1, Math.min(artifacts, Math.max(2, Math.round(cpus)), 8));
}

async function linkTables(work: Work) {
  await using restorer = await openRestorer(work);
  await work.activity.native('foreign keys', () => addForeignKeys(restorer, work.plans));
}

/** Before views and programs, whose definers they are; grants on those follow as soon as they are made. */
async function makeAccounts({ sandbox, partialRevokes, accounts, schema }: Work) {
  await using own = await sandbox.connect();
  if (partialRevokes) await own.run('SET GLOBAL partial_revokes = ON');
  if (accounts.accounts.some((create) => create.includes("IDENTIFIED WITH 'auth_socket'"))) {
    await own.run("INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'");
  }
  await restoreAccounts(own, schema, accounts);
}

async function makePrograms(work: Work) {
  await using own = await work.sandbox.connect();
  await using restorer = await openRestorer(work);
  await restorePrograms(restorer, own, work.schema, work.accounts);
}

async function renewEventsOf(work: Work, newest: OpenMember) {
  await using own = await work.sandbox.connect();
  await using restorer = await openRestorer(work);
  await renewEvents(restorer, own, await readSchema(newest));
}

/** Puts back what was given up for speed, and asks as a client would. */
async function makeReady({ sandbox, restorer, activity }: Work) {
  await sandbox.dropLogin(restorer);
  await using own = await sandbox.connect();
  await activity.native('settle', () => own.run('ALTER INSTANCE ENABLE INNODB REDO_LOG').then(() => {}));
  await own.value('SELECT 1');
  await sandbox.server.assertAlive();
}
