import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import type { RestorePlan } from '../flow/restore-order.ts';
import { FiredrillError } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';
import { type RestoreReason, restoreReasons } from '../model/objectives.ts';
import { renderText } from '../report/render-text.ts';
import { verdictLine } from '../report/verdict-line.ts';
import { about } from './help.ts';
import { keepReport } from './keep-report.ts';
import { printError } from './output.ts';
import { type RestoreDialogue, runRestore } from './restore.ts';
import { planLines } from './restore-lines.ts';
import type { Session } from './session.ts';
import { addVaultOptions, choiceOf, type VaultOptions } from './vault-choice.ts';

const help = about(
  `Restores for real. First the backup is restored into the sealed pod and checked as a drill does; only what was proven there
is carried into the target, and compared there once more. Your own checks (services.<name>.checks) are asked in the pod too, but
not of a safety copy. --to source is the service's own server; others stand under targets in the configuration, with a login
that may write and define.

A target that is not empty is refused, unless --replace is given and the name of the service is typed (--confirm for scripts).
Then what stands there is backed up first, into a folder of its own under restore.safetyCopies, and the way back is shown.
With --tables (MySQL) or --measurements (InfluxDB) only these are restored, into a new database beside the live one; with
--dashboards (Grafana, while it runs) into a new folder, under new uids. Nothing is replaced then, and there is no safety copy.

It does not stop the applications that write into the target, and does not tell its replicas. The report is that of the drill,
and of what became of the target; a restore counts as no drill. With --json the result is the journal, with --dry-run the plan.`,
  [0, 'the target holds what was backed up, exactly; or it was a dry run'],
  [1, 'the target could not be written, and is not whole; the error says how to go on and how to go back'],
  [2, 'wrong usage, or the target is not empty'],
  [3, 'the backup is not good, and nothing was written; or the target differs from what was proven'],
  [4, 'the backup could not be tried, and nothing was written'],
  10,
  [130, 'interrupted; the error says whether the target was touched'],
);

interface Options extends VaultOptions {
  to?: string;
  reason: RestoreReason;
  at?: string;
  tables?: string[];
  measurements?: string[];
  dashboards?: string[];
  replace?: boolean;
  confirm?: string;
  safetyCopy?: string;
  unproven?: boolean;
  dryRun?: boolean;
}

export function addRestore(program: Command, session: Session): void {
  addVaultOptions(program.command('restore'))
    .description('restore a service into a real server, after proving its backup in the sealed pod')
    .argument('<service>', 'name of the service')
    .option('--to <target>', 'source, or the name of a target in the configuration')
    .addOption(new Option('--reason <reason>', 'why, for the report').choices(restoreReasons).makeOptionMandatory(true))
    .option('--at <point>', 'an instant, before:<name of a change>, or the id of a backup (default: the newest)')
    .option('--tables <names...>', 'only these tables of a MySQL, beside the live data')
    .option('--measurements <names...>', 'only these measurements of an InfluxDB, beside the live data')
    .option('--dashboards <uids...>', 'only these dashboards of a Grafana, in a new folder with new uids')
    .option('--replace', 'what stands at the target may give way')
    .option('--confirm <service>', 'the name of the service, for scripts that cannot type it')
    .option('--safety-copy <folder>', 'restore what an earlier restore has replaced at the same target')
    .option('--unproven', 'go on although the backup did not pass its checks')
    .option('--dry-run', 'show the plan, and do nothing')
    .addHelpText('after', help)
    .action((service: string, options: Options) => restoreForReal(service, options, session));
}

async function restoreForReal(service: string, options: Options, session: Session): Promise<void> {
  const { replace = false, dryRun = false, unproven = false } = options;
  const composed = await session.composed(choiceOf(options));
  const ledgerKey = await composed.ledgerKey();
  const dialogue: RestoreDialogue = {
    signal: session.signal,
    quiet: session.quiet,
    showPlan: (plan) => (dryRun ? undefined : session.remark(planLines(plan).join('\n'))),
    typedName: (plan) => typedName(plan, options.confirm, session.signal),
  };
  const wanted = { ...options, service, replace, dryRun, unproven };
  const { plan, journal, error } = await runRestore(composed, wanted, dialogue);
  if (!journal) {
    session.show(planLines(plan).join('\n'), plan);
    return;
  }
  session.status = journal.exitStatus;
  const { report } = await keepReport(journal, composed, ledgerKey, session);
  session.show(`${renderText(journal)}\n\n${plainLine(verdictLine(journal, report))}`, journal);
  if (error) printError(error, session.options);
}

async function typedName({ service, target }: RestorePlan, confirm: string | undefined, signal: AbortSignal) {
  if (confirm !== undefined) return confirm;
  if (!process.stdin.isTTY) {
    throw new FiredrillError('USAGE', `${target} is not empty, and nobody is there to type the name of the service`, {
      hint: `Add: --confirm ${service}`,
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`Type ${service} to replace it: `, { signal })).trim();
  } finally {
    terminal.close();
  }
}
