import { resolve } from 'node:path';
import { type AnyEngine, partKinds, type Source } from '../engines/engine.ts';
import type { DrillOrder } from '../flow/drill-order.ts';
import { PlannedRestore } from '../flow/restore.ts';
import type { RestoreOrder, RestorePlan } from '../flow/restore-order.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { FiredrillError } from '../kit/errors.ts';
import { type MemberRef, parseMemberId } from '../model/backup-set.ts';
import type { Journal } from '../model/journal.ts';
import type { RestoreReason } from '../model/objectives.ts';
import { directoryVault } from '../vault/directory.ts';
import { type Composed, type ComposedService, chosenServices, type DrillMoment } from './context.ts';
import { momentOf } from './moment.ts';
import { withProgress } from './progress.ts';
import { shownPath } from './shown-path.ts';

export interface RestoreOptions {
  service: string;
  /** `source`, or the name of a configured target. */
  to?: string | undefined;
  reason: RestoreReason;
  /** An instant, `before:<name of a change>`, or a member's id. */
  at?: string | undefined;
  /** Of MySQL, InfluxDB and Grafana: names of what alone is restored, beside the live data. At most one of them is given. */
  tables?: readonly string[] | undefined;
  measurements?: readonly string[] | undefined;
  dashboards?: readonly string[] | undefined;
  replace: boolean;
  dryRun: boolean;
  unproven: boolean;
  /** A folder with a safety copy, instead of the vault. */
  safetyCopy?: string | undefined;
}

/** What the command needs of the terminal. */
export interface RestoreDialogue {
  signal: AbortSignal;
  quiet: boolean;
  /** Shown before anything is done. */
  showPlan(plan: RestorePlan): void;
  /** The name that somebody types to confirm that what is there gives way. */
  typedName(plan: RestorePlan): Promise<string>;
  clock?: Clock;
}

export interface RestoreOutcome {
  plan: RestorePlan;
  /** null for a dry run. */
  journal: Journal | null;
  /** Why the target could not be written. */
  error: FiredrillError | null;
}

/** Plans, shows, asks, restores. The report is written by the caller. */
export async function runRestore(
  composed: Composed,
  options: RestoreOptions,
  dialogue: RestoreDialogue,
): Promise<RestoreOutcome> {
  const [service] = chosenServices(composed, [options.service]);
  if (!service) throw new FiredrillError('INTERNAL', 'no service was chosen');
  await using target = await connectTarget(composed, service, options.to);
  const order = await orderOf(composed, service, target, options);
  const clock = dialogue.clock ?? systemClock;
  const step = <T>(work: (activity: Parameters<typeof PlannedRestore.make>[1]) => Promise<T>) =>
    withProgress([service.service], dialogue.signal, (activity) => work({ ...activity, clock }), dialogue.quiet);
  const planned = await step((activity) => PlannedRestore.make(order, activity));
  const { plan } = planned;
  dialogue.showPlan(plan);
  if (options.dryRun) return { plan, journal: null, error: null };
  const replace = plan.replaces.length > 0 && options.replace;
  if (replace) await confirm(plan, dialogue);
  return { plan, ...(await step((activity) => planned.run(replace, activity))) };
}

async function confirm(plan: RestorePlan, dialogue: RestoreDialogue) {
  const typed = await dialogue.typedName(plan);
  if (typed === plan.service) return;
  const sentence = `what was typed is not ${plan.service}: nothing was changed at ${plan.target}`;
  throw new FiredrillError('USAGE', sentence, {
    hint: `Type the name of the service, or give it with --confirm ${plan.service}.`,
  });
}

/** `source` is the service's own server; anything else stands under `targets`. */
async function connectTarget(
  { targets }: Composed,
  service: ComposedService,
  to: string | undefined,
): Promise<Source<unknown> & AsyncDisposable> {
  if (to === 'source') return service.connect();
  const fitting = targets.filter((each) => each.engine === service.engine.name);
  const target = fitting.find((each) => each.target === to);
  if (target) return target.connect(service.service);
  const names = ['source', ...fitting.map((each) => each.target)].join(', ');
  const other = targets.find((each) => each.target === to);
  const wrong = other ? `target ${to} is of engine ${other.engine}` : `there is no target ${to}`;
  const sentence = to === undefined ? '--to is missing: a restore needs to be told where to' : wrong;
  throw new FiredrillError('USAGE', sentence, {
    hint: `Type --to and one of: ${names}; others are made under targets in the configuration.`,
  });
}

