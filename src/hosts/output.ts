import { collect } from '../kit/streams.ts';
import type { Command, Host } from './host.ts';

/** Runs a tool whose output is small (at most 16 MiB) and returns its stdout as text. */
export async function outputOf(host: Host, command: Command, maxBytes = 16 * 1024 * 1024): Promise<string> {
  const running = host.run(command);
  const [text] = await Promise.all([collect(running.stdout, maxBytes, `the output of ${command.tool}`), running.done]);
  return text.toString('utf8');
}

/** Runs a tool for its effect; its stdout is thrown away. */
export async function runToEnd(host: Host, command: Command): Promise<void> {
  const running = host.run(command);
  running.stdout.resume();
  await running.done;
}
