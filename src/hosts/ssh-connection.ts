import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Client, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2';
import { FiredrillError, messageOf, systemCode } from '../kit/errors.ts';
import { lazily } from '../kit/lazily.ts';
import type { Secret } from '../model/secret.ts';
import { refuseHostKey } from './host-key.ts';
import { type KnownHost, knownHostsOf, parseKnownHosts } from './known-hosts.ts';

const require = createRequire(import.meta.url);
const ssh2 = lazily(() => require('ssh2') as { Client: typeof Client });

/** Whom to log in as, where, and how. */
export interface SshLogin {
  /** For errors: `ssh:db2.example.com`. */
  label: string;
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
  /** Lines of such a file, in its place; `knownHostsFile` then says to people where they stand. */
  knownHostsLines?: readonly string[];
}

export interface SshConnection {
  client: Client;
  /** The key that the server has shown, in the wire form. */
  hostKey: Buffer;
  /** Rejects with HOST_UNREACHABLE when the connection ends, for whatever reason. */
  lost: Promise<never>;
}

const connectMs = 20_000;
const keepalive = { keepaliveInterval: 10_000, keepaliveCountMax: 3 };

/** Keeps one connection for all who ask; after it was lost, whoever asks next gets a new one. */
export class SshConnector {
  readonly #login: SshLogin;
  #connection: Promise<SshConnection> | undefined;

  constructor(login: SshLogin) {
    this.#login = login;
  }

  /** HOST_UNREACHABLE, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_AUTH_FAILED or KEY_INVALID when there is no way in. */
  connect(): Promise<SshConnection> {
    if (!this.#connection) {
      const connection = openSshConnection(this.#login);
      this.#connection = connection;
      const forget = () => {
        if (this.#connection === connection) this.#connection = undefined;
      };
      connection.then(({ lost }) => lost).catch(forget);
    }
    return this.#connection;
  }

  /** Safe twice. */
  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    if (!connection) return;
    connection.client.destroy();
    await connection.lost.catch(() => {});
  }
}

async function openSshConnection(login: SshLogin): Promise<SshConnection> {
  const { label, host, port = 22, knownHostsFile } = login;
  const known = knownHostsOf(await readKnownHosts(login), host, port);
  const place = { label, host, port, knownHostsFile };
  const client = new (ssh2().Client)();
  let hostKey: Buffer = Buffer.alloc(0);
  let refusal: FiredrillError | undefined;
  const hostVerifier = (key: Buffer) => {
    hostKey = key;
    refusal = refuseHostKey(known, key, place);
    return refusal === undefined;
  };
  const ready = new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.on('error', (error: Error & { level?: string }) => reject(refusal ?? failed(login, error)));
    client.once('close', () => reject(refusal ?? failed(login, new Error('the connection was closed'))));
  });
  const lost = new Promise<never>((_, reject) => {
    client.once('close', () => reject(failed(login, new Error('the connection was lost'))));
  });
  ready.catch(() => client.destroy());
  lost.catch(() => {});
  begin(client, login, { host, port, hostVerifier, algorithms: { serverHostKey: algorithmsFor(known) } });
  await ready;
  // Requests of SFTP are small, and each waits for its answer: Nagle would hold them back.
  client.setNoDelay(true);
  return { client, hostKey, lost };
}

async function readKnownHosts({ knownHostsFile: file, knownHostsLines }: SshLogin): Promise<KnownHost[]> {
  if (knownHostsLines) return parseKnownHosts(knownHostsLines.join('\n'));
  try {
    return parseKnownHosts(await readFile(file, 'utf8'));
  } catch (cause) {
    // Without the file every host is unknown, and the refusal says how to add one.
    if (systemCode(cause) === 'ENOENT') return [];
    throw new FiredrillError('CONFIG_INVALID', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}

function begin(client: Client, { label, user, privateKey, passphrase, agentSocket }: SshLogin, config: ConnectConfig) {
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
    const sentence = `the private key for ${label} cannot be used: ${messageOf(cause)}`;
    throw new FiredrillError('KEY_INVALID', sentence, { cause, hint: 'Name the right key file or passphrase.' });
  }
}

function failed({ label, user }: SshLogin, error: Error & { level?: string }): FiredrillError {
  if (error.level === 'client-authentication' || error.level === 'agent') {
    const sentence = `${label} does not let ${user} in: ${error.message}`;
    return new FiredrillError('HOST_AUTH_FAILED', sentence, { cause: error });
  }
  return new FiredrillError('HOST_UNREACHABLE', `cannot reach ${label}: ${error.message}`, { cause: error });
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
