import { checkFreshness } from '../checks/freshness.ts';
import { checkRpo, measureRpo } from '../checks/rpo.ts';
import type { Declared } from '../checks/self-check.ts';
import { checkSetAge } from '../checks/set-age.ts';
import { checkVersions } from '../checks/versions.ts';
import type { Answerer, Restored, RestoreTarget } from '../engines/engine.ts';
import type { Activity } from '../kit/activity.ts';
import { FiredrillError } from '../kit/errors.ts';
import { formatDuration } from '../kit/units.ts';
import { type Access, type ApplicationLogin, comesByTcp } from '../model/application.ts';
import type { CheckId, CheckResult } from '../model/check.ts';
import type { Heartbeat, ServiceRecord } from '../model/journal.ts';
import type { ServicePlan } from '../model/restore-plan.ts';
import type { ResolvedImage } from '../sandbox/images.ts';
import type { Pod, PodService } from '../sandbox/pod.ts';
import type { ListedMember } from '../vault/vault.ts';
import type { VerifiedMember } from '../vault/verified-member.ts';
import { askOwnChecks } from './ask-own-checks.ts';
import type { DrillOrder, DrillService } from './drill-order.ts';
import { resultOfFailure } from './failure.ts';
import { OpenedChain } from './opened-chain.ts';
import type { Stopwatch } from './stopwatch.ts';
import { manifestResult } from './verify.ts';

/** What is judged of a restore point's age; a point can be good and too old. */
export const ages: ReadonlySet<CheckId> = new Set(['set-age', 'rpo', 'freshness']);

/** One service's way through a drill: open, restore, check. Failures become results; nothing is thrown. */
export class ServiceDrill {
  readonly results: CheckResult[] = [];
  readonly notes: string[] = [];
  readyMs: number | null = null;
  readonly #service: DrillService;
  readonly #plan: ServicePlan<ListedMember>;
  readonly #order: DrillOrder;
  readonly #watch: Stopwatch;
  #opened: OpenedChain | undefined;
  #image: ResolvedImage | undefined;
  #restored: Restored | undefined;
  #newest: { at: string; basis: string } | null = null;
  #heartbeat: Heartbeat | null = null;
  #largestGapMs: number | null = null;
  #panelsWithData: readonly string[] | null = null;
  /** What was restored beside it and can be asked by its dashboards. */
  #answerers: readonly Answerer[] = [];
  /** Results that stand before anything is restored. */
  #seenBefore = 0;

  constructor(service: DrillService, plan: ServicePlan<ListedMember>, order: DrillOrder, watch: Stopwatch) {
    this.#service = service;
    this.#plan = plan;
    this.#order = order;
    this.#watch = watch;
  }

