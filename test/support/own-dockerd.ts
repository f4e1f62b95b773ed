import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { scratchFolder } from './scratch.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const { uid, gid } = userInfo();
const asRoot = uid === 0 ? [] : ['sudo', '-n'];

/** A Docker Engine of a test's own, which may be stopped: in a folder and a network namespace of its own, without any network. */
export interface OwnDockerd extends AsyncDisposable {
  /** Of DOCKER_HOST. */
  dockerHost: string;
  start(): Promise<void>;
  /** Asks it to end, as a machine that goes down does, and waits. */
  stop(): Promise<void>;
  /** Containers and volumes of drills, by name. */
  leftovers(): Promise<string[]>;
}

/** Starts one that has an image of this machine's engine. `await using` removes all of it. */
export async function ownDockerd(image: string): Promise<OwnDockerd> {
  const scratch = await scratchFolder();
  const at = (name: string) => join(scratch.path, name);
  const dockerHost = `unix://${at('docker.sock')}`;
  const docker = dockerClient({ dockerHost });
  let child: ChildProcess | undefined;
  const start = async () => {
    const folders = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')];
    const network = ['--bridge', 'none', '--iptables=false', '--ip6tables=false'];
    const args = ['--shutdown-timeout', '1', '--host', dockerHost, '--group', String(gid), ...folders, ...network];
    // In a network namespace of its own: an engine without a bridge removes `docker0` of the namespace it runs in.
    const [tool = '', ...rest] = [...asRoot, 'unshare', '--net', 'dockerd', ...args];
    child = spawn(tool, rest, { stdio: 'ignore' });
    await until(
      'a Docker Engine of our own',
      () =>
        docker.ping().then(
          () => true as const,
          () => undefined,
        ),
      60_000,
    );
  };
  const stop = async () => {
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    if (uid === 0) child.kill('SIGTERM');
    else await run('sudo', ['-n', 'kill', '-TERM', String(child.pid)]);
    await ended;
  };
  const dispose = async () => {
    await stop();
    const [tool = '', ...rest] = [...asRoot, 'rm', '-rf', scratch.path];
    await run(tool, rest);
  };
  try {
    await start();
    await run('bash', ['-c', 'set -o pipefail; docker save "$1" | docker -H "$2" load', 'bash', image, dockerHost]);
  } catch (error) {
    await dispose();
    throw error;
  }
  const leftovers = async () => {
    const filters = { label: ['firedrill.drill'] };
    const containers = await docker.listContainers({ all: true, filters });
    const { Volumes } = await docker.listVolumes({ filters });
    return [...containers.flatMap((each) => each.Names), ...(Volumes ?? []).map((each) => each.Name)];
  };
  return { dockerHost, start, stop, leftovers, [Symbol.asyncDispose]: dispose };
}