async function orderOf(
  composed: Composed,
  service: ComposedService,
  target: Source<unknown>,
  options: RestoreOptions,
): Promise<RestoreOrder> {
  const { to = '', reason, unproven, safetyCopy } = options;
  const moment = await restoreMoment(composed, service, options);
  const ordered: DrillOrder = { ...composed.drillOrder('restore', [service.service], moment), also: [] };
  const parts = partsOf(options, service.engine);
  return {
    drill: safetyCopy === undefined ? ordered : fromSafetyCopy(ordered, target, safetyCopy),
    ...{ target, targetName: to, reason, unproven },
    ...(parts ? { parts } : {}),
    safetyFolder: composed.safetyFolder,
    signingKey: composed.signingKey,
    timeZone: composed.timeZone,
    goBack: (folder) =>
      `firedrill restore ${service.service} --to ${to} --reason ${reason} --safety-copy ${shownPath(folder)} --replace`,
  };
}

/** Names of what is restored beside the live data; undefined for the whole. */
function partsOf(options: RestoreOptions, { title, carrier }: AnyEngine): string[] | undefined {
  const [kind, second] = partKinds.filter((each) => options[each] !== undefined);
  if (!kind) return undefined;
  const own = carrier?.parts;
  if (second || kind !== own) {
    const sentence = second
      ? `--${kind} and --${second} are for services of different engines`
      : `of ${title} no ${kind} can be restored beside the live data`;
    const hint = own ? `Of ${title}: --${own}` : 'Leave the option out to restore the whole.';
    throw new FiredrillError('USAGE', sentence, { hint });
  }
  if (options.replace) {
    throw new FiredrillError('USAGE', `--replace does not go with --${kind}: beside the live data nothing gives way`, {
      hint: `Leave out --replace; or leave out --${kind} to replace the whole.`,
    });
  }
  // A measurement's name may hold a comma.
  const given = options[kind] ?? [];
  const names = kind === 'measurements' ? given : given.flatMap((each) => each.split(',')).map((name) => name.trim());
  if (names.length > 0 && names.every((name) => name !== '')) return [...new Set(names)];
  throw new FiredrillError(
    'USAGE',
    `--${kind} takes names, and none of them is empty: ${given.join(' ') || 'nothing'}`,
  );
}

/** A safety copy was taken of the target, which need not be the server that the service is backed up from. */
function fromSafetyCopy(order: DrillOrder, target: Source<unknown>, folder: string): DrillOrder {
  const services = order.services.map((each) => {
    const engine: AnyEngine = { ...each.engine, expectedIdentity: () => ({}) };
    return { ...each, engine, host: target.host.label, settings: target.settings };
  });
  // What gave way need not be what somebody wants of the service: it comes back as it was.
  return { ...order, services, ownChecks: false, vault: directoryVault(`of safety copies`, resolve(folder)) };
}

async function restoreMoment(
  { vault }: Composed,
  service: ComposedService,
  { at, safetyCopy }: RestoreOptions,
): Promise<DrillMoment> {
  if (at !== undefined && safetyCopy !== undefined) {
    throw new FiredrillError('USAGE', '--at names a point of the vault: a safety copy has one only');
  }
  const startedAt = at === undefined ? undefined : parseMemberId(at)?.startedAt;
  if (at === undefined || !startedAt) return momentOf(at, [service]);
  const listed = (await vault.list()).members.find((each) => each.service === service.service && each.id === at);
  if (listed) return { asOf: startedAt, point: refOf(listed) };
  throw new FiredrillError('NO_SUCH_SET', `vault ${vault.label} holds no ${at} of ${service.service}`, {
    hint: `Run: firedrill list ${service.service}`,
  });
}

const refOf = ({ set, service, id }: MemberRef): MemberRef => ({ set, service, id });
