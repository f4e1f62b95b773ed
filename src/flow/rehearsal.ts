import { randomBytes } from 'node:crypto';
import { checkCoverage } from '../checks/coverage.ts';
import { dockerCall } from '../hosts/docker-client.ts';
import type { Activity } from '../kit/activity.ts';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';
import type { CheckResult } from '../model/check.ts';
import type { ProbeRecord } from '../model/journal.ts';
import { planRestore, type ServicePlan } from '../model/restore-plan.ts';
import { chainsOf, largestGapMs } from '../model/restore-points.ts';
import { resolveImage } from '../sandbox/images.ts';
import { assertIsolation } from '../sandbox/isolation.ts';
import { createPod, type Pod } from '../sandbox/pod.ts';
import { reap } from '../sandbox/reaper.ts';
import type { ListedMember } from '../vault/vault.ts';
import { VerifiedMember } from '../vault/verified-member.ts';
import { Applications, applicationsFor } from './applications.ts';
import type { DrillOrder, DrillService } from './drill-order.ts';
import { resultOfFailure } from './failure.ts';
import { ServiceDrill } from './service-drill.ts';
import { Stopwatch } from './stopwatch.ts';

/**
 * One restore of some services into one pod, and what was seen: plan, fetch, boot, restore, check, dispose. Whatever goes
 * wrong becomes a result; only an order to stop (INTERRUPTED), or a vault that holds nothing of any of the services
 * (NO_SUCH_SET), is thrown.
 */
export class Rehearsal {
  readonly results: CheckResult[] = [];
  readonly notes: string[] = [];
  readonly watch: Stopwatch;
  readonly applications: Applications;
  readonly asOf: Date;
  probes: ProbeRecord[] = [];
  services: ServiceDrill[] = [];
  /** What the vault holds of all services, as the plan saw it. */
  members: readonly ListedMember[] = [];
  /** Version of the Docker Engine; null when it was not asked. */
  docker: string | null = null;
  /** From the order to restore until all services were ready; null when they never were. */
  usedMs: number | null = null;
  readonly #order: DrillOrder;
  readonly #activity: Activity;
  readonly #id: string;
  readonly #startedAt: Date;
  #prepared: Promise<void> | undefined;
  #booting: Promise<void> | undefined;

  constructor(order: DrillOrder, id: string, asOf: Date, activity: Activity) {
    this.#order = order;
    this.#activity = activity;
    this.#id = id;
    this.asOf = asOf;
    this.watch = new Stopwatch(activity);
    const { chosen, notes } = applicationsFor(
      order.applications ?? [],
      order.services.map(({ service }) => service),
    );
    this.applications = new Applications(chosen, order.pull, this.watch, activity);
    this.notes.push(...notes);
    this.#startedAt = activity.clock.now();
  }

  /** The wall clock of the start and what has passed since: a clock that is set in mid-drill changes nothing. */
  now(): Date {
    return new Date(this.#startedAt.getTime() + this.watch.elapsedMs());
  }

  /**
   * `whileUp` is called when all has been checked and the pod still runs; it keeps its failures to itself. What it goes on with
   * must be what was checked: no application is run then.
   */
  async run(whileUp?: () => Promise<void>): Promise<void> {
    void this.beginBoot();
    await this.prepare();
    await this.#guarded(() => this.#rehearse(whileUp));
  }

  /** What needs no member: Docker is asked, and cleared of what crashes had left, while the members are opened. Once. */
  beginBoot(): Promise<void> {
    this.#booting ??= this.#clearDocker();
    // Whoever boots hears of it.
    this.#booting.catch(() => {});
    return this.#booting;
  }

  async #clearDocker() {
    const { docker } = this.#order;
    this.docker = (await dockerCall('ask for the version', () => docker.version())).Version;
    this.notes.push(...(await reap(docker, new Date())).map((what) => `removed what a crash had left: ${what}`));
  }

