import { parseArgs } from 'node:util';
import { stopOnSignals } from '../src/cli/interrupt.ts';
import { printError } from '../src/cli/output.ts';
import { FiredrillError } from '../src/kit/errors.ts';
import { monthFolder, runMonth } from './month/run-month.ts';

// Lets the demo company live through a month with the daemon, on a clock that is set forward, and judges what it leaves.
// About a quarter of an hour. `--scale 1` takes the demo's full size.

async function main(): Promise<number> {
  using stopper = stopOnSignals();
  try {
    const { values } = parseArgs({ options: { scale: { type: 'string', default: '0.02' } } });
    const wrong = await runMonth(stopper.signal, Number(values.scale));
    for (const sentence of wrong) process.stdout.write(`NOT as it must be: ${sentence}\n`);
    process.stdout.write(`month: ${wrong.length === 0 ? 'passed' : 'NOT passed'} | reports: ${monthFolder}/reports\n`);
    return wrong.length === 0 ? 0 : 1;
  } catch (error) {
    printError(stopper.crash()?.error ?? error);
    return error instanceof FiredrillError ? error.exit : 1;
  }
}

process.exitCode = await main();
