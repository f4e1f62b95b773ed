import { join } from 'node:path';
import { abortGameDay, type Played, playGameDay, resumeGameDay, type Stage } from '../../src/cli/gameday/play.ts';
import { LineTerminal } from '../../src/cli/gameday/terminal.ts';
import { stopOnSignals } from '../../src/cli/interrupt.ts';
import { printError } from '../../src/cli/output.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import { testActivity } from './activity.ts';
import { FakeStack } from './fake-stack.ts';
import { testEnvironment } from './gameday-stage.ts';
import { scenario } from './scenario.ts';

// A game day with a fake stack, in a process of its own: `play`, `resume` or `abort`, and the folder. Prints the journal.

const [way, gameDaysFolder = ''] = process.argv.slice(2);
using stopper = stopOnSignals();
using terminal = new LineTerminal(process.stdin, process.stderr, stopper.signal);
const activity = testActivity(stopper.signal);
const stage: Stage = {
  ...{ gameDaysFolder, terminal, activity, environment: testEnvironment },
  raise: async (wanted, folder) => FakeStack.raise(wanted, folder),
  attach: async (folder) => FakeStack.attach(folder),
  clear: async () => {},
  reportsFolderOf: async (file) => join(file, '../reports'),
  handsOf: () => Promise.reject(new FiredrillError('INTERNAL', 'there is no robot here')),
  shown: (_services, work) => work(activity),
};

async function played(): Promise<Played> {
  if (way === 'resume') return resumeGameDay(stage);
  if (way === 'abort') return abortGameDay(stage);
  return playGameDay(stage, { scenario: scenario(), operator: 'anna', robot: false });
}

try {
  const { journal, left } = await played();
  process.stdout.write(`${JSON.stringify({ journal, left })}\n`);
  process.exit(left ? 130 : journal.exitStatus);
} catch (error) {
  printError(error);
  process.exit(error instanceof FiredrillError ? error.exit : 1);
}
