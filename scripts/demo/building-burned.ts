import { compose } from '../../src/cli/compose.ts';
import type { Composed } from '../../src/cli/context.ts';
import { printError } from '../../src/cli/output.ts';
import { shownPath } from '../../src/cli/shown-path.ts';
import { runSync, syncLines, syncStatus } from '../../src/cli/sync.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { readConfig } from '../../src/config/load.ts';
import { engines } from '../../src/engines/index.ts';
import { say } from './demo-context.ts';
import { drilled, typed } from './demo-drill.ts';
import { configFile, elsewhere } from './demo-folder.ts';
import { SimulatedClock } from './simulated-clock.ts';

/** Copies the vault to the other place, encrypted. Returns the command's exit status. */
export async function copyElsewhere(composed: Composed, clock: SimulatedClock, signal: AbortSignal): Promise<number> {
  typed(configFile, ['sync'], clock.now().toISOString().slice(0, 16));
  const outcomes = await runSync(composed, { names: ['offsite'], despiteLoss: false }, signal, true, clock);
  process.stdout.write(`${outcomes.flatMap(syncLines).join('\n')}\n`);
  for (const { stopped } of outcomes) if (stopped) printError(stopped);
  return syncStatus(outcomes);
}

/**
 * The drill for the day that the building has burned: what it is given is the folder of the other place, where there is one
 * configuration, the escrow key and the encrypted copies, and no secret of any source. Returns the drill's exit status.
 * @param at by the clock of that place, which is its own
 */
export async function drillElsewhere(at: Date, signal: AbortSignal): Promise<number> {
  const environment = readEnvironment();
  const { config, missingSecrets } = await readConfig(elsewhere.configFile, engines, environment);
  say(`the building has burned: without ${missingSecrets.length} secrets of the sources, from what lies elsewhere`);
  const composed = await compose(
    config,
    { engines, dockerHost: environment.dockerHost },
    { from: 'offsite', identityFile: elsewhere.escrowKey },
  );
  const clock = new SimulatedClock();
  clock.set(at);
  const vaultArgs = ['--from', 'offsite', '--identity', shownPath(elsewhere.escrowKey)];
  const place = { composed, configFile: elsewhere.configFile, vaultArgs, clock, signal };
  const { journal, line } = await drilled(place, { name: 'building-burned', services: [] });
  process.stdout.write(`${line}\n`);
  return journal.exitStatus;
}