  get #name(): string {
    return this.#service.service;
  }

  /** The longest time without a restore point; see `largestGapMs` of the model. */
  useGap(gapMs: number | null) {
    this.#largestGapMs = gapMs;
  }

  get service(): string {
    return this.#name;
  }

  /** The members that were restored, or were to be: the full first. */
  get chain(): readonly VerifiedMember[] {
    return this.#opened?.members ?? [];
  }

  /** The member at which the chain is broken, seen before anything was restored. */
  get brokenAt(): string | null {
    return this.#opened?.brokenAt ?? null;
  }

  /** Whether what was restored is good, whatever its age and whatever the chain lacks after it. */
  get cameBack(): boolean {
    const own = this.results.slice(this.#seenBefore).filter((each) => !ages.has(each.check));
    return this.#restored !== undefined && own.every((each) => each.outcome === 'pass');
  }

  /** What came back, as long as the pod runs; undefined when nothing did. */
  get restored(): Restored | undefined {
    return this.#restored;
  }

  get canRestore(): boolean {
    return this.chain.length > 0;
  }

  /** The engine's and the general checks that must give a result for this service. */
  declared(): Declared[] {
    const general = ['manifest', 'chain', 'provenance', 'versions', 'freshness'] as const;
    // A point that was chosen for being old has no age to be judged.
    const aged = this.#isAged ? (['set-age', 'rpo'] as const) : [];
    const unjudged = new Set(this.#restored?.unjudged);
    const live = this.#asksOthers ? (['dashboards-live'] as const) : [];
    const own = this.#hasOwnChecks ? (['own-checks'] as const) : [];
    const anomaly = this.#anomaly ? (['anomaly'] as const) : [];
    return [...new Set([...general, ...aged, ...this.#service.engine.drills, ...live, ...own, ...anomaly])]
      .filter((check) => !unjudged.has(check))
      .map((check) => ({ check, service: this.#name }));
  }

  /** They are written for today's data: an older point that is restored by policy may honestly lack it. */
  get #hasOwnChecks(): boolean {
    return (this.#service.checks ?? []).length > 0 && this.#order.ownChecks !== false;
  }

  get #asksOthers(): boolean {
    return this.#service.engine.checkLive !== undefined && this.#answerers.length > 0;
  }

  /** What this service can answer to those that were restored beside it. */
  answerers(stop: AbortSignal): Answerer[] {
    if (!this.#restored) return [];
    const activity = this.#watch.activityOf(this.#name, stop);
    return [this.#service.engine.answerer?.(this.chain, this.#restored, activity)].filter((each) => each !== undefined);
  }

  /** Called when all services are restored. */
  meet(answerers: readonly Answerer[]) {
    this.#answerers = answerers;
  }

  get #anomaly(): CheckResult | undefined {
    return this.#opened?.anomaly.result;
  }

  get #isAged(): boolean {
    return !this.#order.point && this.#order.before === undefined;
  }

  async open() {
    await this.#watch.phase('fetch', this.#name, async () => {
      this.#opened = await OpenedChain.open(this.#service, this.#plan, this.#order, this.#isAged);
      this.results.push(...this.#opened.results);
      this.notes.push(...this.#opened.anomaly.notes);
      this.#seenBefore = this.results.length;
    });
  }

  imageName(): string {
    return this.#service.imageFor(this.#newestManifest().source.engineVersion);
  }

  useImage(image: ResolvedImage) {
    this.#image = image;
  }

  podService(): PodService {
    if (!this.#image) throw new FiredrillError('INTERNAL', `no image was resolved for ${this.#name}`);
    const comes = comesByTcp(this.#order.applications ?? [], this.#name);
    return { service: this.#name, image: this.#image, limits: this.#service.limits, comesByTcp: comes };
  }

  async restore(pod: Pod, stop: AbortSignal) {
    const { engine, limits } = this.#service;
    const tooLong = AbortSignal.timeout(limits.restoreMs);
    const activity = this.#watch.activityOf(this.#name, AbortSignal.any([stop, tooLong]));
    await this.#watch.phase('restore', this.#name, async () => {
      try {
        this.#restored = await engine.restore(this.chain, pod.bay(this.#name), activity, this.#target());
        this.readyMs = this.#watch.elapsedMs();
        this.results.push(...this.#restored.results);
      } catch (error) {
        this.results.push(await this.#explained(error, pod, tooLong, 'restore'));
      }
    });
  }

  /** Before a backup is blamed, the drill's own world is asked whether it is well. */
  async #explained(error: unknown, pod: Pod, tooLong: AbortSignal, work: string): Promise<CheckResult> {
    const { restoreMs } = this.#service.limits;
    const cause = tooLong.aborted ? tookTooLong(work, restoreMs) : ((await pod.troubleOf(this.#name)) ?? error);
    return resultOfFailure(cause, this.#name);
  }

  /** The instant that the restored data is from, as near as it is known. */
  #now(): Date {
    return this.#target()?.at ?? new Date(this.#newestManifest().dataAt);
  }

  /** Where to stop inside the newest member; undefined: at its end. */
  #target(): RestoreTarget | undefined {
    const { asOf: at, before, point } = this.#order;
    if (point || !this.#service.engine.increments?.anyInstant) return undefined;
    if (before !== undefined) return { before };
    return at === undefined ? undefined : { at };
  }

  /** What can be said of it alone. @param allReady from then on it has its full share of the processor */
  async check(pod: Pod, stop: AbortSignal, asOf: Date, now: Date, allReady: Promise<void>) {
    await this.#checkWithin(pod, stop, allReady, async (signal) => {
      await this.#decodeRest(signal);
      this.results.push(await manifestResult(this.#name, this.chain, signal));
      this.#judgeAges(asOf, now);
      if (this.#anomaly) this.results.push(this.#anomaly);
      if (this.#restored) await this.#checkRestored(this.#restored, pod, signal);
    });
  }

  /** What is asked of it together with those that were restored beside it. */
  async checkLive(pod: Pod, stop: AbortSignal) {
    const restored = this.#restored;
    if (!restored || !this.#asksOthers) return;
    await this.#checkWithin(pod, stop, Promise.resolve(), (signal) =>
      this.#checkRestoredLive(restored, this.#watch.activityOf(this.#name, signal)),
    );
  }

  /** The restore's limit holds for its checks as well: a view can sleep for ever. */
  async #checkWithin(pod: Pod, stop: AbortSignal, from: Promise<void>, work: (signal: AbortSignal) => Promise<void>) {
    const tooLong = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const limit = () => {
      timer = setTimeout(() => tooLong.abort(), this.#service.limits.restoreMs);
    };
    // Whoever waits for all of them hears what went wrong.
    const timed = from.then(limit, () => {});
    await this.#watch.phase('check', this.#name, async () => {
      try {
        await work(AbortSignal.any([stop, tooLong.signal]));
      } catch (error) {
        this.results.push(await this.#explained(error, pod, tooLong.signal, 'check'));
      }
    });
    void timed.then(() => clearTimeout(timer));
  }

  async #decodeRest(signal: AbortSignal) {
    // What has stopped the restore would be told twice.
    const said = new Set(this.results.flatMap((each) => each.findings.map(({ sentence }) => sentence)));
    for (const member of this.chain) {
      const results = (await member.decodeRest(signal)).map((error) => resultOfFailure(error, this.#name));
      this.results.push(...results.filter((each) => each.findings.every(({ sentence }) => !said.has(sentence))));
    }
  }

  #judgeAges(asOf: Date, now: Date) {
    if (!this.#isAged) return;
    const { dataAt } = this.#newestManifest();
    const { rpoMs } = this.#service.objectives;
    this.results.push(checkSetAge(this.#name, dataAt, asOf, rpoMs, now));
    this.results.push(checkRpo(this.#name, measureRpo(dataAt, asOf), rpoMs, this.#largestGapMs));
  }

  async #checkRestored(restored: Restored, pod: Pod, signal: AbortSignal) {
    const { engine, settings, quietMs } = this.#service;
    const { dataAt, source } = this.#newestManifest();
    const found = restored.engineVersion;
    const same = engine.sameVersion(source.engineVersion, found);
    this.results.push(checkVersions(this.#name, source.engineVersion, found, same));
    if (restored.unjudged) {
      const what = restored.unjudged.join(', ');
      this.notes.push(`${this.#name}: ${what} were not compared: the point lies between two backups`);
    }
    if (restored.standIn)
      this.notes.push(`${this.#name} was judged by a stand-in (${found}), not by a real ${engine.title}`);
    const activity = this.#watch.activityOf(this.#name, signal);
    const { results, newest, heartbeat = null } = await engine.check(this.chain, restored, settings, activity);
    if (this.#hasOwnChecks) {
      results.push(await askOwnChecks(this.#service, this.chain, restored, this.#now(), activity));
    }
    // What a server says that is being killed is no word about the backup.
    const trouble = results.some((each) => each.outcome === 'fail') ? await pod.troubleOf(this.#name) : undefined;
    if (trouble) throw trouble;
    this.#newest = newest;
    this.#heartbeat = heartbeat;
    // A point between two members was chosen, and may lie in a quiet hour.
    this.results.push(...results, checkFreshness(this.#name, newest, dataAt, restored.unjudged ? null : quietMs));
  }

  /** How an application gets to what was restored; see `Entrance`. */
  async letIn(login: ApplicationLogin | undefined, stop: AbortSignal): Promise<Access> {
    const { engine, settings } = this.#service;
    if (!engine.entrance || !this.#restored) {
      throw new FiredrillError('INTERNAL', `no application can be run on ${this.#name}`);
    }
    const activity = this.#watch.activityOf(this.#name, stop);
    return engine.entrance.open(this.chain, this.#restored, settings, login, activity);
  }

  async #checkRestoredLive(restored: Restored, activity: Activity) {
    const checked = await this.#service.engine.checkLive?.(restored, this.#answerers, undefined, activity);
    if (!checked) return;
    this.results.push(checked.result);
    this.notes.push(...checked.notes);
    this.#panelsWithData = checked.panelsWithData;
  }

  /** After the last check of it; its record can still be made. */
  forgetFacts() {
    this.#opened?.forgetFacts();
  }

  #newestManifest() {
    const newest = this.chain.at(-1);
    if (!newest) throw new FiredrillError('INTERNAL', `${this.#name} has no member to restore`);
    return newest.manifest;
  }

  record(asOf: Date): ServiceRecord {
    const { service, engine, objectives } = this.#service;
    const newest = this.chain.at(-1)?.manifest;
    const standIn = this.#restored?.standIn ?? false;
    return {
      service,
      engine: engine.name,
      title: engine.title,
      set: newest?.set ?? null,
      members: this.#opened?.records() ?? [],
      restoredTo: this.#newest,
      rpo: { objectiveMs: objectives.rpoMs, measuredMs: newest ? measureRpo(newest.dataAt, asOf) : null },
      heartbeat: this.#heartbeat,
      largestGapMs: this.#largestGapMs,
      panelsWithData: this.#panelsWithData && [...this.#panelsWithData],
      readyMs: this.readyMs,
      image: this.#image ? { ...this.#image, engineVersion: this.#restored?.engineVersion ?? null, standIn } : null,
    };
  }
}

function tookTooLong(work: string, limitMs: number) {
  return new FiredrillError('LIMIT_EXCEEDED', `the ${work} was stopped after its limit of ${formatDuration(limitMs)}`);
}
