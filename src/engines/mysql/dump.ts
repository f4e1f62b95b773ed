import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { outputOf } from '../../hosts/output.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import type { Json } from '../../kit/json.ts';
import { count, plainLine } from '../../kit/text.ts';
import { together } from '../../kit/together.ts';
import type { ArtifactSink, DumpRecord } from '../../model/member.ts';
import type { Session } from './client.ts';
import {
  type AccountsDocument,
  accountsArtifact,
  type DataFacts,
  type SchemaDocument,
  schemaArtifact,
  type TableFacts,
} from './documents.ts';
import { factsOf, readDefinitions } from './dump-facts.ts';
import { examineSource } from './dump-source.ts';
import { qualify, sayTable } from './names.ts';
import { findNewest } from './newest.ts';
import { enterSnapshot } from './snapshot.ts';
import { insideDump, type MysqlSource, openSource } from './source.ts';
import { countRows, fingerprint } from './table-facts.ts';
import { cutTable, partMarkId, readSizes } from './table-parts.ts';
import { type ReadableTable, TableReader } from './table-reader.ts';

const mib = 1024 ** 2;

/** Dumps all databases, and the server's accounts, as they are at one instant. */
export async function dump(source: MysqlSource, sink: ArtifactSink, activity: Activity): Promise<DumpRecord> {
  const failed = new AbortController();
  const inside = { ...activity, signal: AbortSignal.any([activity.signal, failed.signal]) };
  await using held = new AsyncDisposableStack();
  const coordinator = held.use(await openSource(source, inside));
  const { identity, engineVersion } = await examineSource(coordinator, source, 'full');
  const client = await clientVersion(source, activity);
  const verification = held.use(await openSource(source, inside));
  const dumpId = randomBytes(16).toString('hex');
  const readers = Array.from({ length: source.settings.connections }, () => new TableReader(source, dumpId, inside));
  held.defer(async () => void (await Promise.all(readers.map((reader) => reader.abandon()))));
  const parts = { source, sink, coordinator, verification, readers, dumpId, activity };
  const stop = (error: unknown) => failed.abort(error);
  const { snapshot, facts } = await insideDump(source.service, () => dumpParts(parts, stop));
  const tools = { mysql: client };
  return { ...snapshot, engineVersion, identity, tools, facts: facts as unknown as Json };
}

interface Parts {
  source: MysqlSource;
  sink: ArtifactSink;
  /** Holds the locks, and reads definitions. */
  coordinator: Session;
  /** Inside the snapshot: reads the facts. */
  verification: Session;
  readers: readonly TableReader[];
  dumpId: string;
  activity: Activity;
}

async function dumpParts(parts: Parts, stop: (error: unknown) => void) {
  const { source, sink, coordinator, verification, readers, dumpId, activity } = parts;
  await together(
    readers.map((reader) => reader.ready()),
    stop,
  );
  const snapshot = await enterSnapshot(coordinator, [verification], readers, activity);
  const definitions = await readDefinitions(coordinator, source.settings.databases);
  const { schema, accounts } = definitions;
  assertDigestsKnown(source, schema.tables);
  await addDocuments(sink, schema.document, accounts);
  const named = schema.tables.map((table, i) => ({ table, artifact: `table-${String(i + 1).padStart(5, '0')}.tsv` }));
  const read: ReadData = new Map();
  const [counted = []] = await together<TableFacts[] | undefined>(
    [readTableFacts([verification], source, named), readTables(parts, named, read, stop).then(() => undefined)],
    stop,
  );
  await Promise.all(readers.map((reader) => reader.finish()));
  const tables = counted.map((table, i) => withData(source.service, table, read.get(named[i]?.table) ?? []));
  const newest = await findNewest(verification, tables, snapshot.dataAt, source.settings.newest);
  await coordinator.run('UNLOCK INSTANCE');
  return { snapshot, facts: factsOf(definitions, { dumpId, tables, newest }) };
}

export async function addDocuments(sink: ArtifactSink, schema: SchemaDocument, accounts: AccountsDocument) {
  await sink.add(schemaArtifact, 'schema', 'zstd', Readable.from([JSON.stringify(schema)]));
  await sink.add(accountsArtifact, 'accounts', 'zstd', Readable.from([JSON.stringify(accounts)]));
}

interface NamedTable {
  table: ReadableTable;
  artifact: string;
}

/** What was read of each table, its parts in order. */
type ReadData = Map<ReadableTable | undefined, DataFacts[]>;

