import type { Command } from 'commander';
import { about } from './help.ts';
import { planExit, runPlan } from './plan.ts';
import { drillPlanLines } from './plan-lines.ts';
import type { Session } from './session.ts';
import { addVaultOptions, drillChoiceOf, type VaultOptions } from './vault-choice.ts';

const help = about(
  `Says what a drill would restore: of each service the full and its increments, in their order, from which vault, how many bytes.
It opens their manifests, checks signatures and the chain, and reckons how long the restore will take, by what earlier drills in
the reports' folder took for how many bytes: opening, the pod, and the restore itself. In brackets stands between what bounds,
as far as those drills tell; a service without an earlier drill has no estimate. Each drill records what was estimated before it,
and its report holds that against what it took.

--from, --identity and --at are those of firedrill drill. A real restore writes into its target after that time, too.

It changes nothing, needs no Docker, and does not read the backups themselves: firedrill verify does.`,
  [0, 'what would be restored looks good, by names and manifests'],
  [1, 'the vault cannot be reached'],
  2,
  [3, 'it does not: a manifest is not genuine, a chain is broken, or a service has no backup'],
  4,
  10,
  130,
);

interface Options extends VaultOptions {
  at?: string;
}

export function addPlan(program: Command, session: Session): void {
  addVaultOptions(program.command('plan'), 'as drill.from says')
    .description('say what would be restored, and how long that would take (default: of all services)')
    .argument('[service...]', 'names of services')
    .option('--at <point>', 'an instant, such as 2026-11-22T01:30:00Z, or before:<name of a change>')
    .addHelpText('after', help)
    .action(async (names: string[], { at, ...vault }: Options) => {
      const composed = await session.composedForReading((config) => drillChoiceOf(config, vault));
      const plan = await runPlan(composed, { names, at }, session.signal, session.quiet);
      session.status = planExit(plan);
      session.show(drillPlanLines(plan).join('\n'), plan);
    });
}
