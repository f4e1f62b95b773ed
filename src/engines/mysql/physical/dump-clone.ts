import type { Activity } from '../../../kit/activity.ts';
import type { Json } from '../../../kit/json.ts';
import { together } from '../../../kit/together.ts';
import type { ArtifactSink, DumpRecord } from '../../../model/member.ts';
import type { Session } from '../client.ts';
import type { Facts, TableFacts } from '../documents.ts';
import { addDocuments, assertDigestsKnown, readTableFacts } from '../dump.ts';
import { factsOf, noDumpId, readDefinitions } from '../dump-facts.ts';
import { examineSource, openReaders } from '../dump-source.ts';
import { findNewest } from '../newest.ts';
import type { Snapshot } from '../snapshot.ts';
import { insideDump, type MysqlSource, openSource } from '../source.ts';
import { assertClonable } from './clonable.ts';
import { enterCloneInstant } from './clone-instant.ts';
import { SourceClone } from './source-clone.ts';
import { storeClone } from './store-clone.ts';

/**
 * A full in the physical format: the server clones itself into a folder on its host, which is fetched from there. Its manifest
 * says the same as of a logical full: the facts are read in a snapshot of the clone's own instant.
 */
export async function dumpClone(source: MysqlSource, sink: ArtifactSink, activity: Activity): Promise<DumpRecord> {
  const failed = new AbortController();
  const inside = { ...activity, signal: AbortSignal.any([activity.signal, failed.signal]) };
  await using held = new AsyncDisposableStack();
  const coordinator = held.use(await openSource(source, inside));
  const { identity, engineVersion } = await examineSource(coordinator, source, 'full');
  const verifications = await openReaders(source, held, inside);
  const clone = held.use(await SourceClone.begin(source, inside));
  // After an older clone was removed, which may have taken the room.
  await assertClonable(coordinator, source, activity.signal);
  const tools = { mysqld: identity.version };
  return await insideDump(source.service, async () => {
    const snapshot = await enterCloneInstant(coordinator, verifications, clone, inside);
    const parts = { source, sink, coordinator, verifications, clone, snapshot, activity: inside };
    const facts = await storeWithFacts(parts, (error) => failed.abort(error));
    return { ...snapshot, engineVersion, identity, tools, facts: facts as unknown as Json };
  });
}

interface Parts {
  source: MysqlSource;
  sink: ArtifactSink;
  /** Holds the locks, and reads definitions. */
  coordinator: Session;
  /** Inside the snapshot: they read the facts. */
  verifications: readonly Session[];
  clone: SourceClone;
  snapshot: Snapshot;
  activity: Activity;
}

async function storeWithFacts(parts: Parts, stop: (error: unknown) => void): Promise<Facts> {
  const { source, sink, coordinator, verifications, clone, snapshot, activity } = parts;
  const { databases, newest: columns, connections } = source.settings;
  const definitions = await readDefinitions(coordinator, databases);
  const { schema, accounts } = definitions;
  assertDigestsKnown(source, schema.tables);
  await addDocuments(sink, schema.document, accounts);
  const named = schema.tables.map((table) => ({ table, artifact: '' }));
  const [tables = []] = await together<TableFacts[] | undefined>(
    [
      readTableFacts(verifications, source, named),
      storeClone(clone, source.service, connections, sink, activity).then(() => undefined),
    ],
    stop,
  );
  const newest = await findNewest(verifications[0] as Session, tables, snapshot.dataAt, columns);
  await coordinator.run('UNLOCK INSTANCE');
  return factsOf(definitions, { dumpId: noDumpId, tables, newest });
}
