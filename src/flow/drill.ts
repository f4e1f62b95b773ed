import { checkOlderPoints } from '../checks/older-points.ts';
import { checkRto } from '../checks/rto.ts';
import { checkSelf, type Declared } from '../checks/self-check.ts';
import { decideVerdict } from '../checks/verdict.ts';
import type { Activity } from '../kit/activity.ts';
import { compactInstant } from '../kit/clock.ts';
import { exitStatus, FiredrillError } from '../kit/errors.ts';
import { formatBytes, formatDuration } from '../kit/units.ts';
import { type CheckResult, notRun } from '../model/check.ts';
import type { ExcursionRecord, Journal, NativeRecord, ServiceRecord, VerdictWord } from '../model/journal.ts';
import type { TimeRange } from '../model/restore-estimate.ts';
import type { DrillOrder } from './drill-order.ts';
import { environmentWith } from './environment.ts';
import { Excursions } from './excursions.ts';
import { peakMemoryBytes } from './peak-memory.ts';
import { estimateOf } from './plan.ts';
import { type Planted, plantFault } from './planted.ts';
import { Rehearsal } from './rehearsal.ts';

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
  if (order.services.length === 0) throw new FiredrillError('USAGE', 'no service was named to be drilled');
  const startedAt = activity.clock.now();
  const id = `${compactInstant(startedAt)}-${order.name}`;
  const rehearsal = new Rehearsal(order, id, order.asOf ?? startedAt, activity);
  void rehearsal.beginBoot();
  // Before anything is restored, so that what comes can be held against it.
  await rehearsal.prepare();
  const estimate = order.earlier && estimateOf(order, rehearsal);
  if (estimate?.whole) activity.tell({ service: null, phase: 'plan', text: estimateWords(estimate.whole) });
  await rehearsal.run();
  for (const drilled of rehearsal.services) drilled.forgetFacts();
  const excursions = new Excursions(order, id, activity);
  await excursions.run(rehearsal);
  const { plantedSeed } = order;
  const planted = plantedSeed === undefined ? undefined : await plantFault(order, plantedSeed, rehearsal, id, activity);
  const journal = conclude(order, rehearsal, excursions, planted, { id, startedAt, finishedAt: rehearsal.now() });
  return estimate ? { ...journal, estimate } : journal;
}

/** The journal of what one rehearsal, and the excursions after it, have seen. */
export function conclude(
  order: DrillOrder,
  rehearsal: Rehearsal,
  { records: excursions, lastGood }: Excursions,
  planted: Planted | undefined,
  { id, startedAt, finishedAt }: { id: string; startedAt: Date; finishedAt: Date },
): Journal {
  const { usedMs, asOf, watch } = rehearsal;
  const checks = judge(order, rehearsal, excursions, planted);
  const records = rehearsal.services.map((each) => each.record(asOf));
  const restoredTo = records.map((each) => each.members.at(-1)?.dataAt ?? '').sort()[0] || null;
  const rto = { objectiveMs: order.rtoMs, usedMs };
  const verdict = decideVerdict(checks, { services: order.services.length, rto, restoredTo, lastGood });
  const allUsedMs = [usedMs, ...excursions.map((each) => each.usedMs)].filter((ms) => ms !== null);
  return {
    format: 'firedrill-journal',
    version: 1,
    drill: {
      id,
      name: order.name,
      startedAt: startedAt.toISOString(),
      finishedAt: finishedAt.toISOString(),
      asOf: asOf.toISOString(),
      vault: order.vault.label,
      services: order.services.map((each) => each.service),
    },
    verdict,
    exitStatus: exitOf[verdict.verdict],
    rto,
    ownCostMs: usedMs === null ? null : watch.ownCostMs(usedMs),
    worstMs: allUsedMs.length === 0 ? null : Math.max(...allUsedMs),
    skewMs: skewOf(records),
    lastGood,
    excursions,
    planted: planted?.record ?? null,
    ...(rehearsal.applications.records.length > 0 && { applications: rehearsal.applications.records }),
    services: records,
    checks,
    phases: watch.phases,
    native: watch.native,
    isolation: rehearsal.probes,
    environment: { ...environmentWith(rehearsal.docker), peakMemoryBytes: peakMemoryBytes() },
    notes: [
      ...rehearsal.notes,
      ...rehearsal.services.flatMap((each) => each.notes),
      ...(order.plantedSeed !== undefined && !planted ? [noneIsPlanted] : []),
      ...watch.native.flatMap(throughput),
    ],
  };
}

