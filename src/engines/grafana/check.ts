import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import type { OpenMember } from '../../model/member.ts';
import type { Answerer, Checked, LiveChecked, Restored } from '../engine.ts';
import { type ApiInventory, askOrganisation, askOrganisations, type ServerAnswers } from './checks/api-inventory.ts';
import { checkContent } from './checks/content.ts';
import { checkInventory } from './checks/inventory.ts';
import { checkLive, type Promised } from './checks/live.ts';
import { checkSecrets } from './checks/secrets.ts';
import { checkSemantics } from './checks/semantics.ts';
import { GrafanaClient } from './client.ts';
import { GrafanaDatabase } from './database/grafana-database.ts';
import { type GrafanaFacts, readDatabaseFacts } from './facts.ts';
import { readPanels } from './panels/read-panels.ts';
import { RestoredGrafana } from './restore.ts';
import { sealSecrets } from './secrets/seals.ts';
import { chooseSecretKey } from './secrets/secret-key.ts';
import type { GrafanaSettings } from './settings.ts';
import { majorOf } from './version.ts';

/** Compares the pristine database and the running server with the facts. */
export async function checkGrafana(
  chain: readonly OpenMember[],
  restored: Restored,
  settings: GrafanaSettings,
  activity: Activity,
): Promise<Checked> {
  const service = chain.at(-1)?.manifest.service;
  if (!service || !(restored instanceof RestoredGrafana))
    throw new FiredrillError('INTERNAL', 'this is no restored Grafana');
  const { facts, databasePath, beside } = restored.rebuilt;
  using db = new GrafanaDatabase(databasePath, 'ARTIFACT_FORMAT');
  const found = readDatabaseFacts(db);
  const key = chooseSecretKey(settings.secretKey, beside.ini);
  const seals = sealSecrets(db, key.value, facts.secrets.salt);
  const api = await askServer(restored, activity.signal);
  return {
    results: [
      checkInventory(service, facts, found, api),
      checkContent(service, facts, { database: found, files: beside.files }, api.each),
      checkSecrets(service, facts.secrets, seals, key.from),
      checkSemantics(service, facts.semantics, found.semantics),
    ],
    newest: found.newest,
  };
}

/** Asks the databases that were restored beside it what its panels ask. */
export async function checkDashboards(
  restored: Restored,
  answerers: readonly Answerer[],
  lastWithData: readonly string[] | undefined,
  { signal }: Activity,
): Promise<LiveChecked> {
  if (!(restored instanceof RestoredGrafana)) throw new FiredrillError('INTERNAL', 'this is no restored Grafana');
  const { facts, databasePath } = restored.rebuilt;
  using db = new GrafanaDatabase(databasePath, 'ARTIFACT_FORMAT');
  const panels = [...readPanels(db)];
  return checkLive(restored.service, facts, panels, answerers, promisedBy(facts, lastWithData), signal);
}

function promisedBy({ panelsWithData }: GrafanaFacts, last: readonly string[] | undefined): Promised | undefined {
  if (panelsWithData) return { withData: panelsWithData, by: 'manifest' };
  return last && { withData: last, by: 'last drill' };
}

/** One organisation after the other; RESTORE_FAILED or the drill's own fault when the server gives no answers. */
async function askServer(
  { server, login, engineVersion, rebuilt }: RestoredGrafana,
  signal: AbortSignal,
): Promise<ServerAnswers> {
  const client = new GrafanaClient(() => server.socketPath(), signal, login);
  const each: ApiInventory[] = [];
  try {
    for (const org of rebuilt.facts.organisations) {
      each.push(await askOrganisation(client, org, majorOf(engineVersion), login.username));
    }
    return { organisations: await askOrganisations(client), each };
  } catch (error) {
    await server.assertAlive();
    throw error;
  }
}
