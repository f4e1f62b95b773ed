import { expire, type ListedExpiry, planExpiryOf } from '../flow/expire.ts';
import type { Activity } from '../kit/activity.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { type FiredrillError, isFiredrillError } from '../kit/errors.ts';
import type { MemberRef } from '../model/backup-set.ts';
import { type DrilledService, drilledServices } from '../model/proof.ts';
import { journalsIn } from '../report/history.ts';
import { type Composed, chosenServices } from './context.ts';
import { keepKnown, readKnown } from './known-file.ts';
import { knownError } from './output.ts';
import { withProgress } from './progress.ts';

/** A year of nights: a vault that is seldom drilled has its newest drill among them. */
const maxDrills = 400;

export interface ExpireOptions {
  names: readonly string[];
  /** Change nothing. */
  dryRun: boolean;
}

export interface ExpiryOutcome {
  vault: string;
  done: ListedExpiry[];
  failed: { service: string; error: FiredrillError }[];
  /** What lies in the vault and is none of this configuration's: reported, never touched. */
  foreign: string[];
}

/** Expires each service, or tells what would be: one that is locked does not keep the others from it. */
export async function runExpire(
  composed: Composed,
  { names, dryRun }: ExpireOptions,
  signal: AbortSignal,
  quiet = false,
  clock: Clock = systemClock,
): Promise<ExpiryOutcome> {
  const services = chosenServices(composed, names);
  const { vault, vaults, trusted } = composed;
  const ofVault = vaults.find(({ label }) => label === vault.label)?.retentionDays;
  const history = await drillsIn(composed.reportsFolder);
  const { members, foreign: others } = await vault.list();
  const foreign = foreignAmong(composed, members, others);
  const known = await readKnown(composed);
  const outcome: ExpiryOutcome = { vault: vault.label, done: [], failed: [], foreign };
  const expireAll = async (activity: Activity) => {
    for (const { service, objectives } of services) {
      const retentionDays = ofVault ?? objectives.retentionDays;
      const order = { vault, trusted, service, history, retentionDays, known };
      try {
        outcome.done.push(await (dryRun ? planExpiryOf(order, activity, members) : expire(order, activity)));
      } catch (error) {
        if (isFiredrillError(error, 'INTERRUPTED')) throw error;
        outcome.failed.push({ service, error: knownError(error) });
      }
    }
  };
  const shown = services.map((each) => each.service);
  await withProgress(shown, signal, (activity) => expireAll({ ...activity, clock }), quiet);
  await keepKnown(composed, known, members);
  return outcome;
}

async function drillsIn(reportsFolder: string): Promise<DrilledService[]> {
  const history: DrilledService[] = [];
  for await (const journal of journalsIn(reportsFolder, maxDrills)) history.push(...drilledServices(journal));
  return history;
}

function foreignAmong({ services }: Composed, members: readonly MemberRef[], foreign: readonly string[]): string[] {
  const known = new Set(services.map((each) => each.service));
  const others = members.filter((each) => !known.has(each.service)).map(({ set, service }) => `${set}/${service}`);
  return [...new Set([...foreign, ...others])];
}
