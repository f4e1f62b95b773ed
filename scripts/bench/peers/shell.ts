import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ShellOptions {
  /** Ends the command, and all that it has started. */
  signal: AbortSignal;
  stdin?: string;
  env?: NodeJS.ProcessEnv;
}

/**
 * Runs a pipeline of bash, of which no part may fail; returns its stdout. Values come as `args`, "$1" and so on, and never
 * into the text of the script. It has a process group of its own: a Ctrl-C reaches us alone, and we end it in order.
 */
export async function shell(script: string, args: readonly string[], options: ShellOptions): Promise<string> {
  const { signal, stdin = '', env = {} } = options;
  signal.throwIfAborted();
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script, 'bench', ...args], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: 'pipe',
  });
  const [output, errors] = [[] as Buffer[], { last: '' }];
  child.stdout.on('data', (chunk: Buffer) => void output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    errors.last = (errors.last + chunk).slice(-2000);
  });
  // A command that ends early reads no more: its exit status tells.
  child.stdin.on('error', () => {}).end(stdin);
  const end = () => endGroup(child.pid);
  signal.addEventListener('abort', end, { once: true });
  try {
    const [code, ending] = await once(child, 'close');
    signal.throwIfAborted();
    if (code !== 0)
      throw new Error(`${lastLine(errors.last)} (${ending ?? `exit status ${code}`} of ${script.trim()})`);
    return Buffer.concat(output).toString('utf8');
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function endGroup(id: number | undefined) {
  try {
    if (id !== undefined) process.kill(-id, 'SIGTERM');
  } catch {
    // All of it has ended by itself meanwhile.
  }
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) || 'it said nothing';
