import { connect as connectSocket } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { FiredrillError, isFiredrillError } from '../kit/errors.ts';
import { connected } from './connected.ts';
import { Demultiplexer } from './demultiplexer.ts';
import { type Docker, dockerCall, dockerClient, statusCodeOf } from './docker-client.ts';
import { relayCommand, throughRelay } from './docker-relay.ts';
import type { Command, Host } from './host.ts';
import { GreetingFilter, killScript, newToken, preamble } from './preamble.ts';
import type { Ending, ToolProcess } from './tool-process.ts';
import { ToolRuns } from './tool-runs.ts';

export interface DockerHostOptions {
  /** Name or id of a running container. */
  container: string;
  /** `user`, `uid` or `uid:gid`; the container's own user by default. */
  user?: string;
  client?: Docker;
  /** `docker:<container>` by default. */
  label?: string;
  /** How long a tool may take to end after SIGTERM, before SIGKILL. */
  graceMs?: number;
}

type Exec = Awaited<ReturnType<ReturnType<Docker['getContainer']>['exec']>>;

/** Runs tools in a container through `docker exec`. The image needs `sh`; without a network also perl or bash, to reach a port. */
export function dockerHost(options: DockerHostOptions): Host {
  return new DockerHost(options);
}

class DockerHost implements Host {
  readonly label: string;
  readonly #options: DockerHostOptions;
  readonly #container: ReturnType<Docker['getContainer']>;
  readonly #runs: ToolRuns;

  constructor(options: DockerHostOptions) {
    this.label = options.label ?? `docker:${options.container}`;
    this.#options = options;
    this.#container = (options.client ?? dockerClient()).getContainer(options.container);
    this.#runs = new ToolRuns(this.label, options.graceMs);
  }

  run(command: Command) {
    return this.#runs.begin(command, () => this.#start(command));
  }

  async connect(to: { port: number } | { socketPath: string }): Promise<Duplex> {
    if ('socketPath' in to) {
      throw new FiredrillError(
        'SOURCE_UNREACHABLE',
        `a unix socket inside ${this.label} cannot be reached from outside`,
        {
          hint: 'Name a TCP port of the container instead.',
        },
      );
    }
    const what = `port ${to.port} of ${this.label}`;
    const host = await this.#address();
    if (host !== undefined) return connected(connectSocket({ host, port: to.port }), what);
    return throughRelay(await this.#start(relayCommand(to.port), true), what);
  }

  [Symbol.asyncDispose]() {
    return this.#runs.close();
  }

  async #start(command: Command, withStdin = Boolean(command.stdin)): Promise<ToolProcess> {
    const token = newToken();
    const env = { ...command.env, ...command.secretEnv, firedrill: token };
    const exec = await this.#exec(['-c', preamble(command), 'sh', command.tool, ...command.args], env, withStdin);
    const socket = await this.#call(`start ${command.tool}`, () => exec.start({ hijack: true, stdin: true }));
    const output = new Demultiplexer();
    const stderr = new GreetingFilter(token);
    pipeline(output.stderr, stderr, () => {});
    const closed = new Promise<void>((resolve) => pipeline(socket, output, () => resolve()));
    return {
      stdout: output.stdout,
      stderr,
      stdin: withStdin ? socket : null,
      ended: closed.then(() => this.#ending(exec, stderr)),
      kill: (signal) => this.#kill(signal, stderr),
      release: () => socket.destroy(),
    };
  }

  #exec(shellArgs: string[], env: Record<string, string>, stdin: boolean): Promise<Exec> {
    return this.#call('begin an exec', () =>
      this.#container.exec({
        Cmd: ['sh', ...shellArgs],
        Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
        AttachStdin: stdin,
        AttachStdout: true,
        AttachStderr: true,
        ...(this.#options.user === undefined ? {} : { User: this.#options.user }),
      }),
    );
  }

  /** The exit code is in a second answer of Docker, a moment after the output's end. */
  async #ending(exec: Exec, stderr: GreetingFilter): Promise<Ending> {
    const code = await this.#exitCode(exec);
    // Docker's 137 may mean that the whole container went down, which shows a moment later.
    if (code === 137) await this.#assertStaysUp();
    const greeting = await stderr.greeting;
    if (greeting === 'missing') return { missing: true };
    if (greeting === undefined) {
      await this.#assertStaysUp();
      throw new FiredrillError('TOOL_MISSING', `there is no usable sh in ${this.label} (exit code ${code})`);
    }
    return { code };
  }

  async #exitCode(exec: Exec): Promise<number> {
    for (const end = performance.now() + 10_000; performance.now() < end; await sleep(20)) {
      const { ExitCode, Running } = await this.#call('read an exit code', () => exec.inspect());
      if (!Running && typeof ExitCode === 'number') return ExitCode;
    }
    throw new FiredrillError('HOST_UNREACHABLE', `${this.label} broke off the output of a tool that still runs`);
  }

  async #assertStaysUp() {
    for (const end = performance.now() + 1_000; performance.now() < end; await sleep(50)) {
      const { State } = await this.#call('inspect the container', () => this.#container.inspect());
      if (!State.Running) throw new FiredrillError('HOST_UNREACHABLE', `${this.label} stopped while a tool ran in it`);
    }
  }

  async #kill(signal: 'TERM' | 'KILL', stderr: GreetingFilter) {
    const pid = await Promise.race([stderr.greeting, sleep(2_000, undefined, { ref: false })]);
    if (typeof pid !== 'number') return;
    try {
      const exec = await this.#exec(['-c', killScript, 'sh', signal, String(pid)], {}, false);
      const socket = await exec.start({ hijack: true, stdin: false });
      await new Promise<void>((resolve) => pipeline(socket, new Demultiplexer(), () => resolve()));
    } catch {
      // Gone, with all that ran in it.
    }
  }

  /** undefined: the container has none, and is reached from within only. */
  async #address(): Promise<string | undefined> {
    const { NetworkSettings, HostConfig, State } = await this.#call('inspect the container', () =>
      this.#container.inspect(),
    );
    if (!State.Running) throw new FiredrillError('HOST_UNREACHABLE', `${this.label} is not running`);
    if (HostConfig.NetworkMode === 'host') return '127.0.0.1';
    return Object.values(NetworkSettings.Networks).find((network) => network.IPAddress)?.IPAddress;
  }

  /** As `dockerCall`; what is the container's fault, and not the engine's, is HOST_UNREACHABLE. */
  async #call<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await dockerCall(`${what} in ${this.label}`, call);
    } catch (error) {
      if (!isFiredrillError(error, 'SANDBOX_FAILED')) throw error;
      const status = statusCodeOf(error);
      const why = status === 404 ? 'does not exist' : status === 409 ? 'is not running' : `failed: ${error.message}`;
      throw new FiredrillError('HOST_UNREACHABLE', `${this.label} ${why}`, { cause: error });
    }
  }
}
