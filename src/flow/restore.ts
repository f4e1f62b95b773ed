import type { KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Carried, Carrier, Source, Standing } from '../engines/engine.ts';
import type { Activity } from '../kit/activity.ts';
import { compactInstant } from '../kit/clock.ts';
import { exitStatus, FiredrillError, messageOf } from '../kit/errors.ts';
import { canonicalJson } from '../kit/json.ts';
import { count } from '../kit/text.ts';
import { formatDuration } from '../kit/units.ts';
import type { Journal, RestoreRecord } from '../model/journal.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RestoreReason } from '../model/objectives.ts';
import { directoryVault } from '../vault/directory.ts';
import { backUp } from './backup.ts';
import { conclude, judge } from './drill.ts';
import type { DrillOrder, DrillService } from './drill-order.ts';
import { Excursions } from './excursions.ts';
import { Rehearsal } from './rehearsal.ts';
import { ages } from './service-drill.ts';

/** One service, one target: prove, then carry. */
export interface RestoreOrder {
  /** How the service is proven in the sealed pod first: exactly one service, and no excursions but to the last good point. */
  drill: DrillOrder;
  target: Source<unknown>;
  /** As it was typed. */
  targetName: string;
  reason: RestoreReason;
  /** Only these, beside the live data. */
  parts?: readonly string[];
  /** Go on although a check has failed in the pod. */
  unproven: boolean;
  /** Where what is replaced is backed up, each time into a folder of its own: no vault, so that no drill takes it for one. */
  safetyFolder: string;
  signingKey(): Promise<KeyObject>;
  timeZone: string;
  /** The command that restores from a safety copy in `folder`, for people. */
  goBack(folder: string): string;
}

/** What will be done, before anything is. All texts may hold untrusted names. */
export interface RestorePlan {
  service: string;
  title: string;
  target: string;
  host: string;
  reason: RestoreReason;
  parts: readonly string[] | null;
  /** The members that are restored, the full first. */
  members: readonly string[];
  /** `2026-11-24T10:31:06.000Z`, or `before <change>`. */
  point: string;
  /** What stands at the target and gives way, one thing a line; empty: nothing. */
  replaces: readonly string[];
  /** The newest event at the target, where that is known. */
  newest: { at: string; basis: string } | null;
  /** From the point to the newest event at the target, else to now; null: not known, or nothing is lost. */
  lostMs: number | null;
}

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
    const carrier = carrierOf(order, service);
    const rehearsal = new Rehearsal(order.drill, idOf(startedAt), order.drill.asOf ?? startedAt, activity);
    await rehearsal.prepare();
    const members = rehearsal.services[0]?.chain.map(({ manifest }) => manifest) ?? [];
    const newest = members.at(-1);
    if (!newest) throw nothingSound(order, rehearsal);
    assertSameIdentity(order, service, newest);
    const standing = await carrier.look(order.target, newest, activity);
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

/** The second half: from the proven pod into the target. */
class Carriage {
  /** Whether the state in the pod was good enough to go on from. */
  wasReached = false;
  /** The checks in the pod had passed; else somebody insisted. */
  wasProven = false;
  hasBegun = false;
  error: FiredrillError | null = null;
  carried: Carried | null = null;
  safetyCopy: RestoreRecord['safetyCopy'] = null;
  carryMs: number | null = null;
  readonly #order: RestoreOrder;
  readonly #carrier: Carrier<unknown>;
  readonly #standing: Standing<unknown>;
  readonly #replace: boolean;
  readonly #rehearsal: Rehearsal;
  readonly #activity: Activity;

  constructor(
    order: RestoreOrder,
    carrier: Carrier<unknown>,
    standing: Standing<unknown>,
    replace: boolean,
    rehearsal: Rehearsal,
    activity: Activity,
  ) {
    this.#order = order;
    this.#carrier = carrier;
    this.#standing = standing;
    this.#replace = replace;
    this.#rehearsal = rehearsal;
    this.#activity = activity;
  }

