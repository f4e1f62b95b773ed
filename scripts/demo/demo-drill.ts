import { basename } from 'node:path';
import { styleText } from 'node:util';
import type { Composed } from '../../src/cli/context.ts';
import { type DrillOptions, runDrill } from '../../src/cli/drill.ts';
import { shownPath } from '../../src/cli/shown-path.ts';
import { plainLine } from '../../src/kit/text.ts';
import type { Journal } from '../../src/model/journal.ts';
import { keepReceipt } from '../../src/report/ledger.ts';
import { renderText } from '../../src/report/render-text.ts';
import { verdictLine } from '../../src/report/verdict-line.ts';
import { writeReports } from '../../src/report/write-reports.ts';
import type { SimulatedClock } from './simulated-clock.ts';

/** Where a drill of the demo takes place. */
export interface DrillPlace {
  composed: Composed;
  configFile: string;
  /** What is typed further, to choose a vault. */
  vaultArgs?: readonly string[];
  clock: SimulatedClock;
  signal: AbortSignal;
}

/** Drills as a user would, and prints what he would see, but for the verdict line, which ends it: the demo's last is the main drill's. */
export async function drilled(
  { composed, configFile, vaultArgs = [], clock, signal }: DrillPlace,
  options: DrillOptions,
): Promise<{ journal: Journal; line: string }> {
  const { name, services, at } = options;
  const chosen = services.length === 0 ? [] : ['--service', ...services];
  const moment = at === undefined ? [] : ['--at', at];
  typed(configFile, ['drill', name, ...vaultArgs, ...chosen, ...moment], clock.now().toISOString().slice(0, 16));
  const journal = await runDrill(composed, options, signal, true, clock);
  const { html, folder } = await writeReports(journal, composed.reportsFolder);
  // Not signed: the next demo has other keys, and the same ledger.
  await keepReceipt(composed.reportsFolder, basename(folder), undefined);
  process.stdout.write(`${renderText(journal)}\n`);
  return { journal, line: plainLine(verdictLine(journal, shownPath(html))) };
}

/** Shows what a user would have typed then. */
export function typed(configFile: string, args: readonly string[], when: string): void {
  const command = `$ firedrill --config ${shownPath(configFile)} ${args.join(' ')}`;
  const { stdout } = process;
  stdout.write(
    `\n${styleText('bold', command, { stream: stdout })}   ${styleText('dim', `# ${when}`, { stream: stdout })}\n`,
  );
}
