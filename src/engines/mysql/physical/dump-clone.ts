import type { Activity } from '../../../kit/activity.ts';
import type { Json } from '../../../kit/json.ts';
import type { ArtifactSink, DumpRecord } from '../../../model/member.ts';
import { readAccountsOf } from '../accounts.ts';
import type { Session } from '../client.ts';
import { accountHashes, definitionsOf, hashesOf } from '../definitions.ts';
import type { Facts, TableFacts } from '../documents.ts';
import { addDocuments, assertDigestsKnown, readTableFacts } from '../dump.ts';
import { findNewest } from '../newest.ts';
import { readSchemaOf } from '../read-schema.ts';
import { readIdentity, type Snapshot } from '../snapshot.ts';
import { assertPrivileges, insideDump, type MysqlSource, openSource } from '../source.ts';
import { assertSuitable } from '../suitability.ts';
import { together } from '../together.ts';
import { engineVersionOf } from '../version.ts';
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
  const identity = await readIdentity(coordinator, source);
  const engineVersion = engineVersionOf(identity.version, source.service);
  await assertPrivileges(coordinator, source, 'full');
  await assertSuitable(coordinator, source);
  const verifications: Session[] = [];
  for (let i = 0; i < source.settings.connections; i += 1) {
    verifications.push(held.use(await openSource(source, inside)));
  }
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
  const { databases, newest, connections } = source.settings;
  const schema = await readSchemaOf(coordinator, databases);
  assertDigestsKnown(source, schema.tables);
  const accounts = await readAccountsOf(coordinator, databases);
  await addDocuments(sink, schema.document, accounts);
  const named = schema.tables.map((table) => ({ table, artifact: '' }));
  const [tables = []] = await together<TableFacts[] | undefined>(
    [
      readTableFacts(verifications, source, named),
      storeClone(clone, source.service, connections, sink, activity).then(() => undefined),
    ],
    stop,
  );
  const facts: Facts = {
    version: 1,
    dumpId: '0'.repeat(32),
    tables,
    objects: hashesOf(definitionsOf(schema.document)),
    accounts: accountHashes(accounts),
    brokenViews: schema.brokenViews,
    newest: await findNewest(verifications[0] as Session, tables, snapshot.dataAt, newest),
  };
  await coordinator.run('UNLOCK INSTANCE');
  return facts;
}
