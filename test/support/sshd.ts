import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type SshHostOptions, sshHost } from '../../src/hosts/ssh.ts';
import type { SshLogin } from '../../src/hosts/ssh-connection.ts';
import { Secret } from '../../src/model/secret.ts';
import { scratchFolder } from './scratch.ts';

const run = promisify(execFile);
const sshdPath = '/usr/sbin/sshd';

/** A real OpenSSH server on loopback with keys and a configuration of its own; it lets in whoever runs the tests. */
export interface Sshd extends AsyncDisposable {
  port: number;
  user: string;
  privateKey: Secret;
  /** A file with this server's key, as ssh-keyscan would have written it. */
  knownHostsFile: string;
  /** Also for keys and files of the test itself. */
  folder: string;
  /** The server's ed25519 public key, `ssh-ed25519 AAAA…`. */
  hostKey: string;
  host(changes?: Partial<SshHostOptions>): ReturnType<typeof sshHost>;
  /** Kills the processes of all connections. */
  killConnections(): void;
}

/**
 * Needs Debian's openssh-server. Node listens on a free port and starts one `sshd -i` per connection, so that no port
 * has to be guessed and each connection's process is known.
 */
export async function startSshd(extraConfig = ''): Promise<Sshd> {
  const scratch = await scratchFolder();
  const folder = scratch.path;
  const hostKey = await makeKey(join(folder, 'host_ed25519'), 'ed25519');
  await makeKey(join(folder, 'host_rsa'), 'rsa');
  await writeFile(join(folder, 'authorized_keys'), await makeKey(join(folder, 'user'), 'ed25519'));
  await writeFile(join(folder, 'sshd_config'), configOf(folder, extraConfig));
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });

  const children = new Set<ChildProcess>();
  const server = createServer({ pauseOnConnect: true }, (socket) => serve(socket, folder, children));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const knownHostsFile = join(folder, 'known_hosts');
  await writeFile(knownHostsFile, `[127.0.0.1]:${port} ${hostKey}\n`);
  const privateKey = await secretKey(join(folder, 'user'));
  const user = userInfo().username;
  const killConnections = () => {
    for (const child of children) killGroup(child);
  };
  return {
    ...{ port, user, privateKey, knownHostsFile, folder, hostKey, killConnections },
    host: (changes = {}) =>
      sshHost({ host: '127.0.0.1', port, user, privateKey, knownHostsFile, graceMs: 500, ...changes }),
    [Symbol.asyncDispose]: async () => {
      killConnections();
      await new Promise((resolve) => server.close(resolve));
      await scratch[Symbol.asyncDispose]();
    },
  };
}

/** An OpenSSH server that serves nothing but files: SFTP, without a shell, and kept in a folder where the tests run as root. */
export interface SftpServer extends AsyncDisposable {
  sshd: Sshd;
  login: SshLogin;
  /** The account's folder as SFTP shows it, and as this machine does. */
  folder: string;
  localFolder: string;
  /** Makes a file or folder the account's own. */
  own(path: string): Promise<void>;
}

/** `name` is the folder's. Root alone can keep an account in a folder (chroot): then it is one that has no shell, `nobody`. */
export async function startSftp(name = 'vault'): Promise<SftpServer> {
  const isRoot = userInfo().uid === 0;
  // Every folder above a chroot must be root's own, so that it cannot be a temporary one.
  const jail = isRoot ? await mkdtemp('/srv/firedrill-test-') : await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  const localFolder = join(jail, name);
  const own = async (path: string) => {
    if (isRoot) await run('chown', ['nobody', path]);
  };
  await mkdir(localFolder);
  await own(localFolder);
  if (isRoot) await chmod(jail, 0o755);
  const sshd = await startSshd(`ForceCommand internal-sftp\n${isRoot ? `ChrootDirectory ${jail}` : ''}`);
  // The account itself reads its authorized_keys.
  await chmod(sshd.folder, 0o755);
  const { port, privateKey, knownHostsFile } = sshd;
  const user = isRoot ? 'nobody' : sshd.user;
  return {
    ...{ sshd, localFolder, own, folder: isRoot ? name : localFolder },
    login: { label: 'sftp:127.0.0.1', host: '127.0.0.1', port, user, privateKey, knownHostsFile },
    [Symbol.asyncDispose]: async () => {
      await sshd[Symbol.asyncDispose]();
      await rm(jail, { recursive: true, force: true });
    },
  };
}

/** Makes a key pair without passphrase and returns the public half, `ssh-ed25519 AAAA…`. */
export async function makeKey(path: string, type: 'ed25519' | 'rsa', passphrase = ''): Promise<string> {
  await run('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path]);
  return (await readFile(`${path}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
}

export async function secretKey(path: string): Promise<Secret> {
  return new Secret({ file: path }, await readFile(path, 'utf8'));
}

function serve(socket: Socket, folder: string, children: Set<ChildProcess>) {
  const config = ['-i', '-e', '-f', join(folder, 'sshd_config')];
  const child = spawn(sshdPath, config, { stdio: [socket, socket, 'ignore'], detached: true });
  children.add(child);
  child.once('exit', () => children.delete(child));
  // The child has its own copy: while ours is open, the client would not see that the server is gone.
  child.once('spawn', () => socket.destroy());
  child.once('error', () => socket.destroy());
}

function killGroup({ pid }: ChildProcess) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function configOf(folder: string, extra: string): string {
  // The first of two values counts.
  return `${extra}
HostKey ${folder}/host_ed25519
HostKey ${folder}/host_rsa
AuthorizedKeysFile ${folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
MaxSessions 30
MaxStartups 100
LogLevel QUIET
`;
}
