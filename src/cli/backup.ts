import { type BackedUp, backUp } from '../flow/backup.ts';
import type { Activity } from '../kit/activity.ts';
import { type FiredrillError, isFiredrillError } from '../kit/errors.ts';
import { formatBytes, formatDuration } from '../kit/units.ts';
import { type Composed, type ComposedService, chosenServices } from './context.ts';
import { withProgress } from './progress.ts';

export interface BackupOutcome {
  done: BackedUp[];
  failed: { service: string; error: FiredrillError }[];
}

/** Backs up each service, one after the other: one service's failure does not keep the others from their backup. */
export async function runBackup(
  composed: Composed,
  names: readonly string[],
  signal: AbortSignal,
): Promise<BackupOutcome> {
  const services = chosenServices(composed, names);
  const outcome: BackupOutcome = { done: [], failed: [] };
  const signingKey = await composed.signingKey();
  await withProgress(names.length ? names : services.map((s) => s.service), signal, async (activity) => {
    for (const service of services) {
      try {
        outcome.done.push(await backUpOne(composed, service, signingKey, activity));
      } catch (error) {
        if (!isFiredrillError(error) || error.code === 'INTERRUPTED') throw error;
        outcome.failed.push({ service: service.service, error });
      }
    }
  });
  return outcome;
}

async function backUpOne(
  composed: Composed,
  service: ComposedService,
  signingKey: Awaited<ReturnType<Composed['signingKey']>>,
  activity: Activity,
): Promise<BackedUp> {
  await using source = await service.connect();
  const { vault, timeZone } = composed;
  return await backUp({ engine: service.engine, source, vault, signingKey, timeZone }, activity);
}

/** One line for each member. */
export function describeBackup({ set, service, id, bytes, durationMs, manifest }: BackedUp): string {
  const { length } = manifest.artifacts;
  return `${service}: ${set}/${service}/${id}: ${formatBytes(bytes)} in ${length} artifacts, ${formatDuration(durationMs)}`;
}
