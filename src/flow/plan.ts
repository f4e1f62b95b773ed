import type { Activity } from '../kit/activity.ts';
import { compactInstant } from '../kit/clock.ts';
import type { CheckResult } from '../model/check.ts';
import type { ServiceRecord } from '../model/journal.ts';
import { estimateRestore, type RestoreEstimate } from '../model/restore-estimate.ts';
import type { DrillOrder } from './drill-order.ts';
import { Rehearsal } from './rehearsal.ts';

/** What a drill, or a restore, would do, before it does anything. */
export interface DrillPlan {
  vault: string;
  /** The moment whose newest data is wanted. */
  asOf: string;
  rtoMs: number;
  services: Pick<ServiceRecord, 'service' | 'engine' | 'title' | 'set' | 'members'>[];
  estimate: RestoreEstimate;
  /** What is seen already, by names and manifests. */
  results: CheckResult[];
}

/** Lists, opens manifests, and reckons. Throws NO_SUCH_SET where the vault holds nothing of any of the services. */
export async function planDrill(order: DrillOrder, activity: Activity): Promise<DrillPlan> {
  const now = activity.clock.now();
  const rehearsal = new Rehearsal(order, `${compactInstant(now)}-${order.name}`, order.asOf ?? now, activity);
  await rehearsal.prepare();
  return {
    vault: order.vault.label,
    asOf: rehearsal.asOf.toISOString(),
    rtoMs: order.rtoMs,
    services: rehearsal.services.map((each) => {
      const { service, engine, title, set, members } = each.record(rehearsal.asOf);
      return { service, engine, title, set, members };
    }),
    estimate: estimateOf(order, rehearsal),
    results: [...rehearsal.results, ...rehearsal.services.flatMap((each) => each.results)],
  };
}

/** Of a rehearsal that was prepared: what it will take, by earlier drills and the sizes in its manifests. */
export function estimateOf({ vault, earlier = [] }: DrillOrder, { services }: Rehearsal): RestoreEstimate {
  const planned = services.map(({ service, chain }) => {
    const sizes = chain.flatMap(({ manifest }) => manifest.artifacts.map(({ bytes }) => bytes));
    return { service, members: chain.length, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) };
  });
  return estimateRestore(planned, vault.label, earlier);
}
