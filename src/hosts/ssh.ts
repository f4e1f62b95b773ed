import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2';
import { FiredrillError, messageOf, systemCode } from '../kit/errors.ts';
import type { Secret } from '../model/secret.ts';
import type { Command, Host } from './host.ts';
import { refuseHostKey } from './host-key.ts';
import { type KnownHost, knownHostsOf, parseKnownHosts } from './known-hosts.ts';
import { newToken } from './preamble.ts';
import { remoteCommandLine, remoteEnvironment, remoteKillLine } from './ssh-command.ts';
import { type ExecChannel, sshProcess } from './ssh-process.ts';
import type { ToolProcess } from './tool-process.ts';
import { ToolRuns } from './tool-runs.ts';

export interface SshHostOptions {
  host: string;
  port?: number;
  user: string;
  /** The private key itself, as in an OpenSSH or PEM file. */
  privateKey?: Secret;
  passphrase?: Secret;
  /** Path of an agent's socket (SSH_AUTH_SOCK). */
  agentSocket?: string;
  /** OpenSSH known_hosts file; read anew at each connect. */
  knownHostsFile: string;
  /** `ssh:<host>` by default. */
  label?: string;
  /** How long a tool may take to end after SIGTERM, before SIGKILL. */
  graceMs?: number;
}

const connectMs = 20_000;
const keepalive = { keepaliveInterval: 10_000, keepaliveCountMax: 3 };

/** A machine behind ssh. One connection serves all commands; a lost one fails what runs, and the next command connects. */
export function sshHost(options: SshHostOptions): Host {
  return new SshHost(options);
}

interface Connection {
  client: Client;
  /** Rejects when the connection ends, for whatever reason. */
  lost: Promise<never>;
}

class SshHost implements Host {
  readonly label: string;
  readonly #options: SshHostOptions;
  readonly #runs: ToolRuns;
  #connection: Promise<Connection> | undefined;

  constructor(options: SshHostOptions) {
    this.label = options.label ?? `ssh:${options.host}`;
    this.#options = options;
    this.#runs = new ToolRuns(this.label, options.graceMs);
  }

  run(command: Command) {
    return this.#runs.begin(command, () => this.#start(command));
  }

  async connect(to: { port: number } | { socketPath: string }): Promise<Duplex> {
    const { client } = await this.#connect();
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
    const connection = await this.#connection?.catch(() => undefined);
    if (!connection) return;
    connection.client.destroy();
    await connection.lost.catch(() => {});
  }

  async #start(command: Command): Promise<ToolProcess> {
    const token = newToken();
    const environment = remoteEnvironment(command, token);
    const connection = await this.#connect();
    return this.#exec(connection, remoteCommandLine(command, token), (channel) => {
      channel.write(environment);
      const killPid = (signal: 'TERM' | 'KILL', pid: number) => this.#kill(connection, signal, pid);
      return sshProcess(channel, { label: this.label, token, lost: connection.lost, killPid });
    });
  }

  /** `take` is called before anything can arrive on the channel. */
  #exec<T>({ client, lost }: Connection, line: string, take: (channel: ExecChannel) => T | Promise<T>): Promise<T> {
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

  async #kill(connection: Connection, signal: 'TERM' | 'KILL', pid: number) {
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

  #connect(): Promise<Connection> {
    if (!this.#connection) {
      const connection = this.#open();
      this.#connection = connection;
      const forget = () => {
        if (this.#connection === connection) this.#connection = undefined;
      };
      connection.then(({ lost }) => lost).catch(forget);
    }
    return this.#connection;
  }

  async #open(): Promise<Connection> {
    const { host, port = 22, knownHostsFile } = this.#options;
    const known = knownHostsOf(await this.#readKnownHosts(), host, port);
    const place = { label: this.label, host, port, knownHostsFile };
    const client = new Client();
    let refusal: FiredrillError | undefined;
    const hostVerifier = (key: Buffer) => {
      refusal = refuseHostKey(known, key, place);
      return refusal === undefined;
    };
    const ready = new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.on('error', (error: Error & { level?: string }) => reject(refusal ?? this.#failed(error)));
      client.once('close', () => reject(refusal ?? this.#failed(new Error('the connection was closed'))));
    });
    const lost = new Promise<never>((_, reject) => {
      client.once('close', () => reject(this.#failed(new Error('the connection was lost'))));
    });
    ready.catch(() => client.destroy());
    lost.catch(() => {});
    this.#begin(client, { host, port, hostVerifier, algorithms: { serverHostKey: algorithmsFor(known) } });
    await ready;
    return { client, lost };
  }

  async #readKnownHosts(): Promise<KnownHost[]> {
    const file = this.#options.knownHostsFile;
    try {
      return parseKnownHosts(await readFile(file, 'utf8'));
    } catch (cause) {
      // Without the file every host is unknown, and the refusal says how to add one.
      if (systemCode(cause) === 'ENOENT') return [];
      throw new FiredrillError('CONFIG_INVALID', `cannot read ${file}: ${messageOf(cause)}`, { cause });
    }
  }

  #begin(client: Client, config: ConnectConfig) {
    const { user, privateKey, passphrase, agentSocket } = this.#options;
    try {
      client.connect({
        ...config,
        ...keepalive,
        readyTimeout: connectMs,
        username: user,
        ...(privateKey ? { privateKey: privateKey.reveal() } : {}),
        ...(passphrase ? { passphrase: passphrase.reveal() } : {}),
        ...(agentSocket ? { agent: agentSocket } : {}),
      });
    } catch (cause) {
      if (cause instanceof FiredrillError) throw cause;
      const sentence = `the private key for ${this.label} cannot be used: ${messageOf(cause)}`;
      throw new FiredrillError('KEY_INVALID', sentence, { cause, hint: 'Name the right key file or passphrase.' });
    }
  }

  #failed(error: Error & { level?: string }): FiredrillError {
    if (error.level === 'client-authentication' || error.level === 'agent') {
      const sentence = `${this.label} does not let ${this.#options.user} in: ${error.message}`;
      return new FiredrillError('HOST_AUTH_FAILED', sentence, { cause: error });
    }
    return new FiredrillError('HOST_UNREACHABLE', `cannot reach ${this.label}: ${error.message}`, { cause: error });
  }
}

const signatures: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Key types that are recorded come first, as with OpenSSH: else a server would show another key than the known one. */
function algorithmsFor(known: readonly KnownHost[]): ServerHostKeyAlgorithm[] {
  const recorded = known.flatMap((entry) => signatures[entry.type] ?? []);
  return [...new Set([...recorded, ...Object.values(signatures).flat()])];
}
