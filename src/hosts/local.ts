import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { connect as connectSocket } from 'node:net';
import { hostname } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { FiredrillError, messageOf, systemCode } from '../kit/errors.ts';
import { connected } from './connected.ts';
import type { Command, Host } from './host.ts';
import type { Ending, ToolProcess } from './tool-process.ts';
import { ToolRuns } from './tool-runs.ts';

export interface LocalHostOptions {
  /** Beside or instead of `cleanEnvironment`. */
  env?: Readonly<Record<string, string>>;
  /** How long a tool may take to end after SIGTERM, before SIGKILL. */
  graceMs?: number;
}

/** Tools get this and not our own environment: that may hold secrets of other services. */
const cleanEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** This machine: tools are started without a shell, each in a process group of its own. */
export function localHost(options: LocalHostOptions = {}): Host {
  const runs = new ToolRuns('local', options.graceMs);
  return {
    label: 'local',
    run: (command) => runs.begin(command, () => start(command, { ...cleanEnvironment, ...options.env })),
    connect: (to) => {
      const socket = 'port' in to ? connectSocket({ host: '127.0.0.1', port: to.port }) : connectSocket(to.socketPath);
      return connected(socket, 'port' in to ? `port ${to.port} of ${hostname()}` : `the socket ${to.socketPath}`);
    },
    [Symbol.asyncDispose]: () => runs.close(),
  };
}

// No `await` before the streams are handed over: Node throws away what an ended child wrote and nobody reads.
async function start(command: Command, env: Record<string, string>): Promise<ToolProcess> {
  const child = spawnChild(command, { ...env, ...command.env, ...command.secretEnv });
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    stdin: child.stdin,
    ended: ending(child, command.tool),
    kill: async (signal) => killGroup(child, signal),
    release: () => {
      for (const stream of child.stdio) stream?.destroy();
    },
  };
}

function spawnChild({ tool, args }: Command, env: Record<string, string>): Child {
  let child: ChildProcess;
  try {
    child = spawn(tool, args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  } catch (cause) {
    throw notStarted(tool, cause);
  }
  if (!child.stdin || !child.stdout || !child.stderr) throw notStarted(tool, 'no file descriptors are left');
  return child as Child;
}

function ending(child: Child, tool: string): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve(code === null ? { signal: String(signal) } : { code }));
    child.once('error', (error) =>
      systemCode(error) === 'ENOENT' ? resolve({ missing: true }) : reject(notStarted(tool, error)),
    );
  });
}

function notStarted(tool: string, cause: unknown) {
  return new FiredrillError('TOOL_FAILED', `${tool} could not be started: ${messageOf(cause)}`, { cause });
}

function killGroup({ pid }: Child, signal: 'TERM' | 'KILL') {
  try {
    if (pid !== undefined) process.kill(-pid, `SIG${signal}`);
  } catch {
    // Nobody of the group is left.
  }
}
