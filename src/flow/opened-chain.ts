import pMap from 'p-map';
import { type AnomalyAnswer, checkAnomaly } from '../checks/anomaly.ts';
import { checkChain, problemsOfChain } from '../checks/chain.ts';
import { checkProvenance, isFromElsewhere } from '../checks/provenance.ts';
import { FiredrillError } from '../kit/errors.ts';
import { neededFor } from '../model/chain.ts';
import { type CheckResult, Look } from '../model/check.ts';
import type { MeasuredMember } from '../model/past-members.ts';
import type { ServicePlan } from '../model/restore-plan.ts';
import type { ListedMember } from '../vault/vault.ts';
import { VerifiedMember } from '../vault/verified-member.ts';
import type { DrillOrder, DrillService } from './drill-order.ts';
import { resultOfFailure } from './failure.ts';
import { memberRecord } from './member-record.ts';

/** Manifests that are opened at once: each may be large. */
const atOnce = 4;

/** Of one service: what is to be restored, opened and judged by manifests alone. Failures become results; nothing is thrown. */
export class OpenedChain {
  readonly results: CheckResult[] = [];
  /** The member at which the chain is broken. */
  brokenAt: string | null = null;
  anomaly: AnomalyAnswer = { result: undefined, notes: [] };
  readonly #service: DrillService;
  readonly #plan: ServicePlan<ListedMember>;
  readonly #order: DrillOrder;
  #members: VerifiedMember[] = [];
  /** Of members whose facts were let go. */
  readonly #records = new Map<string, MeasuredMember>();

  private constructor(service: DrillService, plan: ServicePlan<ListedMember>, order: DrillOrder) {
    this.#service = service;
    this.#plan = plan;
    this.#order = order;
  }

  /** @param isAged whether it is compared with its past: what was chosen for being old has none */
  static async open(
    service: DrillService,
    plan: ServicePlan<ListedMember>,
    order: DrillOrder,
    isAged: boolean,
  ): Promise<OpenedChain> {
    const chain = new OpenedChain(service, plan, order);
    for (const each of plan.unsealed) chain.results.push(unsealed(service.service, each.id));
    chain.#useSound(await chain.#openGenuine());
    chain.#judgeOrigin();
    await chain.#completeNewest();
    if (isAged) chain.#compareWithPast();
    return chain;
  }

  get #name(): string {
    return this.#service.service;
  }

  /** The full first; none when nothing of it can be restored. */
  get members(): readonly VerifiedMember[] {
    return this.#members;
  }

  /** For the journal, also of those whose facts were let go. */
  records(): MeasuredMember[] {
    return this.#members.map((member) => this.#recordOf(member));
  }

  /** For when all are restored and checked: what follows reads others, and both at once would be twice as much. */
  forgetFacts() {
    for (const member of this.#members) {
      this.#records.set(member.manifest.id, this.#recordOf(member));
      member.forgetFacts();
    }
  }

  #recordOf(member: VerifiedMember): MeasuredMember {
    return this.#records.get(member.manifest.id) ?? memberRecord(member, this.#service.engine);
  }

  async #openGenuine(): Promise<VerifiedMember[]> {
    const planned = this.#plan.chain;
    const open = (member: ListedMember, i: number) => this.#openOne(member, i > 0 && i < planned.length - 1);
    const opened = await pMap(planned, open, { concurrency: atOnce });
    return opened.flatMap((each, i) => {
      if (each instanceof VerifiedMember) return [each];
      this.results.push(resultOfFailure(each, this.#name));
      this.brokenAt ??= planned[i]?.id ?? null;
      return [];
    });
  }

  /** The error is returned, and not thrown: others are looked at all the same. */
  async #openOne(listed: ListedMember, isBetween: boolean): Promise<VerifiedMember | unknown> {
    const { vault, trusted } = this.#order;
    const { engine } = this.#service;
    try {
      const member = await VerifiedMember.open(vault, listed, trusted);
      if (!isBetween || !engine.increments?.factsAtEnds) return member;
      this.#records.set(member.manifest.id, memberRecord(member, engine));
      return member.forgetFacts();
    } catch (error) {
      return error;
    }
  }

  /** Where the chain ends before its last member, that one's manifest is read again, for the facts that were let go. */
  async #completeNewest() {
    const newest = this.#members.at(-1);
    if (!newest || newest.hasFacts) return;
    const again = await this.#openOne(newest.listed, false);
    if (again instanceof VerifiedMember && again.manifestSha256 === newest.manifestSha256) {
      this.#members[this.#members.length - 1] = again;
      return;
    }
    const sentence = `the manifest of ${newest.manifest.id} is another one than a moment ago`;
    const error = again instanceof VerifiedMember ? new FiredrillError('MANIFEST_INVALID', sentence) : again;
    this.results.push(resultOfFailure(error, this.#name));
    this.#members = [];
  }

  /** What is restored: the part of the chain before its first fault, which is still good for something. */
  #useSound(links: VerifiedMember[]) {
    if (links.length === 0) return;
    const { increments } = this.#service.engine;
    const dependence = increments?.dependence ?? 'previous';
    const problems = problemsOfChain(links, dependence, increments?.discontinuity);
    this.results.push(checkChain(this.#name, links.length, problems));
    const bad = new Set(problems.map((problem) => problem.id));
    const firstBad = links.findIndex((link) => bad.has(link.manifest.id));
    this.brokenAt ??= links[firstBad]?.manifest.id ?? null;
    const sound =
      dependence === 'full'
        ? links.filter((link) => !bad.has(link.manifest.id))
        : links.slice(0, firstBad < 0 ? links.length : firstBad);
    this.#members = sound.length === 0 ? [] : neededFor(sound, sound.length - 1, dependence);
  }

  /** A backup of another service is not restored: it could only mislead the checks that follow. */
  #judgeOrigin() {
    const newest = this.#members.at(-1);
    if (!newest) return;
    const { engine, host, settings, objectives } = this.#service;
    const { manifest } = newest;
    const expected = { engine: engine.name, host, identity: engine.expectedIdentity(settings) };
    const following = engine.following?.(manifest) ?? null;
    this.results.push(checkProvenance(manifest, expected, following, objectives.rpoMs));
    if (isFromElsewhere(manifest, expected)) this.#members = [];
  }

  #compareWithPast() {
    const { past } = this.#order;
    const { service, usualSinceMs } = this.#service;
    if (!past) return;
    const own = past.filter((each) => each.service === service);
    this.anomaly = checkAnomaly({ service, chain: this.records(), past: own, usualSinceMs });
  }
}

function unsealed(service: string, id: string): CheckResult {
  const sentence = `${service}: ${id} has no manifest: it was never completed, or was tampered with`;
  const next = `firedrill backup ${service} --full`;
  return new Look('manifest', service, 'members', 1).sawOne().fail({ sentence, next }).result();
}
