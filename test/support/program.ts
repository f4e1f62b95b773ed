import { createProgram } from '../../src/cli/program.ts';
import { Session } from '../../src/cli/session.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { fileEngine } from './file-engine.ts';

/** Runs the command line in this process; throws what the command throws. */
export async function runInside(args: readonly string[], variables: NodeJS.ProcessEnv = {}) {
  const printed: string[] = [];
  const session = new Session({
    engines: [fileEngine],
    environment: readEnvironment(variables),
    signal: new AbortController().signal,
    screen: { print: (text) => void printed.push(text) },
  });
  const program = await createProgram(session, args);
  await program.parseAsync(args, { from: 'user' });
  return { stdout: printed.join('\n'), session };
}
