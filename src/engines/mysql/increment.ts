import { posix } from 'node:path';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError, isFiredrillError } from '../../kit/errors.ts';
import type { Json } from '../../kit/json.ts';
import { count } from '../../kit/text.ts';
import type { Link } from '../../model/chain.ts';
import type { ArtifactSink, DumpRecord } from '../../model/member.ts';
import { GtidSet } from './binlog/gtid-set.ts';
import { PreparedXa } from './binlog/prepared-xa.ts';
import type { DatabaseScope } from './binlog/unfit-event.ts';
import { captureLog } from './capture-log.ts';
import type { Session } from './client.ts';
import { addDocuments, clientVersion, readTableFacts } from './dump.ts';
import { factsOf, noDumpId, readDefinitions } from './dump-facts.ts';
import { examineSource, openReaders } from './dump-source.ts';
import { type CapturedLog, type LogPlace, openXaOf, placeOf, setOf } from './log-position.ts';
import { findNewest } from './newest.ts';
import { enterSnapshot } from './snapshot.ts';
import { insideDump, type MysqlSource, openSource } from './source.ts';

/**
 * Fetches the binary logs since the newest member of the chain, and reads the facts at their end: the logs are rotated
 * inside the lock that begins the snapshot. CHAIN_BROKEN when the source no longer has them, or is another server.
 */
export async function dumpIncrement(
  source: MysqlSource,
  chain: readonly Link[],
  sink: ArtifactSink,
  activity: Activity,
): Promise<DumpRecord> {
  await using coordinator = await openSource(source, activity);
  const { identity, engineVersion } = await examineSource(coordinator, source, 'incremental');
  const before = (chain.at(-1) as Link).manifest;
  assertSameSource(before.source, { identity, engineVersion });
  const from = placeOf(before);
  await assertLogsReadable(coordinator, source);
  await assertLogsGoOn(coordinator, from);
  const tools = { mysql: await clientVersion(source, activity) };
  await using held = new AsyncDisposableStack();
  const verifications = await openReaders(source, held, activity);
  return await insideDump(source.service, async () => {
    const snapshot = await enterSnapshot(coordinator, verifications, [], activity, true);
    const facts = await readFactsAt(source, sink, coordinator, verifications, snapshot.dataAt);
    await coordinator.run('UNLOCK INSTANCE');
    const files = await closedLogs(coordinator, from, snapshot.position.binlogFile);
    const logs: CapturedLog[] = [];
    const xa = new PreparedXa(openXaOf(before));
    const common = { folder: await logFolder(coordinator), scope: await scopeOf(coordinator, source), xa };
    for (const file of files) {
      const wanted = { ...common, file, from: file === from.binlogFile ? (from.binlogPosition ?? 0) : 0 };
      logs.push(await unlessPurged(coordinator, file, () => captureLog(source, wanted, sink, activity)));
      const text = `${logs.length} of ${count(files.length, 'binary log')}`;
      activity.tell({ service: source.service, phase: 'dump', text });
    }
    assertWhole(source.service, from, logs, `${snapshot.position.gtidExecuted}`);
    const { binlogFile, binlogPosition, gtidExecuted } = from;
    const position = {
      ...snapshot.position,
      from: { binlogFile, binlogPosition, gtidExecuted },
      logs,
      openXa: xa.open,
    };
    const { dataAt } = snapshot;
    return { dataAt, engineVersion, identity, tools, position: position as unknown as Json, facts };
  });
}

interface Described {
  identity: Readonly<Record<string, Json>>;
  engineVersion: string;
}

function assertSameSource(before: Described, now: Described) {
  if (before.identity.serverId !== now.identity.serverId) {
    throw broken(
      `the source is another server now (${now.identity.serverId}): there was a failover, or it was rebuilt`,
    );
  }
  if (before.engineVersion !== now.engineVersion) {
    throw broken(`the server was upgraded from ${before.engineVersion} to ${now.engineVersion}`);
  }
  if (JSON.stringify(before.identity.databases) !== JSON.stringify(now.identity.databases)) {
    throw broken('other databases are configured than before');
  }
}

/** A log without checksums could be damaged without a trace. */
async function assertLogsReadable(session: Session, { service }: MysqlSource) {
  const kind = await session.value('SELECT @@GLOBAL.binlog_checksum');
  if (kind === 'CRC32') return;
  throw new FiredrillError(
    'SOURCE_UNSUITABLE',
    `${service}: the binary log has no checksums (binlog_checksum=${kind})`,
    {
      hint: 'Type on the source, as an administrator: SET PERSIST binlog_checksum = CRC32;',
    },
  );
}