const estimateWords = ({ ms, lowMs, highMs }: TimeRange) =>
  `the restore will take about ${formatDuration(ms)}, between ${formatDuration(lowMs)} and ${formatDuration(highMs)}`;

const noneIsPlanted = 'no fault was planted: no service had passed, so nothing could be told from a spoiled copy';

/** `agama: apply binary logs: 70.1 MiB in 71.3 s, 1041 s per GiB`. */
function throughput({ service, label, startMs, endMs, bytes }: NativeRecord): string[] {
  if (!bytes) return [];
  const [ms, perGiB] = [endMs - startMs, Math.round(((endMs - startMs) / 1000 / bytes) * 1024 ** 3)];
  return [`${service}: ${label}: ${formatBytes(bytes)} in ${formatDuration(ms)}, ${perGiB} s per GiB`];
}

/** How far apart the services' data is: by their heartbeats, else by the newest event that was found. */
function skewOf(records: readonly ServiceRecord[]): number | null {
  const instants = records
    .map(({ heartbeat, restoredTo }) => Date.parse(heartbeat?.at ?? restoredTo?.at ?? ''))
    .filter((ms) => !Number.isNaN(ms));
  return instants.length < 2 ? null : Math.max(...instants) - Math.min(...instants);
}

/** All results, with those that are missing and the self-check. */
export function judge(
  order: DrillOrder,
  rehearsal: Rehearsal,
  excursions: readonly ExcursionRecord[],
  planted: Planted | undefined,
): CheckResult[] {
  const ofServices = rehearsal.services.flatMap((each) => each.results);
  const results = [...rehearsal.results, ...ofServices, ...rehearsal.applications.results];
  results.push(checkRto(rehearsal.usedMs, order.rtoMs, order.services.length, rehearsal.watch.steppedBackMs));
  const declared = declaredBy(rehearsal);
  // The search for the last good point is expected to meet bad ones.
  const older = excursions.filter((each) => each.reason !== 'last-good');
  if (older.length > 0) {
    results.push(checkOlderPoints(older, order.rtoMs));
    declared.push({ check: 'older-points', service: null });
  }
  if (planted) {
    results.push(planted.result);
    declared.push({ check: 'planted', service: null });
  }
  const checks = [...results, ...absent(declared, results)];
  const promised = order.services.map(({ service, engine }) => ({ service, checks: engine.drills }));
  return [...checks, checkSelf(declared, checks, promised)];
}

function declaredBy(rehearsal: Rehearsal): Declared[] {
  const whole = (['coverage', 'isolation', 'rto'] as const).map((check) => ({ check, service: null }));
  const services = rehearsal.services.flatMap((each) => each.declared());
  return [...whole, ...services, ...rehearsal.applications.declared()];
}

/** What was declared and could not be looked at, because something before it had gone wrong. */
function absent(declared: readonly Declared[], results: readonly CheckResult[]): CheckResult[] {
  const trouble = (services: readonly (string | null)[]) =>
    results.find((r) => services.includes(r.service) && r.outcome !== 'pass');
  const missing = declared.filter((d) => !results.some((r) => r.check === d.check && r.service === d.service));
  return missing.flatMap(({ check, service, restsOn = [] }) => {
    const cause =
      trouble([service, null, ...restsOn]) ??
      (service === null ? results.find((r) => r.outcome !== 'pass') : undefined);
    return cause ? [notRun(check, service, `not looked at, because ${cause.check} had not passed`)] : [];
  });
}
