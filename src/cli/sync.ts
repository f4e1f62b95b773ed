import { type SyncOutcome, syncVaults } from '../flow/sync.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { exitStatus, FiredrillError, messageOf } from '../kit/errors.ts';
import { count, plainLine } from '../kit/text.ts';
import { formatBytes, formatDuration } from '../kit/units.ts';
import { describeMember } from '../model/backup-set.ts';
import { type Composed, type ComposedVault, keptServices } from './context.ts';
import { withProgress } from './progress.ts';

export interface SyncOptions {
  /** Vaults to copy to; none: all but the first. */
  names: readonly string[];
  despiteLoss: boolean;
}

/** Copies from the first vault to others, one after the other; USAGE where there is nothing to copy to. */
export async function runSync(
  composed: Composed,
  { names, despiteLoss }: SyncOptions,
  signal: AbortSignal,
  quiet = false,
  clock: Clock = systemClock,
): Promise<SyncOutcome[]> {
  const targets = targetsOf(composed, names);
  const services = keptServices(composed, composed.services);
  const outcomes: SyncOutcome[] = [];
  const shown = services.map(({ service }) => service);
  const { vault: from, trusted } = composed;
  await withProgress(
    shown,
    signal,
    async (activity) => {
      for (const { sameMachineAllowed, open } of targets) {
        const order = { from, to: await open(), trusted, services, sameMachineAllowed, despiteLoss };
        outcomes.push(await syncVaults(order, { ...activity, clock }));
      }
    },
    quiet,
  );
  return outcomes;
}

function targetsOf({ vaults }: Composed, names: readonly string[]): readonly ComposedVault[] {
  const [first, ...others] = vaults;
  const known = others.map(({ label }) => label);
  const wrong = names.filter((name) => !known.includes(name));
  if (others.length === 0) {
    const hint = 'Add a second one under vaults, such as offsite: { kind: sftp, … }';
    throw new FiredrillError('USAGE', `there is no vault to copy to beside ${first?.label}`, { hint });
  }
  if (wrong.length > 0) {
    const what = `backups are copied from ${first?.label}; to ${wrong.join(', ')} they cannot be`;
    throw new FiredrillError('USAGE', what, { hint: `Vaults to copy to are: ${known.join(', ')}` });
  }
  return others.filter(({ label }) => names.length === 0 || names.includes(label));
}

/** The exit status: of what stopped the copying, else whether a backup was not good. */
export function syncStatus(outcomes: readonly SyncOutcome[]): number {
  const stopped = outcomes.find((each) => each.stopped)?.stopped;
  if (stopped) return stopped.exit;
  return outcomes.some(({ refused }) => refused.length > 0) ? exitStatus.drillFailed : exitStatus.pass;
}

/** A line for each backup that was copied, and one that sums up. */
export function syncLines({ vault, copied, refused, there, lost }: SyncOutcome): string[] {
  return [
    ...copied.map(
      (each) => `${describeMember(each)}: ${formatBytes(each.bytes)} in ${formatDuration(each.durationMs)}`,
    ),
    ...refused.map(({ member, error }) => `${describeMember(member)}: not copied: ${plainLine(messageOf(error))}`),
    ...lost.map(({ service, members }) => {
      const what = `${count(members.length, 'backup')} inside the retention`;
      return `${service}: ${what} ${members.length === 1 ? 'is' : 'are'} in vault ${vault} only; kept there`;
    }),
    `vault ${vault}: ${count(copied.length, 'backup')} copied, ${there} there before, ${refused.length} not copied`,
  ];
}
