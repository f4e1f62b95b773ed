import { type BackedUp, type BackupOrder, backUp } from '../flow/backup.ts';
import type { Activity } from '../kit/activity.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { FiredrillError } from '../kit/errors.ts';
import { count, plainLine } from '../kit/text.ts';
import { formatBytes, formatDuration } from '../kit/units.ts';
import { type Composed, type ComposedService, chosenServices } from './context.ts';
import { knownError } from './output.ts';
import { withProgress } from './progress.ts';

export interface BackupOptions {
  names: readonly string[];
  /** Else an increment, where the engine makes them and there is a sound chain to build on. */
  full: boolean;
}

export interface BackupOutcome {
  done: BackedUp[];
  failed: { service: string; error: FiredrillError }[];
}

/** Backs up each service, one after the other: one service's failure does not keep the others from their backup. */
export async function runBackup(
  composed: Composed,
  { names, full }: BackupOptions,
  signal: AbortSignal,
  quiet = false,
  clock: Clock = systemClock,
): Promise<BackupOutcome> {
  const services = chosenServices(composed, names);
  const outcome: BackupOutcome = { done: [], failed: [] };
  const signingKey = await composed.signingKey();
  const backUpAll = async (activity: Activity) => {
    for (const service of services) {
      try {
        outcome.done.push(
          await backUpOne(composed, service, { signingKey, kind: full ? 'full' : 'incremental' }, activity),
        );
      } catch (error) {
        if (signal.aborted) throw interrupted(outcome, error);
        outcome.failed.push({ service: service.service, error: knownError(error) });
      }
    }
  };
  const shown = services.map((each) => each.service);
  await withProgress(shown, signal, (activity) => backUpAll({ ...activity, clock }), quiet);
  return outcome;
}

function interrupted({ done }: BackupOutcome, cause: unknown) {
  const detail = done.map((each) => `kept: ${describeBackup(each)}`);
  return new FiredrillError('INTERRUPTED', 'the backup was interrupted; what was not sealed was removed', {
    cause,
    detail,
  });
}

async function backUpOne(
  composed: Composed,
  service: ComposedService,
  how: Pick<BackupOrder, 'signingKey' | 'kind'>,
  activity: Activity,
): Promise<BackedUp> {
  await using source = await service.connect();
  const { vault, timeZone } = composed;
  return await backUp({ engine: service.engine, source, vault, timeZone, ...how }, activity);
}

/** One line for each member. */
export function describeBackup({ set, service, id, bytes, durationMs, manifest, promoted }: BackedUp): string {
  const artifacts = count(manifest.artifacts.length, 'artifact');
  const why = promoted === null ? '' : `; a full, because ${plainLine(promoted)}`;
  return `${service}: ${set}/${service}/${id}: ${formatBytes(bytes)} in ${artifacts}, ${formatDuration(durationMs)}${why}`;
}
