import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { styleText } from 'node:util';
import { shownPath } from '../../src/cli/shown-path.ts';
import { exitStatus, FiredrillError } from '../../src/kit/errors.ts';
import { root } from '../image-choice.ts';
import { configFile } from './demo-folder.ts';

export interface CommandEnd {
  exitStatus: number;
  /** The line for scripts, held back so that it can be the demo's last one. */
  verdictLine: string | undefined;
}

/**
 * Runs firedrill's command line as a user would, and shows what was typed. An order to stop is passed on as SIGTERM, and
 * the command's own clean-up is waited for.
 */
export async function firedrill(args: readonly string[], signal: AbortSignal): Promise<CommandEnd> {
  const typed = ['src/main.ts', '--config', shownPath(configFile), ...args];
  const shown = ['node', ...typed].join(' ');
  process.stdout.write(`\n${styleText('bold', `$ ${shown}`, { stream: process.stdout })}\n`);
  // A group of its own: Ctrl-C in a terminal would reach it twice, from there and from here.
  const child = spawn(process.execPath, typed, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const closed = once(child, 'close');
    const verdictLine = await passOn(child.stdout);
    const [code, killedBy] = await closed;
    if (code !== null) return { exitStatus: code, verdictLine };
    // It was told to stop before it had begun to listen for that: there is nothing that it could have left.
    if (signal.aborted) return { exitStatus: exitStatus.interrupted, verdictLine };
    throw new FiredrillError('INTERNAL', `the command was ended by ${killedBy}: ${shown}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function passOn(output: NodeJS.ReadableStream): Promise<string | undefined> {
  let verdictLine: string | undefined;
  for await (const line of createInterface({ input: output })) {
    if (line.startsWith('verdict: ')) verdictLine = line;
    else process.stdout.write(`${line}\n`);
  }
  return verdictLine;
}
