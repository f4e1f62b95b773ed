import { Command, Option } from 'commander';
import { recordBegin } from '../daemon/run-record.ts';
import { firedrillVersion } from '../kit/version.ts';
import { about } from './help.ts';
import type { GlobalOptions, Session } from './session.ts';
import { asUsageErrors } from './usage.ts';

type AddCommand = (program: Command, session: Session) => void;

/** In the order of the help. */
const commands = {
  init: async (): Promise<AddCommand> => (await import('./init-command.ts')).addInit,
  config: async () => (await import('./config-command.ts')).addConfig,
  doctor: async () => (await import('./doctor-command.ts')).addDoctor,
  backup: async () => (await import('./backup-command.ts')).addBackup,
  list: async () => (await import('./list-command.ts')).addList,
  verify: async () => (await import('./verify-command.ts')).addVerify,
  plan: async () => (await import('./plan-command.ts')).addPlan,
  drill: async () => (await import('./drill-command.ts')).addDrill,
  sync: async () => (await import('./sync-command.ts')).addSync,
  expire: async () => (await import('./expire-command.ts')).addExpire,
  'find-statement': async () => (await import('./find-statement-command.ts')).addFindStatement,
  restore: async () => (await import('./restore-command.ts')).addRestore,
  gameday: async () => (await import('./gameday-command.ts')).addGameDay,
  report: async () => (await import('./report-command.ts')).addReport,
  serve: async () => (await import('./serve-command.ts')).addServe,
  ledger: async () => (await import('./ledger-command.ts')).addLedger,
  daemon: async () => (await import('./daemon-command.ts')).addDaemon,
  metrics: async () => (await import('./metrics-command.ts')).addMetrics,
} satisfies Record<string, () => Promise<AddCommand>>;

const names = Object.keys(commands) as (keyof typeof commands)[];

/**
 * The command line, with the commands that `args` name: to load them all would take longer than most of them work. Where none is
 * named, such as for the help, it has them all.
 */
export async function createProgram(session: Session, args: readonly string[]): Promise<Command> {
  const named = names.filter((name) => args.includes(name));
  const program = new Command('firedrill')
    .description('Backs services up, and proves each backup: restores it into a sealed pod, times it, checks it.')
    .version(firedrillVersion, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--config <file>', 'the configuration (default: $FIREDRILL_CONFIG, else ./firedrill.yaml)')
    .option('--json', 'print the result, and errors on stderr, as JSON; no progress')
    .option('--quiet', 'print no progress')
    .option('--debug', 'print the stack of errors')
    .addOption(new Option('--run-record <folder>', 'record begin and end there: for the daemon').hideHelp())
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .addHelpText('after', about(beginnings, 0, 1, 2, 3, 4, 5, 10, 11, 130))
    .hook('preAction', async (_, command) => {
      session.options = command.optsWithGlobals<GlobalOptions>();
      if (session.options.runRecord !== undefined) await recordBegin(session.options.runRecord);
    });
  for (const name of named.length > 0 ? named : names) (await commands[name]())(program, session);
  return asUsageErrors(program, session, () => createProgram(session, []));
}

const beginnings =
  'To begin: firedrill init, firedrill config check, firedrill doctor, firedrill backup, firedrill drill. ' +
  'Each command explains itself with --help.';
