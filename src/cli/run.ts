import { readEnvironment } from '../config/environment.ts';
import { recordEnd } from '../daemon/run-record.ts';
import type { AnyEngine } from '../engines/engine.ts';
import { engines as allEngines } from '../engines/index.ts';
import { exitStatus, FiredrillError, isFiredrillError } from '../kit/errors.ts';
import { type Stopper, stopOnSignals } from './interrupt.ts';
import { knownError, printError } from './output.ts';
import { createProgram } from './program.ts';
import { Screen } from './screen.ts';
import { Session } from './session.ts';

/**
 * One run of the program: finds the command, runs it, and returns the exit status. Errors are printed here and nowhere
 * else, but for those of single services, which do not end a run.
 */
export async function run(args: readonly string[], engines: readonly AnyEngine[] = allEngines): Promise<number> {
  using stopper = stopOnSignals();
  const screen = new Screen(process.stdout);
  // Nobody reads it any more: what it was to say can be told to nobody.
  process.stderr.on('error', () => {});
  const { signal } = stopper;
  const session = new Session({ engines, environment: readEnvironment(), signal, screen });
  // Known before the command line was understood: also its errors have a form.
  session.options = { json: args.includes('--json'), debug: args.includes('--debug') };
  const status = await statusOf(args, session, stopper, screen);
  await recorded(status, session);
  return status;
}

async function statusOf(args: readonly string[], session: Session, stopper: Stopper, screen: Screen): Promise<number> {
  try {
    const program = await createProgram(session, args);
    await program.parseAsync(args, { from: 'user' });
    const crash = stopper.crash();
    if (crash) throw crash.error;
    await screen.flush();
    return session.status;
  } catch (error) {
    const told = whatHappened(error, stopper);
    printError(told, session.options);
    await screen.flush().catch(() => {});
    // A bad backup stays a bad backup, whatever happened to its report.
    return session.status === exitStatus.drillFailed ? session.status : told.exit;
  }
}

/** For a daemon that may have been killed meanwhile. One that was not learns the status from the process itself. */
async function recorded(status: number, { options, report, summary }: Session): Promise<void> {
  if (options.runRecord === undefined) return;
  const endedAt = new Date().toISOString();
  await recordEnd(options.runRecord, { status, endedAt, report: report ?? null, summary: summary ?? null }).catch(
    (error) => printError(error, options),
  );
}

/** After an order to stop, whatever breaks is its consequence. */
function whatHappened(error: unknown, stopper: Stopper): FiredrillError {
  const crash = stopper.crash();
  if (crash) return knownError(crash.error);
  if (!stopper.signal.aborted || isFiredrillError(error, 'INTERRUPTED')) return knownError(error);
  return new FiredrillError('INTERRUPTED', 'interrupted', { cause: error });
}
