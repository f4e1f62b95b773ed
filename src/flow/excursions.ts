import { randomInt } from 'node:crypto';
import type { Activity } from '../kit/activity.ts';
import type { MemberRef } from '../model/backup-set.ts';
import { describeMember, parseMemberId } from '../model/backup-set.ts';
import type { ExcursionRecord, LastGoodRecord } from '../model/journal.ts';
import { chainsOf, endOfLongestChain, olderPoint } from '../model/restore-points.ts';
import type { ListedMember } from '../vault/vault.ts';
import type { DrillOrder, DrillService, OlderPoint } from './drill-order.ts';
import { findLastGood } from './last-good.ts';
import { Rehearsal } from './rehearsal.ts';
import type { ServiceDrill } from './service-drill.ts';

/**
 * Restores that a drill makes beside its own, one service and one point each, in a pod of its own: older points by policy,
 * and the search for the last good point of a service that failed.
 */
export class Excursions {
  readonly records: ExcursionRecord[] = [];
  readonly lastGood: LastGoodRecord[] = [];
  readonly #order: DrillOrder;
  readonly #id: string;
  readonly #activity: Activity;

  constructor(order: DrillOrder, id: string, activity: Activity) {
    this.#order = order;
    this.#id = id;
    this.#activity = activity;
  }

  async run(rehearsal: Rehearsal): Promise<void> {
    for (const drilled of rehearsal.services) {
      const chains = chainsOf(rehearsal.members, drilled.service);
      if (isBad(drilled)) this.lastGood.push(await this.#searchLastGood(drilled, chains, rehearsal.asOf));
      else for (const reason of this.#order.also) await this.#restoreOlder(reason, drilled.service, chains);
    }
  }

  async #restoreOlder(reason: OlderPoint, service: string, chains: readonly ListedMember[][]) {
    const point = reason === 'longest' ? endOfLongestChain(chains) : olderPoint(chains, randomInt(2 ** 32) / 2 ** 32);
    if (point) await this.#restore(reason, service, point);
  }

  async #searchLastGood(drilled: ServiceDrill, chains: readonly ListedMember[][], asOf: Date): Promise<LastGoodRecord> {
    const { service } = drilled;
    const newest = drilled.chain.at(-1);
    // The part before the fault has just been restored, and is good.
    if (drilled.cameBack && newest)
      return lastGood(service, { ...newest.listed, ...newest.manifest }, drilled.brokenAt, asOf);
    const until = newest?.listed ?? chains.at(-1)?.[0];
    const older = chains
      .map((chain) => chain.filter((point) => until && startOf(point) < startOf(until)))
      .filter((chain) => chain.length > 0);
    const tried = new Map<ListedMember, ExcursionRecord>();
    const isGood = async (point: ListedMember) => {
      const record = await this.#restore('last-good', service, point);
      tried.set(point, record);
      return record.verdict === 'pass';
    };
    const { engine } = this.#order.services.find((each) => each.service === service) ?? {};
    const dependence = engine?.increments?.dependence ?? 'previous';
    const { good, bad } = await findLastGood(older, dependence, isGood, this.#order.walkBack);
    const dataAt = good && tried.get(good)?.dataAt;
    const point = good && dataAt ? { ...good, dataAt } : null;
    return lastGood(service, point, bad?.id ?? newest?.manifest.id ?? drilled.brokenAt, asOf);
  }

  async #restore(reason: ExcursionRecord['reason'], service: string, point: MemberRef): Promise<ExcursionRecord> {
    const text = `restoring ${describeMember(point)} as well (${reason})`;
    this.#activity.tell({ service, phase: 'restore', text });
    const services = this.#order.services.filter((each: DrillService) => each.service === service);
    const startedAt = new Date(startOf(point));
    // What the newest data must hold, an honest older point may lack; in search of a good one it is what is asked.
    const order = { ...this.#order, services, point, ownChecks: reason === 'last-good', applications: [] };
    const rehearsal = new Rehearsal(order, this.#id, startedAt, this.#activity);
    await rehearsal.run();
    const record = recordOf(reason, service, point, rehearsal);
    this.records.push(record);
    return record;
  }
}

/** Whether the backup itself is to blame, and not the drill's own world, nor its age. */
function isBad(drilled: ServiceDrill): boolean {
  const failed = drilled.results.some((each) => each.outcome === 'fail');
  return failed && (drilled.brokenAt !== null || !drilled.cameBack);
}

const startOf = (point: MemberRef) => parseMemberId(point.id)?.startedAt.getTime() ?? Number.NaN;

function lastGood(
  service: string,
  point: (MemberRef & { dataAt: string }) | null,
  bad: string | null,
  asOf: Date,
): LastGoodRecord {
  if (!point) return { service, good: null, bad };
  const { set, id: member, dataAt } = point;
  return { service, good: { set, member, dataAt, lostMs: Math.max(asOf.getTime() - Date.parse(dataAt), 0) }, bad };
}

function recordOf(
  reason: ExcursionRecord['reason'],
  service: string,
  point: MemberRef,
  rehearsal: Rehearsal,
): ExcursionRecord {
  const drilled = rehearsal.services[0];
  const results = [...rehearsal.results, ...(drilled?.results ?? [])];
  const trouble = results.find((r) => r.outcome === 'fail') ?? results.find((r) => r.outcome !== 'pass');
  const verdict = drilled?.cameBack && !trouble ? 'pass' : trouble?.outcome === 'fail' ? 'fail' : 'inconclusive';
  return {
    reason,
    service,
    set: point.set,
    member: point.id,
    members: drilled?.chain.length ?? 0,
    dataAt: drilled?.chain.at(-1)?.manifest.dataAt ?? null,
    verdict,
    sentence: trouble?.findings[0]?.sentence ?? '',
    usedMs: rehearsal.usedMs,
  };
}
