import type { Bay } from '../../../hosts/bay.ts';
import { outputOf } from '../../../hosts/output.ts';
import type { Activity } from '../../../kit/activity.ts';
import { FiredrillError } from '../../../kit/errors.ts';
import { plainLine } from '../../../kit/text.ts';
import { Look } from '../../../model/check.ts';
import type { OpenMember } from '../../../model/member.ts';
import type { Restored, RestoreTarget } from '../../engine.ts';
import { planAccounts } from '../accounts.ts';
import type { Session } from '../client.ts';
import { type AccountsDocument, readAccounts, readFacts, readSchema, type SchemaDocument } from '../documents.ts';
import { type Replayed, replayLogs } from '../replay-logs.ts';
import { keepSandbox, ofMembersOnly, tooEarly } from '../restore.ts';
import { planTables, renewEvents, restorerSettings } from '../restore-schema.ts';
import { SandboxServer } from '../sandbox-server.ts';
import { engineVersionOf, releaseOf } from '../version.ts';
import { explainDeath } from './explain-death.ts';
import { preparation } from './prepare-clone.ts';
import { unpackClone } from './unpack-clone.ts';

/** Restores a physical full, and the increments that follow it, into an empty bay; the server is ready when this resolves. */
export async function restoreClone(
  [full, ...increments]: readonly [OpenMember, ...OpenMember[]],
  bay: Bay,
  activity: Activity,
  target?: RestoreTarget,
): Promise<Restored> {
  const { service, id, dataAt, source } = full.manifest;
  if (target?.at && target.at.getTime() < Date.parse(dataAt)) throw tooEarly(id, dataAt);
  readFacts(full);
  const [schema, document] = [await readSchema(full), await readAccounts(full)];
  planTables(schema);
  planAccounts(document);
  const stages = new Look('restore-run', service, 'stages', increments.length === 0 ? 5 : 6);
  await assertSameRelease(bay, source.engineVersion, activity);
  stages.sawOne();
  const judged = await unpackClone(full, bay, activity);
  stages.sawOne();
  const databases = schema.databases.map(({ name }) => name);
  const sandbox = await explainDeath(full, activity.signal, () =>
    SandboxServer.startOn(bay, schema.birth, preparation(full, databases), activity),
  );
  stages.sawOne(2);
  let replayed: Replayed | undefined;
  await sandbox.watched(async () => {
    await using own = await sandbox.connect();
    await takeOn(own, document);
    if (increments.length > 0) {
      replayed = await replayLogs({ full, increments, databases, sandbox, target, activity });
      // Between two members nobody knows which of the events were on.
      if (!replayed.partial) await renewEventsOf(sandbox, own, await readSchema(increments.at(-1) ?? full), dataAt);
      stages.sawOne();
    }
    await own.value('SELECT 1');
    await sandbox.server.assertAlive();
  });
  stages.sawOne();
  keepSandbox(sandbox);
  const engineVersion = engineVersionOf(sandbox.version, service);
  const between = replayed?.partial ? { unjudged: ofMembersOnly } : {};
  return { server: sandbox.server, engineVersion, standIn: false, results: [...judged, stages.result()], ...between };
}

/** A server of another release could not start it, or would change it beyond comparison. */
async function assertSameRelease({ holder, service }: Bay, recorded: string, { signal }: Activity) {
  const said = await outputOf(holder, { tool: 'mysqld', args: ['--no-defaults', '--version'], signal });
  const found = engineVersionOf(/Ver (\S+)/.exec(said)?.[1] ?? said, service);
  if (releaseOf(found) === releaseOf(recorded)) return;
  const sentence = `${service}: the image holds MySQL ${plainLine(found, 40)}, and only a server of ${releaseOf(recorded)} can start a clone of ${recorded}`;
  const hint = `Name an image of MySQL ${releaseOf(recorded)} under drill.images, then run the drill again.`;
  throw new FiredrillError('IMAGE_MISSING', sentence, { hint });
}

/** What the source's own configuration and plugins did for its accounts. */
async function takeOn(own: Session, { partialRevokes, accounts }: AccountsDocument) {
  if (partialRevokes) await own.run('SET GLOBAL partial_revokes = ON');
  if (accounts.some(({ create }) => create.includes("IDENTIFIED WITH 'auth_socket'"))) {
    await own.run("INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'");
  }
}

async function renewEventsOf(sandbox: SandboxServer, own: Session, newest: SchemaDocument, dataAt: string) {
  const login = await sandbox.createRestorer(newest.databases.map(({ name }) => name));
  {
    await using restorer = await sandbox.connectAs(login);
    await restorer.runAll(restorerSettings(sandbox.version, dataAt));
    await renewEvents(restorer, own, newest);
  }
  await sandbox.dropLogin(login);
}
