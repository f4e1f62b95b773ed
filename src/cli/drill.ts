import { randomInt } from 'node:crypto';
import { drill } from '../flow/drill.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { FiredrillError, isFiredrillError } from '../kit/errors.ts';
import type { Journal } from '../model/journal.ts';
import { type Composed, chosenServices } from './context.ts';
import { lastDrillOf } from './last-drill.ts';
import { momentOf } from './moment.ts';
import { withProgress } from './progress.ts';

export interface DrillOptions {
  name: string;
  services: readonly string[];
  /** An instant, or `before:<name of a change>`. */
  at?: string;
  /** Judge the gaps between restore points since the drill before, as its journal in the reports' folder tells. */
  goesOn?: boolean;
  /** Chooses the planted fault, also where the configuration wants none; absent: by chance. */
  seed?: number;
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
  const since = options.goesOn ? await sinceOf(composed, services, moment.asOf ?? clock.now()) : undefined;
  // Whoever asks for a moment of his own is in a hurry, and a fault may cost one more restore.
  const plants = composed.planted && options.at === undefined;
  const plantedSeed = options.seed ?? (plants ? randomInt(maxSeed + 1) : undefined);
  const order = composed.drillOrder(options.name, services, {
    ...moment,
    ...(since ? { since } : {}),
    ...(plantedSeed === undefined ? {} : { plantedSeed }),
  });
  return withProgress(services, signal, (activity) => drill(order, { ...activity, clock }), quiet);
}

/** A folder that cannot be listed keeps no backup from its drill; the report that cannot be written there says so. */
async function sinceOf({ reportsFolder, vault }: Composed, services: readonly string[], before: Date) {
  try {
    return await lastDrillOf({ reportsFolder, vault: vault.label, services, before });
  } catch (error) {
    if (isFiredrillError(error, 'VAULT_READ')) return undefined;
    throw error;
  }
}