  /** Plans and opens the members, once: what would be restored is known then. */
  async prepare(): Promise<void> {
    this.#prepared ??= this.#guarded(async () => {
      await this.#plan();
      await this.#fetch();
    });
    await this.#prepared;
  }

  /** As `run`, and restores nothing where names and manifests have told enough. */
  async runToFirstFailure(): Promise<void> {
    await this.prepare();
    const results = [...this.results, ...this.services.flatMap((each) => each.results)];
    if (results.every((each) => each.outcome === 'pass')) await this.#guarded(() => this.#rehearse(undefined));
  }

  async #guarded(work: () => Promise<void>) {
    try {
      await work();
    } catch (error) {
      this.#assertNotInterrupted();
      if (error instanceof FiredrillError && error.code === 'NO_SUCH_SET') throw error;
      this.results.push(resultOfFailure(error, null));
    }
    this.#assertNotInterrupted();
  }

  /** Which members of each service are to be restored: from the listing alone. */
  async #plan() {
    const { vault, services } = this.#order;
    const plans = await this.watch.phase('plan', null, async () => {
      const { members, partial } = await vault.list();
      this.members = members;
      for (const each of partial)
        this.notes.push(`vault ${vault.label} holds an unfinished ${each.service}/${each.id}`);
      return Promise.all(services.map((each) => this.#planOne(each)));
    });
    if (plans.every((plan) => plan.restorable === 0 && plan.unsealed.length === 0)) {
      throw new FiredrillError(
        'NO_SUCH_SET',
        `vault ${vault.label} holds no backup of ${services.map((s) => s.service).join(', ')}`,
      );
    }
    this.results.push(checkCoverage(plans.map(coveredBy), vault.label));
    this.services = services.map(
      (service, i) => new ServiceDrill(service, plans[i] as ServicePlan<ListedMember>, this.#order, this.watch),
    );
    for (const each of this.services) {
      const { since } = this.#order;
      each.useGap(since ? largestGapMs(chainsOf(this.members, each.service), since, this.asOf) : null);
    }
  }

  async #planOne({ service, engine }: DrillService): Promise<ServicePlan<ListedMember>> {
    const { asOf, before, point } = this.#order;
    const { increments } = engine;
    if (before === undefined) {
      const cover = asOf !== undefined && !point && increments?.anyInstant === true;
      const plan = planRestore(this.members, service, this.asOf, cover);
      return cover ? this.#planWithout(plan) : plan;
    }
    const own = this.members.filter((each) => each.service === service);
    for (const member of own.toReversed()) {
      const { manifest } = await VerifiedMember.open(this.#order.vault, member, this.#order.trusted);
      if (increments?.holds?.(manifest, before)) {
        return planRestore(this.members, service, new Date(manifest.startedAt));
      }
    }
    throw new FiredrillError('NO_SUCH_SET', `no increment of ${service} holds ${plainLine(before, 80)}`, {
      hint: `Run: firedrill find-statement ${service}`,
    });
  }

  /** A full that was begun before the asked moment may hold data from after it: then the chain before it is what is wanted. */
  async #planWithout(plan: ServicePlan<ListedMember>): Promise<ServicePlan<ListedMember>> {
    const [full] = plan.chain;
    if (!full) return plan;
    const opened = await VerifiedMember.open(this.#order.vault, full, this.#order.trusted).catch(() => undefined);
    if (!opened || Date.parse(opened.manifest.dataAt) <= this.asOf.getTime()) return plan;
    const before = new Date(Date.parse(opened.manifest.startedAt) - 1_000);
    const earlier = planRestore(this.members, plan.service, before, true);
    return earlier.chain.length > 0 ? earlier : plan;
  }

  /** Opens the members: seals and manifests. Their content is verified while it is restored. */
  async #fetch() {
    await Promise.all(this.services.map((each) => each.open()));
  }

  async #rehearse(whileUp: (() => Promise<void>) | undefined) {
    const { docker, pull } = this.#order;
    const ready = this.services.filter((each) => each.canRestore);
    if (ready.length === 0) return void (await Promise.allSettled([this.beginBoot()]));
    await using stack = new AsyncDisposableStack();
    const pod = await this.watch.phase('boot', null, async () => {
      await this.beginBoot();
      await Promise.all(ready.map(async (each) => each.useImage(await resolveImage(docker, each.imageName(), pull))));
      return this.#buildPod(ready);
    });
    stack.defer(() => this.#dispose(pod));
    await this.#restoreAndCheck(pod, ready);
    if (whileUp) await whileUp();
    else await this.applications.run(pod, this.services);
    this.#assertNotInterrupted();
  }

  /**
   * Each service is checked as soon as it is ready, with what the others, which are still restored, leave of the processor.
   * What asks several of them comes when all are.
   */
  async #restoreAndCheck(pod: Pod, services: readonly ServiceDrill[]) {
    const { signal } = this.#activity;
    let restoring = services.length;
    const restores = services.map(async (each) => {
      await each.restore(pod, signal);
      restoring -= 1;
      if (restoring > 0) await pod.shareProcessor(each.service, 'low');
    });
    const allReady = Promise.all(restores).then(async () => {
      if (this.services.every((each) => each.readyMs !== null)) {
        this.usedMs = Math.max(...this.services.map((each) => each.readyMs ?? 0));
      }
      if (services.length > 1) await Promise.all(services.map((each) => pod.shareProcessor(each.service, 'full')));
    });
    const checkOne = async (each: ServiceDrill, i: number) => {
      await restores[i];
      if (!signal.aborted) await each.check(pod, signal, this.asOf, this.now(), allReady);
    };
    const proveSealed = async () => {
      await allReady;
      if (!signal.aborted) await this.#isolation(pod);
    };
    // The pod must outlive all of them.
    const ended = await Promise.allSettled([proveSealed(), ...services.map(checkOne)]);
    this.#assertNotInterrupted();
    const broken = ended.find((each) => each.status === 'rejected');
    if (broken) throw broken.reason;
    const answerers = services.flatMap((each) => each.answerers(signal));
    for (const each of services) each.meet(answerers);
    await Promise.all(services.map((each) => each.checkLive(pod, signal)));
  }

  #buildPod(services: readonly ServiceDrill[]): Promise<Pod> {
    const { docker, loopbackNames, rtoMs } = this.#order;
    // By the machine's own clock, like the reaper's: a drill's clock may be a simulated one.
    const expires = new Date(Date.now() + Math.max(4 * rtoMs, 6 * 3_600_000));
    const parts = services.map((each) => each.podService());
    const activity = this.#activity;
    // Two drills of one name that start within a second must not meet.
    const drillId = `${this.#id}-${randomBytes(2).toString('hex')}`;
    return createPod({ docker, drillId, expires, services: parts, loopbackNames, activity });
  }

  async #isolation(pod: Pod) {
    try {
      const { result, probes } = await this.watch.phase('check', null, () =>
        assertIsolation(this.#order.docker, pod.holder, this.#order.isolation),
      );
      this.results.push(result);
      this.probes = probes;
    } catch (error) {
      this.results.push({ ...resultOfFailure(error, null), check: 'isolation' });
    }
  }

  /** What cannot be removed now is no word about the backup; the reaper finds it by its label. */
  async #dispose(pod: Pod) {
    await this.watch
      .phase('dispose', null, () => pod.dispose())
      .catch((error) =>
        this.notes.push(`the pod could not be removed: ${messageOf(error)}; the next drill will remove it`),
      );
  }

  #assertNotInterrupted() {
    if (!this.#activity.signal.aborted) return;
    throw new FiredrillError('INTERRUPTED', 'the drill was interrupted; its containers and volumes were removed');
  }
}

function coveredBy(plan: ServicePlan<ListedMember>) {
  return { service: plan.service, restorable: plan.restorable, unsealed: plan.unsealed.map((each) => each.id) };
}
