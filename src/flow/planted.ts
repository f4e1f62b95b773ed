import { checkPlanted } from '../checks/planted.ts';
import type { Activity } from '../kit/activity.ts';
import { isFiredrillError, messageOf } from '../kit/errors.ts';
import { pick, type Random, seeded, shuffled } from '../kit/random.ts';
import type { CheckResult } from '../model/check.ts';
import { Look } from '../model/check.ts';
import type { PlantedRecord } from '../model/journal.ts';
import { Forger, type Saboteur, type Scene, SpoiledVault, saboteurs } from '../saboteurs/index.ts';
import type { DrillOrder } from './drill-order.ts';
import { Rehearsal } from './rehearsal.ts';
import type { ServiceDrill } from './service-drill.ts';

/** Above this, only faults are planted that names and manifests give away: they cost no further restore. */
const maxRestoredBytes = 1024 ** 3;

export interface Planted {
  record: PlantedRecord;
  result: CheckResult;
}

/**
 * Plants one fault into a copy of the backup of one service that has just passed, and drills the copy in a pod of its own.
 * Seed and vault decide all that is chosen. undefined when no service has passed: nothing can be told from its copy.
 */
export async function plantFault(
  order: DrillOrder,
  seed: number,
  rehearsal: Rehearsal,
  id: string,
  activity: Activity,
): Promise<Planted | undefined> {
  const random = seeded(seed);
  const drilled = pick(random, rehearsal.services.filter(hasPassed));
  const planted = drilled && (await inject(order, drilled, random));
  if (!drilled || !planted) return undefined;
  const { scene, saboteur, what } = planted;
  const { service } = drilled;
  activity.tell({ service, phase: 'check', text: `a fault was planted into a copy: ${saboteur.title}` });
  const results = await rehearse(order, scene, rehearsal.asOf, id, activity);
  const failed = results.filter((each) => each.outcome === 'fail');
  const caught = failed.find((each) => saboteur.caughtBy.includes(each.check)) ?? failed[0];
  const unclear = results.find((each) => each.outcome === 'inconclusive');
  const record: PlantedRecord = {
    ...{ seed, saboteur: saboteur.id, title: saboteur.title, resealed: saboteur.resealed, service, what },
    caughtBy: caught?.check ?? null,
    sentence: (caught ?? unclear)?.findings[0]?.sentence ?? '',
  };
  return { record, result: checkPlanted(record, unclear ? record.sentence : null) };
}

const hasPassed = (drilled: ServiceDrill) => drilled.cameBack && drilled.results.every((r) => r.outcome === 'pass');

/** The first saboteur, in an order by chance, for which this backup gives an occasion. */
async function inject(order: DrillOrder, drilled: ServiceDrill, random: Random) {
  const { engine } = order.services.find((each) => each.service === drilled.service) ?? {};
  const members = drilled.chain;
  const bytes = members.flatMap((each) => each.manifest.artifacts).reduce((sum, entry) => sum + entry.bytes, 0);
  const affordable = saboteurs.filter((each) => each.seenBy === 'manifests' || bytes <= maxRestoredBytes);
  for (const saboteur of shuffled(random, affordable)) {
    const needed = members.map((each) => each.listed);
    const scene: Scene = {
      vault: await SpoiledVault.over(order.vault, needed),
      service: drilled.service,
      needed,
      dependence: engine?.increments?.dependence ?? 'previous',
      forger: new Forger(),
      random,
    };
    const what = await saboteur.inject(scene);
    if (what !== undefined)
      return { scene, saboteur, what } satisfies { scene: Scene; saboteur: Saboteur; what: string };
  }
  return undefined;
}

/** What a drill finds in the copy: its own RTO clock, its own pod, and no further than to the first failure before that. */
async function rehearse(order: DrillOrder, scene: Scene, asOf: Date, id: string, activity: Activity) {
  const { since: _, ...rest } = order;
  const services = order.services.filter((each) => each.service === scene.service);
  const trusted = [...order.trusted, scene.forger.trusted];
  const copy = { ...rest, services, trusted, vault: scene.vault, applications: [] };
  const rehearsal = new Rehearsal(copy, id, asOf, activity);
  try {
    await rehearsal.runToFirstFailure();
  } catch (error) {
    if (!isFiredrillError(error, 'NO_SUCH_SET')) throw error;
    // A drill of this one service would have ended here, and said so.
    return [
      new Look('coverage', null, 'services', 1)
        .sawOne()
        .fail({ sentence: messageOf(error) })
        .result(),
    ];
  }
  return [...rehearsal.results, ...rehearsal.services.flatMap((each) => each.results)];
}
