import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { choiceFile, root } from '../../scripts/image-choice.ts';
import { until } from './until.ts';

export interface DemoEnd {
  exitStatus: number | null;
  stdout: string;
  stderr: string;
  /** Of stdout, without the newline. */
  lastLine: string;
}

/** A demo of the smallest kind in a process of its own, with a state folder of its own. */
export interface DemoProcess {
  readonly pid: number;
  readonly ended: Promise<DemoEnd>;
  /** Waits until the demo has said this. */
  said(text: string | RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** Makes the state folder that the set-up would have made. `choice` replaces the images that it chose. */
export async function demoState(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await copyFile(choiceFile, join(folder, 'images.json'));
  return folder;
}

export function startDemo(state: string, args: readonly string[] = ['--scale', '0.01']): DemoProcess {
  const child = spawn(process.execPath, ['scripts/demo.ts', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FIREDRILL_STATE: state, NO_COLOR: '1' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([exitStatus]) => {
    return { exitStatus, stdout, stderr, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' };
  });
  const said = (text: string | RegExp) =>
    until(`that the demo says ${text}`, async () => (stdout.search(text) >= 0 ? true : gone()), 120_000);
  const gone = () => {
    if (child.exitCode === null) return undefined;
    throw new Error(`the demo ended with ${child.exitCode}:\n${stdout}\n${stderr}`);
  };
  return {
    pid: child.pid ?? 0,
    ended,
    said: async (text) => void (await said(text)),
    signal: (name) => void child.kill(name),
  };
}
