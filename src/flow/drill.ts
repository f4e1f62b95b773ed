import { randomBytes } from 'node:crypto';
import { cpus, hostname, totalmem } from 'node:os';
import { checkCoverage } from '../checks/coverage.ts';
import { checkRto } from '../checks/rto.ts';
import { checkSelf, type Declared } from '../checks/self-check.ts';
import { decideVerdict } from '../checks/verdict.ts';
import { dockerCall } from '../hosts/docker-client.ts';
import type { Activity } from '../kit/activity.ts';
import { compactInstant } from '../kit/clock.ts';
import { exitStatus, FiredrillError, messageOf } from '../kit/errors.ts';
import { firedrillVersion } from '../kit/version.ts';
import { type CheckResult, notRun } from '../model/check.ts';
import type { Journal, ProbeRecord, VerdictWord } from '../model/journal.ts';
import { planRestore, type ServicePlan } from '../model/restore-plan.ts';
import { resolveImage } from '../sandbox/images.ts';
import { assertIsolation } from '../sandbox/isolation.ts';
import { createPod, type Pod } from '../sandbox/pod.ts';
import { reap } from '../sandbox/reaper.ts';
import type { ListedMember } from '../vault/vault.ts';
import type { DrillOrder } from './drill-order.ts';
import { resultOfFailure } from './failure.ts';
import { peakMemoryBytes } from './peak-memory.ts';
import { ServiceDrill } from './service-drill.ts';
import { Stopwatch } from './stopwatch.ts';

const exitOf: Record<VerdictWord, number> = {
  pass: exitStatus.pass,
  fail: exitStatus.drillFailed,
  inconclusive: exitStatus.inconclusive,
};

/**
 * Restores the newest backup of each service into a sealed pod, times it, checks it, and removes everything. Whatever
 * goes wrong ends in the journal as a finding; only an order to stop (INTERRUPTED), or a vault that holds nothing of any
 * of the services (NO_SUCH_SET), is thrown.
 */
export async function drill(order: DrillOrder, activity: Activity): Promise<Journal> {
  return new Drill(order, activity).run();
}

class Drill {
  readonly #order: DrillOrder;
  readonly #activity: Activity;
  readonly #watch: Stopwatch;
  readonly #startedAt: Date;
  readonly #asOf: Date;
  readonly #id: string;
  readonly #results: CheckResult[] = [];
  readonly #notes: string[] = [];
  #probes: ProbeRecord[] = [];
  #services: ServiceDrill[] = [];
  #docker: string | null = null;
  #usedMs: number | null = null;

  constructor(order: DrillOrder, activity: Activity) {
    this.#order = order;
    this.#activity = activity;
    this.#watch = new Stopwatch(activity);
    this.#startedAt = activity.clock.now();
    this.#asOf = order.asOf ?? this.#startedAt;
    this.#id = `${compactInstant(this.#startedAt)}-${order.name}`;
  }

  async run(): Promise<Journal> {
    try {
      await this.#plan();
      await this.#fetch();
      await this.#rehearse();
    } catch (error) {
      this.#assertNotInterrupted();
      if (error instanceof FiredrillError && error.code === 'NO_SUCH_SET') throw error;
      this.#results.push(resultOfFailure(error, null));
    }
    this.#assertNotInterrupted();
    return this.#conclude();
  }