/** Whether the source still has what happened since `from`, and has not begun anew. */
async function assertLogsGoOn(session: Session, from: LogPlace) {
  if (from.binlogFile === null) throw broken('the member before was made without a binary log');
  const [row] = await session.rows(
    'SELECT @@log_bin AS log, @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged, @@GLOBAL.binlog_format AS format',
  );
  if (row?.log !== '1') throw broken('the source writes no binary log any more');
  if (row.format !== 'ROW')
    throw broken(`the source's binlog_format is ${row.format}: only ROW can be applied exactly`);
  if (/:[a-z_]/i.test(row.executed ?? '')) throw broken('the source uses tagged GTIDs, which are not supported');
  const [executed, purged] = [GtidSet.parse(row.executed ?? ''), GtidSet.parse(row.purged ?? '')];
  const lost = setOf(from).subtract(executed);
  if (!lost.isEmpty) throw broken(`the source no longer knows of transactions ${lost}: its logs were reset`);
  const gone = purged.subtract(setOf(from));
  if (!gone.isEmpty) throw broken(`the source has purged transactions ${gone} that no member holds`);
  const files = await logNames(session);
  if (files.includes(from.binlogFile)) return;
  throw broken(`the source has no binary log ${from.binlogFile} any more: it was purged, or the logs were reset`);
}

async function logNames(session: Session): Promise<string[]> {
  return (await session.rows('SHOW BINARY LOGS')).map((row) => row.Log_name ?? '');
}

/** The logs from where the member before ended up to the one that was opened inside the lock, which is left out. */
async function closedLogs(session: Session, from: LogPlace, opened: unknown): Promise<string[]> {
  const files = await logNames(session);
  const [first, end] = [files.indexOf(from.binlogFile ?? ''), files.indexOf(`${opened}`)];
  if (first < 0) throw broken(`the source purged ${from.binlogFile} while it was being backed up`);
  return files.slice(first, end);
}

/** A log may be purged after it was listed: then only a new full helps. */
async function unlessPurged<T>(session: Session, file: string, capture: () => Promise<T>): Promise<T> {
  try {
    return await capture();
  } catch (error) {
    if (!isFiredrillError(error, 'BACKUP_INCOMPLETE') || (await logNames(session)).includes(file)) throw error;
    throw broken(`the source purged ${file} while it was being backed up`);
  }
}

async function logFolder(session: Session): Promise<string> {
  return posix.dirname((await session.value('SELECT @@log_bin_basename')) ?? '');
}

async function scopeOf(session: Session, { settings }: MysqlSource): Promise<DatabaseScope> {
  const rows = await session.rows('SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA');
  const own = settings.databases;
  return { own, others: rows.map((row) => row.name ?? '').filter((name) => !own.includes(name)) };
}

async function readFactsAt(
  source: MysqlSource,
  sink: ArtifactSink,
  coordinator: Session,
  verifications: readonly Session[],
  dataAt: string,
): Promise<Json> {
  const { databases, newest: columns } = source.settings;
  const definitions = await readDefinitions(coordinator, databases);
  const { schema, accounts } = definitions;
  await addDocuments(sink, schema.document, accounts);
  const named = schema.tables.map((table) => ({ table, artifact: '' }));
  const tables = await readTableFacts(verifications, source, named);
  const newest = await findNewest(verifications[0] as Session, tables, dataAt, columns);
  return factsOf(definitions, { dumpId: noDumpId, tables, newest }) as unknown as Json;
}

/** The logs lead from the member before to the snapshot, without a gap. */
function assertWhole(service: string, from: LogPlace, logs: readonly CapturedLog[], end: string) {
  const captured = logs.reduce((set, log) => set.union(GtidSet.parse(log.gtids)), setOf(from));
  const missing = GtidSet.parse(end).subtract(captured);
  if (logs.length > 0 && missing.isEmpty) return;
  const what = logs.length === 0 ? 'no binary log was closed' : `transactions ${missing} are in no binary log`;
  throw new FiredrillError('BACKUP_INCOMPLETE', `${service}: ${what}`);
}

function broken(why: string) {
  return new FiredrillError('CHAIN_BROKEN', why);
}