/** Each reader takes the next piece when it is done with one; `read` is told what came. */
async function readTables(
  { readers, sink, source, dumpId, coordinator, activity }: Parts,
  named: readonly NamedTable[],
  read: ReadData,
  stop: (error: unknown) => void,
): Promise<void> {
  const takeNext = oneAhead(cutTables(coordinator, source, named));
  let done = 0;
  const work = async (reader: TableReader) => {
    for (let next = await takeNext(); next; next = await takeNext()) {
      const { table, artifact, condition, isLast } = next;
      // In the order of the parts, whichever is read first.
      const facts = { artifact, rows: -1 };
      read.set(table, [...(read.get(table) ?? []), facts]);
      const part = condition === undefined ? undefined : { condition, markId: partMarkId(dumpId, artifact) };
      await sink.add(artifact, 'data', 'zstd', reader.read(table, part));
      facts.rows = reader.lastRows ?? -1;
      if (!isLast) continue;
      done += 1;
      activity.tell({ service: source.service, phase: 'dump', text: `${done} of ${count(named.length, 'table')}` });
    }
  };
  await together(readers.map(work), stop);
}

/** A table, or a range of its rows, that becomes one artifact. */
interface Piece extends NamedTable {
  /** undefined for a whole table. */
  condition: string | undefined;
  isLast: boolean;
}

/** The largest first: what is left at the end is small, and no reader is long without work. */
async function* cutTables(
  session: Session,
  { settings }: MysqlSource,
  named: readonly NamedTable[],
): AsyncGenerator<Piece> {
  const sizes = await readSizes(session, settings.databases);
  const sized = named.map((each) => ({ ...each, size: sizes.get(qualify(each.table.database, each.table.name)) }));
  for (const { table, artifact, size } of sized.toSorted((a, b) => (b.size?.bytes ?? 0) - (a.size?.bytes ?? 0))) {
    let number = 0;
    for await (const { condition, isLast } of cutTable(session, table, size, settings.partMiB * mib)) {
      number += 1;
      const own =
        condition === undefined ? artifact : artifact.replace('.tsv', `.${String(number).padStart(3, '0')}.tsv`);
      yield { table, artifact: own, condition, isLast };
    }
  }
}

/** Hands out what a generator yields, and lets it look for the next meanwhile; undefined at its end. */
function oneAhead<T>(all: AsyncGenerator<T>): () => Promise<T | undefined> {
  const ask = () => {
    const asked = all.next();
    // Of one that nobody takes any more, whoever took the one before has heard.
    asked.catch(() => {});
    return asked;
  };
  let next = ask();
  return async () => {
    const taken = next;
    next = ask();
    const { done, value } = await taken;
    return done ? undefined : value;
  };
}

/** Exact rows and digests of each table, by sessions in one snapshot, side by side. */
export async function readTableFacts(
  sessions: readonly Session[],
  source: MysqlSource,
  named: readonly NamedTable[],
): Promise<TableFacts[]> {
  const facts: TableFacts[] = [];
  const waiting = [...named.entries()];
  const work = async (session: Session) => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [i, { table, artifact }] = next;
      const { database, name } = table;
      const rows = await countRows(session, table);
      facts[i] = { database, name, artifact, rows, ...(await fingerprint(session, table, isDigested(table, source))) };
    }
  };
  await together(sessions.map(work), () => waiting.splice(0));
  return facts;
}

/** A name that fits no table would be an option that does nothing. */
export function assertDigestsKnown(source: MysqlSource, tables: readonly ReadableTable[]) {
  const known = new Set(tables.flatMap(({ database, name }) => [name, `${database}.${name}`]));
  const unknown = source.settings.digestTables.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const sentence = `${source.service}: the source has no table ${plainLine(unknown)}, which "digestTables" names`;
  throw new FiredrillError('SOURCE_UNSUITABLE', sentence, { hint: 'Run: firedrill config check' });
}

function isDigested({ database, name }: ReadableTable, { settings }: MysqlSource): boolean {
  return settings.digestTables.includes(name) || settings.digestTables.includes(`${database}.${name}`);
}

/** Two sessions of one snapshot count the same rows. */
function withData(service: string, table: TableFacts, data: readonly DataFacts[]): TableFacts {
  const { database, name, rows } = table;
  const read = data.reduce((sum, each) => sum + each.rows, 0);
  if (read !== rows || data.length === 0) {
    const sentence = `${service}: table ${sayTable(database, name)} has ${rows} rows in the snapshot, ${read} were read`;
    throw new FiredrillError('BACKUP_INCOMPLETE', sentence);
  }
  return data.length === 1 ? table : { ...table, artifact: '', parts: [...data] };
}

export async function clientVersion({ host }: MysqlSource, { signal }: Activity): Promise<string> {
  const said = await outputOf(host, { tool: 'mysql', args: ['--version'], signal });
  return /Ver (\S+)/.exec(said)?.[1] ?? said.trim().slice(0, 100);
}