  /** Which member of each service is to be restored: from the listing alone. */
  async #plan() {
    const { vault, services } = this.#order;
    const plans = await this.#watch.phase('plan', null, async () => {
      const { members, partial } = await vault.list();
      for (const each of partial)
        this.#notes.push(`vault ${vault.label} holds an unfinished ${each.service}/${each.id}`);
      return services.map(({ service }) => planRestore(members, service, this.#asOf));
    });
    if (plans.every((plan) => plan.restorable === 0 && plan.unsealed.length === 0)) {
      throw new FiredrillError(
        'NO_SUCH_SET',
        `vault ${vault.label} holds no backup of ${services.map((s) => s.service).join(', ')}`,
      );
    }
    this.#results.push(checkCoverage(plans.map(coveredBy), vault.label));
    this.#services = services.map(
      (service, i) => new ServiceDrill(service, plans[i] as ServicePlan<ListedMember>, this.#order, this.#watch),
    );
  }

  /** Opens the members: seals and manifests. Their content is verified while it is restored. */
  async #fetch() {
    await Promise.all(this.#services.map((each) => each.open()));
  }

  async #rehearse() {
    const { docker, pull } = this.#order;
    const ready = this.#services.filter((each) => each.canRestore);
    if (ready.length === 0) return;
    await using stack = new AsyncDisposableStack();
    const pod = await this.#watch.phase('boot', null, async () => {
      this.#docker = (await dockerCall('ask for the version', () => docker.version())).Version;
      this.#notes.push(
        ...(await reap(docker, this.#activity.clock.now())).map((what) => `removed what a crash had left: ${what}`),
      );
      await Promise.all(ready.map(async (each) => each.useImage(await resolveImage(docker, each.imageName(), pull))));
      return this.#buildPod(ready);
    });
    stack.defer(() => this.#dispose(pod));
    await Promise.all(ready.map((each) => each.restore(pod, this.#activity.signal)));
    this.#assertNotInterrupted();
    if (this.#services.every((each) => each.readyMs !== null)) {
      this.#usedMs = Math.max(...this.#services.map((each) => each.readyMs ?? 0));
    }
    await Promise.all([this.#isolation(pod), ...ready.map((each) => each.check(this.#activity.signal, this.#asOf))]);
  }

  #buildPod(services: readonly ServiceDrill[]): Promise<Pod> {
    const { docker, loopbackNames, rtoMs } = this.#order;
    const expires = new Date(this.#activity.clock.now().getTime() + Math.max(4 * rtoMs, 6 * 3_600_000));
    const parts = services.map((each) => each.podService());
    const activity = this.#activity;
    // Two drills of one name that start within a second must not meet.
    const drillId = `${this.#id}-${randomBytes(2).toString('hex')}`;
    return createPod({ docker, drillId, expires, services: parts, loopbackNames, activity });
  }

  async #isolation(pod: Pod) {
    try {
      const { result, probes } = await this.#watch.phase('check', null, () =>
        assertIsolation(this.#order.docker, pod.holder, this.#order.isolation),
      );
      this.#results.push(result);
      this.#probes = probes;
    } catch (error) {
      this.#results.push({ ...resultOfFailure(error, null), check: 'isolation' });
    }
  }

  /** What cannot be removed now is no word about the backup; the reaper finds it by its label. */
  async #dispose(pod: Pod) {
    await this.#watch
      .phase('dispose', null, () => pod.dispose())
      .catch((error) =>
        this.#notes.push(`the pod could not be removed: ${messageOf(error)}; the next drill will remove it`),
      );
  }

  #assertNotInterrupted() {
    if (!this.#activity.signal.aborted) return;
    throw new FiredrillError('INTERRUPTED', 'the drill was interrupted; its containers and volumes were removed');
  }

  #conclude(): Journal {
    const { services, rtoMs } = this.#order;
    const results = [...this.#results, ...this.#services.flatMap((each) => each.results)];
    results.push(checkRto(this.#usedMs, rtoMs, services.length));
    const checks = this.#withAbsent(results);
    checks.push(checkSelf(this.#declared(), checks));
    const usedMs = this.#usedMs;
    const records = this.#services.map((each) => each.record(this.#asOf));
    const restoredTo = records.map((each) => each.members.at(-1)?.dataAt ?? '').sort()[0] || null;
    const rto = { objectiveMs: rtoMs, usedMs };
    const verdict = decideVerdict(checks, { services: services.length, rto, restoredTo });
    return {
      format: 'firedrill-journal',
      version: 1,
      drill: {
        id: this.#id,
        name: this.#order.name,
        startedAt: this.#startedAt.toISOString(),
        finishedAt: this.#activity.clock.now().toISOString(),
        asOf: this.#asOf.toISOString(),
        vault: this.#order.vault.label,
        services: services.map((each) => each.service),
      },
      verdict,
      exitStatus: exitOf[verdict.verdict],
      rto,
      ownCostMs: usedMs === null ? null : this.#watch.ownCostMs(usedMs),
      services: records,
      checks,
      phases: this.#watch.phases,
      native: this.#watch.native,
      isolation: this.#probes,
      environment: this.#environment(),
      notes: [...this.#notes, ...this.#services.flatMap((each) => each.notes)],
    };
  }

  #declared(): Declared[] {
    const whole = (['coverage', 'isolation', 'rto'] as const).map((check) => ({ check, service: null }));
    return [...whole, ...this.#services.flatMap((each) => each.declared())];
  }

  /** What was declared and could not be looked at, because something before it had gone wrong. */
  #withAbsent(results: CheckResult[]): CheckResult[] {
    const trouble = (service: string | null) =>
      results.find((r) => (r.service === service || r.service === null) && r.outcome !== 'pass');
    const absent = this.#declared().filter((d) => !results.some((r) => r.check === d.check && r.service === d.service));
    const marked = absent.flatMap(({ check, service }) => {
      const cause = trouble(service) ?? (service === null ? results.find((r) => r.outcome !== 'pass') : undefined);
      return cause ? [notRun(check, service, `not looked at, because ${cause.check} had not passed`)] : [];
    });
    return [...results, ...marked];
  }

  #environment(): Journal['environment'] {
    return {
      firedrill: firedrillVersion,
      node: process.version,
      docker: this.#docker,
      host: hostname(),
      cpus: cpus().length,
      memoryBytes: totalmem(),
      peakMemoryBytes: peakMemoryBytes(),
    };
  }
}

function coveredBy(plan: ServicePlan<ListedMember>) {
  return { service: plan.service, restorable: plan.restorable, unsealed: plan.unsealed.map((each) => each.id) };
}
