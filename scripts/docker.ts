import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Outcome {
  ok: boolean;
  /** stdout, trimmed. */
  text: string;
  /** The last of stderr. */
  errors: string;
}

/** Runs a command to its end, or to its deadline. Never throws: what went wrong is in `errors`. */
export async function run(command: string, args: readonly string[], deadlineMs: number): Promise<Outcome> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: deadlineMs, killSignal: 'SIGKILL' });
  let text = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk).slice(-4000);
  });
  try {
    const [code, signal] = await once(child, 'close');
    if (signal) errors += `\nended after ${deadlineMs / 1000} s`;
    return { ok: code === 0, text: text.trim(), errors: errors.trim() };
  } catch (error) {
    return { ok: false, text: '', errors: String(error) };
  }
}

export const docker = (args: readonly string[], deadlineMs = 60_000) => run('docker', args, deadlineMs);
