import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { root } from '../image-choice.ts';

export interface MeasuredRun {
  exitStatus: number | null;
  stdout: string;
  seconds: number;
  /** Of all its threads, user and system, to within a tenth of a second: what other work on the machine disturbs less. */
  cpuSeconds: number;
  /** The largest resident set of the process (VmHWM, proc(5)), in bytes. */
  peakBytes: number;
}

/**
 * Runs the compiled program, as a shell does, and watches its memory. `signal` asks it to end, and it is waited for until it has
 * cleaned up; a Ctrl-C does not reach it by itself.
 */
export async function measuredRun(args: readonly string[], signal: AbortSignal): Promise<MeasuredRun> {
  signal.throwIfAborted();
  const startedMs = performance.now();
  const child = spawn(join(root, 'dist/main.js'), args, {
    cwd: root,
    // By the Node that runs this.
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const end = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', end, { once: true });
  let peakBytes = 0;
  let cpuSeconds = 0;
  const look = async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const kib = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
    peakBytes = Math.max(peakBytes, kib * 1024);
    cpuSeconds = Math.max(cpuSeconds, cpuSecondsIn(await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => '')));
  };
  const timer = setInterval(look, 100);
  const [stdout, [exitStatus]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  clearInterval(timer);
  signal.removeEventListener('abort', end);
  return { exitStatus, stdout, seconds: (performance.now() - startedMs) / 1000, cpuSeconds, peakBytes };
}

/** utime and stime of proc(5), in hundredths of a second; the name before them may hold anything. */
function cpuSecondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}
