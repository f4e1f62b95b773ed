import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { FiredrillError, messageOf } from '../kit/errors.ts';
import type { Command, Host } from './host.ts';
import { newToken } from './preamble.ts';
import { remoteCommandLine, remoteEnvironment, remoteKillLine } from './ssh-command.ts';
import { type SshConnection, SshConnector, type SshLogin } from './ssh-connection.ts';
import { type ExecChannel, sshProcess } from './ssh-process.ts';
import type { ToolProcess } from './tool-process.ts';
import { ToolRuns } from './tool-runs.ts';

export interface SshHostOptions extends Omit<SshLogin, 'label'> {
  /** `ssh:<host>` by default. */
  label?: string;
  /** How long a tool may take to end after SIGTERM, before SIGKILL. */
  graceMs?: number;
}

/** A machine behind ssh. One connection serves all commands; a lost one fails what runs, and the next command connects. */
export function sshHost(options: SshHostOptions): Host {
  return new SshHost(options);
}

class SshHost implements Host {
  readonly label: string;
  readonly #connector: SshConnector;
  readonly #runs: ToolRuns;

  constructor(options: SshHostOptions) {
    this.label = options.label ?? `ssh:${options.host}`;
    this.#connector = new SshConnector({ ...options, label: this.label });
    this.#runs = new ToolRuns(this.label, options.graceMs);
  }

  run(command: Command) {
    return this.#runs.begin(command, () => this.#start(command));
  }

  async connect(to: { port: number } | { socketPath: string }): Promise<Duplex> {
    const { client } = await this.#connector.connect();
    const what = 'port' in to ? `port ${to.port}` : `the socket ${to.socketPath}`;
    return new Promise((resolve, reject) => {
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        if (!error) return resolve(channel);
        const sentence = `cannot connect to ${what} of ${this.label}: ${error.message}`;
        reject(new FiredrillError('SOURCE_UNREACHABLE', sentence, { cause: error }));
      };
      if ('port' in to) client.forwardOut('127.0.0.1', 0, '127.0.0.1', to.port, opened);
      else client.openssh_forwardOutStreamLocal(to.socketPath, opened);
    });
  }

  async [Symbol.asyncDispose]() {
    await this.#runs.close();
    await this.#connector.close();
  }

  async #start(command: Command): Promise<ToolProcess> {
    const token = newToken();
    const environment = remoteEnvironment(command, token);
    const connection = await this.#connector.connect();
    return this.#exec(connection, remoteCommandLine(command, token), (channel) => {
      channel.write(environment);
      const killPid = (signal: 'TERM' | 'KILL', pid: number) => this.#kill(connection, signal, pid);
      return sshProcess(channel, { label: this.label, token, lost: connection.lost, killPid });
    });
  }

  /** `take` is called before anything can arrive on the channel. */
  #exec<T>({ client, lost }: SshConnection, line: string, take: (channel: ExecChannel) => T | Promise<T>): Promise<T> {
    const taken = new Promise<T>((resolve, reject) => {
      client.exec(line, (error, channel) => (error ? reject(error) : resolve(take(channel))));
    });
    const refused = taken.catch((cause: unknown) => {
      const sentence = `${this.label} refuses to run another command: ${messageOf(cause)}`;
      const hint = 'Raise MaxSessions in its sshd_config, or run fewer commands at once.';
      throw new FiredrillError('HOST_UNREACHABLE', sentence, { cause, hint });
    });
    return Promise.race([refused, lost]);
  }

  async #kill(connection: SshConnection, signal: 'TERM' | 'KILL', pid: number) {
    const over = (channel: ExecChannel) =>
      new Promise<void>((resolve) => {
        channel.once('close', resolve);
        channel.stderr.resume();
        channel.resume();
      });
    // A lost connection, or a full one: then only the remote machine can end the tool.
    await this.#exec(connection, remoteKillLine(signal, pid), over).then(
      (ended) => ended,
      () => {},
    );
  }
}
