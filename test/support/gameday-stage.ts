import { join } from 'node:path';
import type { Stage } from '../../src/cli/gameday/play.ts';
import type { RobotHands } from '../../src/cli/gameday/robot.ts';
import type { Line, Terminal } from '../../src/cli/gameday/terminal.ts';
import { testActivity } from './activity.ts';
import { FakeStack } from './fake-stack.ts';
import { scratchFolder } from './scratch.ts';

export const testEnvironment = {
  ...{ firedrill: '0.1.0', node: 'v24.0.0', docker: null, host: 'here', cpus: 2, memoryBytes: 1024 },
};

/** Somebody who types what was written down beforehand, and then goes away. Functions are done in between. */
export class ScriptedTerminal implements Terminal {
  readonly printed: string[] = [];
  readonly prompts: string[] = [];
  readonly #script: (string | Exclude<Line, object> | (() => void))[];

  constructor(script: (string | (() => void))[]) {
    this.#script = [...script];
  }

  print(text: string): void {
    this.printed.push(text);
  }

  async ask(prompt: () => string): Promise<Line> {
    this.prompts.push(prompt());
    for (;;) {
      const next = this.#script.shift();
      if (next === undefined) return 'end';
      if (typeof next === 'function') next();
      else if (next === 'interrupt' || next === 'stop') return next;
      else return { text: next };
    }
  }

  get text(): string {
    return this.printed.join('\n');
  }
}

/** The stage of game days with fake stacks, in a folder of its own. */
export async function fakeStage(script: (string | (() => void))[] = [], hands: Partial<RobotHands> = {}) {
  const scratch = await scratchFolder();
  const gameDaysFolder = join(scratch.path, 'gamedays');
  const terminal = new ScriptedTerminal(script);
  const activity = testActivity();
  const stacks: FakeStack[] = [];
  const cleared: string[] = [];
  const stage: Stage = {
    ...{ gameDaysFolder, terminal, activity, environment: testEnvironment },
    raise: async (scenario, folder) => {
      const stack = FakeStack.raise(scenario, folder);
      stacks.push(stack);
      return stack;
    },
    attach: async (folder) => FakeStack.attach(folder),
    clear: async (folder) => void cleared.push(folder),
    reportsFolderOf: async (file) => join(file, '../reports'),
    handsOf: async (file) => ({
      reportsFolder: join(file, '../reports'),
      beforeStatement: async () => 'before:1',
      lastGood: async () => 'full-20261122T013000Z',
      restore: async ({ service }) => stacks.at(-1)?.say(service, 'well'),
      ...hands,
    }),
    shown: (_services, work) => work(activity),
  };
  return {
    stage,
    terminal,
    stacks,
    cleared,
    folder: gameDaysFolder,
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}
