import { randomInt } from 'node:crypto';
import { drill } from '../flow/drill.ts';
import type { Activity } from '../kit/activity.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { FiredrillError } from '../kit/errors.ts';
import type { Journal } from '../model/journal.ts';
import type { RunningRecord } from '../report/running/running-record.ts';
import { type Composed, chosenServices } from './context.ts';
import { lastDrillOf } from './last-drill.ts';
import { momentOf } from './moment.ts';
import { timedBefore, unlessUnreadable, verifiedBefore } from './past.ts';
import { withProgress } from './progress.ts';

export interface DrillOptions {
  name: string;
  services: readonly string[];
  /** An instant, or `before:<name of a change>`. */
  at?: string;
  /** Judge gaps between restore points and what is unusual by the drills before, as journals in the reports' folder tell. */
  goesOn?: boolean;
  /** Chooses the planted fault, also where the configuration wants none; absent: by chance. */
  seed?: number;
  /** Is told how far the drill has come. */
  running?: RunningRecord;
}

const maxSeed = 2 ** 32 - 1;

/** Of the planted fault, as a drill has reported it. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d{1,10}$/.test(text) && seed <= maxSeed) return seed;
  throw new FiredrillError('USAGE', `--seed takes a whole number from 0 to ${maxSeed}, not: ${text}`);
}

/** Drills, and returns the journal; reports are written by the caller. */
export async function runDrill(
  composed: Composed,
  options: DrillOptions,
  signal: AbortSignal,
  quiet = false,
  clock: Clock = systemClock,
): Promise<Journal> {
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(options.name)) {
    throw new FiredrillError('USAGE', `a drill's name is made of a–z, 0–9 and -, not: ${options.name}`);
  }
  const chosen = chosenServices(composed, options.services);
  const services = chosen.map((each) => each.service);
  const moment = momentOf(options.at, chosen);
  const series = options.goesOn ? await seriesOf(composed, services, moment.asOf ?? clock.now(), clock.now()) : {};
  // Whoever asks for a moment of his own is in a hurry, and a fault may cost one more restore.
  const plants = composed.planted && options.at === undefined;
  const plantedSeed = options.seed ?? (plants ? randomInt(maxSeed + 1) : undefined);
  const order = composed.drillOrder(options.name, services, {
    ...(composed.applications.length > 0 && { applications: composed.applications }),
    ...moment,
    ...series,
    ...(plantedSeed === undefined ? {} : { plantedSeed }),
  });
  const { running } = options;
  running?.begin(composed.reportsFolder, { name: order.name, vault: order.vault.label, services, rtoMs: order.rtoMs });
  const work = (activity: Activity) => drill(order, { ...activity, clock, tell: alsoTold(activity, running) });
  return withProgress(services, signal, work, quiet);
}

function alsoTold(activity: Activity, running: RunningRecord | undefined): Activity['tell'] {
  return (event) => {
    activity.tell(event);
    running?.tell(event);
  };
}

/** What the journals in the reports' folder tell a drill. */
async function seriesOf({ reportsFolder, vault }: Composed, services: readonly string[], before: Date, now: Date) {
  const since = await unlessUnreadable(lastDrillOf({ reportsFolder, vault: vault.label, services, before }), undefined);
  const past = await unlessUnreadable(verifiedBefore(reportsFolder, before), []);
  // How long a restore takes has nothing to do with the moment that is restored.
  const earlier = await unlessUnreadable(timedBefore(reportsFolder, now), []);
  return { past, earlier, ...(since ? { since } : {}) };
}
