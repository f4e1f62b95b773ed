import type { Carrier, Standing } from '../engines/engine.ts';
import type { Activity } from '../kit/activity.ts';
import { compactInstant } from '../kit/clock.ts';
import { FiredrillError } from '../kit/errors.ts';
import { canonicalJson } from '../kit/json.ts';
import type { Journal } from '../model/journal.ts';
import type { Manifest } from '../model/manifest.ts';
import { Carriage } from './carriage.ts';
import { conclude } from './drill.ts';
import type { DrillService } from './drill-order.ts';
import { Excursions } from './excursions.ts';
import { Rehearsal } from './rehearsal.ts';
import { withRestore } from './restore-journal.ts';
import { type RestoreOrder, type RestorePlan, serviceOf } from './restore-order.ts';

/** A restore that was ordered and looked into; nothing is changed before `run`. */
export class PlannedRestore {
  readonly plan: RestorePlan;
  readonly #order: RestoreOrder;
  readonly #carrier: Carrier<unknown>;
  readonly #standing: Standing<unknown>;
  readonly #startedAt: Date;

  private constructor(
    plan: RestorePlan,
    order: RestoreOrder,
    carrier: Carrier<unknown>,
    standing: Standing<unknown>,
    startedAt: Date,
  ) {
    this.plan = plan;
    this.#order = order;
    this.#carrier = carrier;
    this.#standing = standing;
    this.#startedAt = startedAt;
  }

  /** Looks at the vault and at the target. Throws NO_SUCH_SET, MANIFEST_INVALID, VAULT_READ and whatever a carrier's `look` throws. */
  static async make(order: RestoreOrder, activity: Activity): Promise<PlannedRestore> {
    const startedAt = activity.clock.now();
    const service = serviceOf(order);
    const carrier = carrierOf(service);
    const rehearsal = new Rehearsal(order.drill, idOf(startedAt), order.drill.asOf ?? startedAt, activity);
    await rehearsal.prepare();
    const members = rehearsal.services[0]?.chain.map(({ manifest }) => manifest) ?? [];
    const newest = members.at(-1);
    if (!newest) throw nothingSound(order, rehearsal);
    assertSameIdentity(order, service, newest);
    const standing = await carrier.look(order.target, newest, activity, order.parts);
    const plan = planOf(order, service, members, standing, startedAt);
    return new PlannedRestore(plan, order, carrier, standing, startedAt);
  }

  /**
   * Proves, takes the safety copy, carries, compares. Whatever goes wrong is in the journal; `error` says so where the
   * target could not be written. Throws INTERRUPTED when nothing was written yet.
   */
  async run(replace: boolean, activity: Activity): Promise<{ journal: Journal; error: FiredrillError | null }> {
    const { drill } = this.#order;
    if (this.plan.replaces.length > 0 && !replace) {
      const sentence = `${this.plan.target} is not empty: it holds ${this.plan.replaces.join('; ')}`;
      throw new FiredrillError('TARGET_NOT_EMPTY', sentence);
    }
    const startedAt = activity.clock.now();
    const id = idOf(startedAt);
    // Not later than the plan: what was shown is what is restored.
    const rehearsal = new Rehearsal(drill, id, drill.asOf ?? this.#startedAt, activity);
    const carriage = new Carriage(this.#order, this.#carrier, this.#standing, replace, rehearsal, activity);
    await this.#rehearse(rehearsal, carriage);
    const excursions = new Excursions(drill, id, activity);
    if (!carriage.wasReached) await excursions.run(rehearsal);
    const journal = conclude(drill, rehearsal, excursions, undefined, { id, startedAt, finishedAt: rehearsal.now() });
    return { journal: withRestore(journal, this.plan, carriage), error: carriage.error };
  }

  async #rehearse(rehearsal: Rehearsal, carriage: Carriage) {
    try {
      await rehearsal.run(() => carriage.run());
    } catch (error) {
      if (carriage.error) return;
      if (!(error instanceof FiredrillError) || error.code !== 'INTERRUPTED') throw error;
      const sentence = `the restore was interrupted before anything was written into ${this.plan.target}`;
      throw new FiredrillError('INTERRUPTED', sentence, { cause: error });
    }
  }
}

const idOf = (startedAt: Date) => `${compactInstant(startedAt)}-restore`;

function carrierOf({ engine }: DrillService): Carrier<unknown> {
  const { carrier } = engine;
  if (carrier) return carrier;
  throw new FiredrillError('USAGE', `${engine.title} can be drilled, but not restored for real yet`);
}

function nothingSound({ drill }: RestoreOrder, { services, results }: Rehearsal): FiredrillError {
  const trouble = [...results, ...services.flatMap((each) => each.results)].find(({ outcome }) => outcome !== 'pass');
  const sentence = trouble?.findings[0]?.sentence ?? `vault ${drill.vault.label} holds nothing that can be restored`;
  return new FiredrillError(trouble?.outcome === 'fail' ? 'MANIFEST_INVALID' : 'VAULT_READ', sentence);
}

/** A target that is configured for other data than the backup's would get what nobody asked for. */
function assertSameIdentity({ target, targetName }: RestoreOrder, { engine }: DrillService, { source }: Manifest) {
  for (const [key, value] of Object.entries(engine.expectedIdentity(target.settings))) {
    const recorded = source.identity[key] ?? null;
    if (canonicalJson(recorded) === canonicalJson(value)) continue;
    const sentence = `target ${targetName}: its ${key} is ${canonicalJson(value)}, the backup's ${canonicalJson(recorded)}`;
    throw new FiredrillError('CONFIG_INVALID', sentence, { hint: 'Name the same in the settings of the target.' });
  }
}

function planOf(
  { target, targetName, reason, parts, drill }: RestoreOrder,
  { service, engine }: DrillService,
  members: readonly Manifest[],
  { holds, newest }: Standing<unknown>,
  now: Date,
): RestorePlan {
  const { dataAt = '' } = members.at(-1) ?? {};
  const isBetween = drill.asOf !== undefined && !drill.point && engine.increments?.anyInstant === true;
  const at = isBetween && drill.asOf ? drill.asOf.toISOString() : dataAt;
  const until = Date.parse(newest?.at ?? now.toISOString());
  const losesNothing = parts !== undefined || drill.before !== undefined;
  return {
    service,
    title: engine.title,
    target: targetName,
    host: target.host.label,
    reason,
    parts: parts ?? null,
    members: members.map(({ id }) => id),
    point: drill.before === undefined ? at : `before ${drill.before}`,
    replaces: parts ? [] : holds,
    newest,
    lostMs: losesNothing ? null : Math.max(0, until - Date.parse(at)),
  };
}
