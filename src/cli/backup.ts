import { randomBytes } from 'node:crypto';
import { type BackedUp, type BackupOrder, backUp } from '../flow/backup.ts';
import { type Activity, type ProgressEvent, retryPhase } from '../kit/activity.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { FiredrillError } from '../kit/errors.ts';
import { count, plainLine } from '../kit/text.ts';
import { formatBytes, formatDuration } from '../kit/units.ts';
import { describeMember, parseMemberId } from '../model/backup-set.ts';
import type { ListedMember } from '../vault/vault.ts';
import { type Composed, type ComposedService, chosenServices } from './context.ts';
import { knownError } from './output.ts';
import { withProgress } from './progress.ts';

export interface BackupOptions {
  names: readonly string[];
  /** Else an increment, where the engine makes them and there is a sound chain to build on. */
  full: boolean;
  /** Leaves out the services that have a backup, of the kind that is wanted, that began then or later. */
  missingSince?: Date;
  /** How many services are backed up side by side; 1 by default, which is gentle to sources that share a machine. */
  atOnce?: number;
}

export interface DoneBackup extends BackedUp {
  /** Why the source holds no heartbeat of this run, though it was wanted; null when it does, or none was wanted. */
  noHeartbeat: string | null;
  /** What was given up and begun anew before it worked, and why. */
  retries: string[];
}

export interface BackupOutcome {
  done: DoneBackup[];
  failed: { service: string; error: FiredrillError }[];
  /** What was left out, since it is there. */
  there: ListedMember[];
}

/** Backs up each service: one service's failure does not keep the others from their backup. */
export async function runBackup(
  composed: Composed,
  { names, full, missingSince, atOnce = 1 }: BackupOptions,
  signal: AbortSignal,
  quiet = false,
  clock: Clock = systemClock,
): Promise<BackupOutcome> {
  const chosen = chosenServices(composed, names);
  const there = missingSince ? await madeSince(composed, chosen, missingSince, full) : [];
  const services = chosen.filter(({ service }) => !there.some((member) => member.service === service));
  const outcome: BackupOutcome = { done: [], failed: [], there };
  const signingKey = await composed.signingKey();
  // One for all services of a run: so a drill can say how far apart their data is.
  const heartbeatId = randomBytes(16).toString('hex');
  const how = { signingKey, heartbeatId, kind: full ? 'full' : 'incremental' } as const;
  const waiting = [...services];
  const lane = async (activity: Activity) => {
    for (let service = waiting.shift(); service && !signal.aborted; service = waiting.shift()) {
      try {
        outcome.done.push(await backUpOne(composed, service, how, activity));
      } catch (error) {
        outcome.failed.push({ service: service.service, error: knownError(error) });
      }
    }
  };
  const backUpAll = async (activity: Activity) => {
    await Promise.all(Array.from({ length: atOnce }, () => lane(activity)));
    if (signal.aborted) throw interrupted(outcome, outcome.failed[0]?.error);
  };
  const shown = services.map((each) => each.service);
  await withProgress(shown, signal, (activity) => backUpAll({ ...activity, clock }), quiet);
  return inOrder(outcome, shown);
}

/** Of each service its newest member, where that began then or later. Names tell, to the second. */
async function madeSince(
  { vault }: Composed,
  services: readonly ComposedService[],
  since: Date,
  full: boolean,
): Promise<ListedMember[]> {
  const { members } = await vault.list();
  const first = Math.floor(since.getTime() / 1000) * 1000;
  const isMade = ({ id }: ListedMember) => {
    const { kind, startedAt } = parseMemberId(id) ?? {};
    return startedAt !== undefined && startedAt.getTime() >= first && (!full || kind === 'full');
  };
  return services.flatMap(({ service }) => members.findLast((each) => each.service === service && isMade(each)) ?? []);
}

/** In the order of the configuration, whoever was done first. */
function inOrder({ done, failed, there }: BackupOutcome, names: readonly string[]): BackupOutcome {
  const byName = (a: { service: string }, b: { service: string }) =>
    names.indexOf(a.service) - names.indexOf(b.service);
  return { done: done.toSorted(byName), failed: failed.toSorted(byName), there };
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
  { heartbeatId, ...how }: Pick<BackupOrder, 'signingKey' | 'kind'> & { heartbeatId: string },
  activity: Activity,
): Promise<DoneBackup> {
  await using source = await service.connect();
  const { vault, timeZone } = composed;
  const wish = service.heartbeat ? { heartbeatId } : {};
  let noHeartbeat: string | null = null;
  const retries: string[] = [];
  const tell = (event: ProgressEvent) => {
    if (event.phase === 'heartbeat') noHeartbeat = event.text;
    if (event.phase === retryPhase) retries.push(event.text);
    activity.tell(event);
  };
  const order = { engine: service.engine, source, vault, timeZone, ...how, ...wish };
  return { ...(await backUp(order, { ...activity, tell })), noHeartbeat, retries };
}

/** One line for each member: what it is and, where it is not what was wanted, why. */
export function describeBackup(done: BackedUp & Partial<DoneBackup>): string {
  const { bytes, durationMs, manifest, promoted, noHeartbeat = null, retries = [] } = done;
  const artifacts = count(manifest.artifacts.length, 'artifact');
  const what = manifest.kind === 'full' ? 'full' : `increment on ${manifest.parent?.id}`;
  const remarks = [
    ...(promoted === null ? [] : [`a full and no increment, because ${plainLine(promoted)}`]),
    ...(noHeartbeat === null ? [] : [plainLine(noHeartbeat)]),
    ...retries.map((each) => plainLine(each)),
  ];
  const facts = `${formatBytes(bytes)} in ${artifacts}, ${formatDuration(durationMs)}`;
  return `${done.service}: ${[`${describeMember(done)}: ${what}, ${facts}`, ...remarks].join('; ')}`;
}
