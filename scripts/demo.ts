import { parseArgs } from 'node:util';
import { stopOnSignals } from '../src/cli/interrupt.ts';
import { printError } from '../src/cli/output.ts';
import { FiredrillError, messageOf } from '../src/kit/errors.ts';
import { runDemo } from './demo/run-demo.ts';

// Starts the demo company, backs it up, drills the backup, and removes the company. `--scale 0.01` makes a small one.

function scaleOf(args: string[]): number {
  try {
    const { values } = parseArgs({ args, options: { scale: { type: 'string', default: '1' } } });
    const scale = Number(values.scale);
    if (scale >= 0.001 && scale <= 10) return scale;
    throw new FiredrillError('USAGE', `--scale takes a number from 0.001 to 10, not: ${values.scale}`, {
      hint: 'Run: npm run demo, or: npm run demo -- --scale 0.1',
    });
  } catch (error) {
    if (error instanceof FiredrillError) throw error;
    throw new FiredrillError('USAGE', messageOf(error), { hint: 'The only option is --scale, such as: --scale 0.1' });
  }
}

async function main(): Promise<number> {
  using stopper = stopOnSignals();
  try {
    const exitStatus = await runDemo(scaleOf(process.argv.slice(2)), stopper.signal);
    const crash = stopper.crash();
    if (crash) throw crash.error;
    return exitStatus;
  } catch (error) {
    printError(stopper.crash()?.error ?? error);
    return error instanceof FiredrillError ? error.exit : 1;
  }
}

process.exitCode = await main();
