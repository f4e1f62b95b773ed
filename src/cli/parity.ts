import type { Config } from '../config/config.ts';
import { compareVaults, type ServiceParity } from '../flow/parity.ts';
import { exitStatus, FiredrillError } from '../kit/errors.ts';
import { count, plainLine } from '../kit/text.ts';
import { formatDuration } from '../kit/units.ts';
import { type Composed, chosenServices, keptServices } from './context.ts';
import { withProgress } from './progress.ts';

/** A nightly sync and two hours for it. */
const allowedLagMs = 26 * 3_600_000;

/** The vault that the first one is compared with: the one that was named, else the second; USAGE where there is none. */
export function copyOf({ vaults: [first, second] }: Config, named: string | undefined): string {
  const label = named ?? second?.label;
  if (label !== undefined && label !== first?.label) return label;
  const hint = 'Name another one with --from, or add one under vaults.';
  throw new FiredrillError('USAGE', `there is no vault to compare ${first?.label} with`, { hint });
}

/** `composed` works with the copy. */
export async function runParity(
  composed: Composed,
  names: readonly string[],
  { all }: { all: boolean },
  signal: AbortSignal,
  quiet = false,
): Promise<ServiceParity[]> {
  const [first] = composed.vaults;
  if (!first) throw new FiredrillError('CONFIG_INVALID', 'no vault is configured');
  const { vault: copy, trusted } = composed;
  const services = keptServices(composed, chosenServices(composed, names));
  const order = { original: await first.open(), copy, trusted, services, all, allowedLagMs };
  const shown = services.map(({ service }) => service);
  return withProgress(shown, signal, (activity) => compareVaults(order, activity), quiet);
}

export function parityExit(parities: readonly ServiceParity[]): number {
  return parities.every(({ differences }) => differences.length === 0) ? exitStatus.pass : exitStatus.drillFailed;
}

/** A line for each service, with its differences beneath. */
export function parityLines(parities: readonly ServiceParity[]): string[] {
  return parities.flatMap(({ service, original, copy, waiting, lagMs, compared, differences }) => {
    const lag = lagMs === null ? 'no copy at all' : lagMs === 0 ? 'no lag' : `lag ${formatDuration(lagMs)}`;
    const verdict = differences.length === 0 ? 'same' : count(differences.length, 'difference');
    const held = `${copy} of ${count(original, 'backup')} copied, ${waiting} waiting, ${compared} compared byte for byte`;
    return [`${service}: ${verdict}; ${lag}; ${held}`, ...differences.map((each) => `  ${plainLine(each)}`)];
  });
}
