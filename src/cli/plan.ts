import { type DrillPlan, planDrill } from '../flow/plan.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { exitStatus } from '../kit/errors.ts';
import { type Composed, chosenServices } from './context.ts';
import { momentOf } from './moment.ts';
import { timedBefore, unlessUnreadable } from './past.ts';
import { withProgress } from './progress.ts';

export interface PlanOptions {
  /** Names of services; none: all. */
  names: readonly string[];
  /** An instant, or `before:<name of a change>`. */
  at?: string | undefined;
}

/** What a drill of these services would restore, and how long that would take; nothing is restored. */
export async function runPlan(
  composed: Composed,
  { names, at }: PlanOptions,
  signal: AbortSignal,
  quiet = false,
  clock: Clock = systemClock,
): Promise<DrillPlan> {
  const chosen = chosenServices(composed, names);
  const services = chosen.map((each) => each.service);
  const moment = momentOf(at, chosen);
  const earlier = await unlessUnreadable(timedBefore(composed.reportsFolder, clock.now()), []);
  const order = composed.drillOrder('plan', services, { ...moment, earlier });
  return withProgress(services, signal, (activity) => planDrill(order, { ...activity, clock }), quiet);
}

/** 3 when names and manifests show a fault, 4 when they could not be looked at, else 0. */
export function planExit({ results }: DrillPlan): number {
  const outcomes = results.map(({ outcome }) => outcome);
  if (outcomes.includes('fail')) return exitStatus.drillFailed;
  return outcomes.every((outcome) => outcome === 'pass') ? exitStatus.pass : exitStatus.inconclusive;
}
