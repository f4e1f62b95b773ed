import { Command, Option } from 'commander';
import { recordBegin } from '../daemon/run-record.ts';
import { firedrillVersion } from '../kit/version.ts';
import { addBackup } from './backup-command.ts';
import { addConfig } from './config-command.ts';
import { addDaemon } from './daemon-command.ts';
import { addDoctor } from './doctor-command.ts';
import { addDrill } from './drill-command.ts';
import { addExpire } from './expire-command.ts';
import { addFindStatement } from './find-statement-command.ts';
import { addGameDay } from './gameday-command.ts';
import { about } from './help.ts';
import { addInit } from './init-command.ts';
import { addLedger } from './ledger-command.ts';
import { addList } from './list-command.ts';
import { addMetrics } from './metrics-command.ts';
import { addPlan } from './plan-command.ts';
import { addReport } from './report-command.ts';
import { addRestore } from './restore-command.ts';
import { addServe } from './serve-command.ts';
import type { GlobalOptions, Session } from './session.ts';
import { addSync } from './sync-command.ts';
import { asUsageErrors } from './usage.ts';
import { addVerify } from './verify-command.ts';

/** The whole command line. */
export function createProgram(session: Session): Command {
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
  const judging = [addList, addVerify, addPlan, addDrill];
  const adders = [
    addInit,
    addConfig,
    addDoctor,
    addBackup,
    ...judging,
    addSync,
    addExpire,
    addFindStatement,
    addRestore,
    addGameDay,
    addReport,
    addServe,
    addLedger,
    addDaemon,
    addMetrics,
  ];
  for (const add of adders) add(program, session);
  return asUsageErrors(program, session);
}

const beginnings =
  'To begin: firedrill init, firedrill config check, firedrill doctor, firedrill backup, firedrill drill. ' +
  'Each command explains itself with --help.';