  async run(): Promise<void> {
    const [service] = this.#rehearsal.services;
    this.wasProven = this.#isProven();
    if (!service?.restored || !(this.wasProven || this.#order.unproven)) return;
    this.wasReached = true;
    const startedMs = this.#activity.clock.monotonicMs();
    try {
      if (this.#isReplacing) await this.#keepWhatIsThere();
      this.carried = await this.#carry();
      this.safetyCopy ??= this.carried.kept ?? null;
      this.carryMs = this.#activity.clock.monotonicMs() - startedMs;
    } catch (error) {
      this.error = this.#explain(error);
    }
  }

  /** The age of a backup, and the time that it took, are no reasons to leave a service down. */
  #isProven(): boolean {
    return judge(this.#order.drill, this.#rehearsal, [], undefined).every(
      ({ check, outcome }) => ['pass', 'warning'].includes(outcome) || check === 'rto' || ages.has(check),
    );
  }

  get #isReplacing(): boolean {
    return !this.#order.parts && this.#standing.holds.length > 0;
  }

  async #keepWhatIsThere() {
    const source = this.#standing.backUpAs;
    if (!source) return;
    const { safetyFolder, timeZone, goBack, drill } = this.#order;
    const { engine } = serviceOf(this.#order);
    const folder = join(safetyFolder, `${compactInstant(this.#activity.clock.now())}-${source.service}`);
    await makeFolder(folder);
    const signingKey = await this.#order.signingKey();
    const vault = directoryVault('of safety copies', folder);
    const activity = this.#rehearsal.watch.activityOf(source.service, this.#activity.signal);
    const order = { engine, source, vault, signingKey, timeZone, kind: 'full' } as const;
    await this.#rehearsal.watch.phase('safety copy', drill.services[0]?.service ?? null, () => backUp(order, activity));
    this.safetyCopy = { where: folder, goBack: goBack(folder) };
  }

  #carry(): Promise<Carried> {
    const { target, parts } = this.#order;
    const [service] = this.#rehearsal.services;
    const restored = service?.restored;
    if (!service || !restored) throw new FiredrillError('INTERNAL', 'nothing was restored that could be carried');
    const stamp = compactInstant(this.#activity.clock.now());
    const begin = () => {
      this.hasBegun = true;
    };
    const wanted = parts ? { parts } : {};
    const job = { target, chain: service.chain, restored, replace: this.#replace, stamp, begin, ...wanted };
    const activity = this.#rehearsal.watch.activityOf(service.service, this.#activity.signal);
    return this.#rehearsal.watch.phase('carry', service.service, () => this.#carrier.carry(job, activity));
  }

  #explain(error: unknown): FiredrillError {
    const known = error instanceof FiredrillError ? error : undefined;
    const code = known?.code ?? 'INTERNAL';
    const { targetName } = this.#order;
    if (!this.hasBegun) {
      const more = { cause: error, ...(known ? { hint: known.hint, detail: known.detail } : {}) };
      return new FiredrillError(code, `nothing was changed at ${targetName}: ${messageOf(error)}`, more);
    }
    const sentence = `the restore into ${targetName} broke off, and what stands there is not whole: ${messageOf(error)}`;
    const back = this.safetyCopy ? ` Or go back: ${this.safetyCopy.goBack}` : '';
    const hint = `Mend the cause, then run the same command again, with --replace.${back}`;
    return new FiredrillError(code, sentence, { cause: error, hint, detail: known?.detail ?? [] });
  }
}

const idOf = (startedAt: Date) => `${compactInstant(startedAt)}-restore`;

function serviceOf({ drill }: RestoreOrder): DrillService {
  const [service, ...more] = drill.services;
  if (service && more.length === 0) return service;
  throw new FiredrillError('INTERNAL', 'one service is restored at a time');
}

function carrierOf({ parts }: RestoreOrder, { engine }: DrillService): Carrier<unknown> {
  const { carrier } = engine;
  if (!carrier) throw new FiredrillError('USAGE', `${engine.title} can be drilled, but not restored for real yet`);
  if (!parts || carrier.parts) return carrier;
  throw new FiredrillError('USAGE', `of ${engine.title} nothing can be restored beside the live data yet`, {
    hint: 'Leave the option out to restore the whole.',
  });
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

async function makeFolder(folder: string) {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const sentence = `no folder for the safety copy could be made: ${messageOf(cause)}`;
    throw new FiredrillError('FILE_WRITE', sentence, { cause });
  }
}

/** The drill's journal, with what became of the target; the verdict is the restore's. */
function withRestore(journal: Journal, plan: RestorePlan, carriage: Carriage): Journal {
  const { carried, carryMs, error, hasBegun, safetyCopy, wasProven, wasReached } = carriage;
  const checks = carried?.results ?? [];
  const bad = checks.filter(({ outcome }) => outcome !== 'pass');
  const outcome = carried ? (bad.length > 0 ? 'differs' : 'restored') : hasBegun ? 'broke-off' : 'untouched';
  const restore: RestoreRecord = {
    ...{ reason: plan.reason, target: plan.target, host: plan.host, outcome },
    parts: plan.parts && [...plan.parts],
    replaced: hasBegun ? [...plan.replaces] : [],
    ...{ safetyCopy, lostMs: plan.lostMs, carryMs, checks },
  };
  const notes = [...journal.notes, ...(carried?.notes ?? [])];
  if (!wasReached) {
    const sentence = `Nothing was written into ${plan.target}. ${journal.verdict.sentence}`;
    return { ...journal, notes, restore, verdict: { ...journal.verdict, sentence } };
  }
  if (error) {
    const verdict = { verdict: 'inconclusive', sentence: `${error.message}.` } as const;
    return { ...journal, notes, restore, verdict, exitStatus: error.exit };
  }
  if (outcome === 'restored' && !wasProven) {
    const sentence = `${plan.service} was restored into ${plan.target} although its backup did not pass. ${journal.verdict.sentence}`;
    return { ...journal, notes, restore, verdict: { ...journal.verdict, sentence } };
  }
  const first = bad[0]?.findings[0]?.sentence ?? '';
  const sentence =
    outcome === 'restored'
      ? sayRestored(journal, plan, carriage)
      : `${plan.service} was written into ${plan.target}, but is not what was proven: ${first}.`;
  const verdict = { verdict: outcome === 'restored' ? 'pass' : 'fail', sentence } as const;
  const status = outcome === 'restored' ? exitStatus.pass : exitStatus.drillFailed;
  return { ...journal, notes, restore, verdict, exitStatus: status };
}

function sayRestored(journal: Journal, plan: RestorePlan, { carried, carryMs }: Carriage): string {
  const took = formatDuration((journal.rto.usedMs ?? 0) + (carryMs ?? 0));
  const checks = count(carried?.results.length ?? 0, 'check');
  return `${plan.service} was restored into ${plan.target}: ${carried?.place}, to ${plan.point}, in ${took}; ${checks} there passed.`;
}
