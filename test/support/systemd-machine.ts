import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, realpath, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { scratchFolder } from './scratch.ts';
import { until } from './until.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

export interface CommandEnd {
  status: number;
  stdout: string;
  stderr: string;
}

/** A machine whose first process is systemd: a container with this machine's programs, and none of its state. */
export interface SystemdMachine extends AsyncDisposable {
  /** Runs a line of `sh` there, as root, to its end; `input` is its stdin. */
  sh(line: string, input?: string | Buffer): Promise<CommandEnd>;
  /** Its stdout; throws where it ends with another status than 0. */
  output(line: string): Promise<string>;
  write(path: string, content: string | Buffer, mode?: string): Promise<void>;
}

/** What programs need of /etc to run; no account, no service, nothing secret. */
const copied = ['alternatives', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'nsswitch.conf', 'login.defs'];
const folders = ['etc/systemd/system', 'etc/pam.d', 'var/lib/dpkg', 'var/lib/apt/lists', 'var/cache/apt', 'var/log'];
const empty = ['usr', 'tmp', 'root', 'run', 'opt', 'srv', 'home', 'proc', 'sys', 'dev'];

const accounts = `root:x:0:0:root:/root:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
messagebus:x:100:101::/nonexistent:/usr/sbin/nologin
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
`;

/** Who is root there may become anybody. */
const permitted = ['auth', 'account', 'password', 'session'].map((each) => `${each} required pam_permit.so\n`).join('');

/** Docker mounts cgroups read-only into a container that is not privileged; systemd needs its own part of them. */
const begin = `for each in $(awk '$3 ~ /^cgroup/ { print $2 }' /proc/mounts); do mount -o remount,bind,rw "$each"; done
mkdir -p /usr/local/bin /usr/local/sbin
ln -s /opt/programs/* /usr/local/bin/
ln -s /opt/npm/bin/npm-cli.js /usr/local/bin/npm
exec /lib/systemd/systemd`;

/**
 * Starts one, with this repository's deploy/ in /root/firedrill, Node, npm, Docker's socket, and `programs` by their names on the
 * PATH; `await using` removes it.
 */
export async function systemdMachine(test: string, programs: Record<string, string> = {}): Promise<SystemdMachine> {
  const name = `firedrill-test-${test}-${randomBytes(4).toString('hex')}`;
  const remove = async () => {
    await run('docker', ['rm', '--force', '--volumes', name]).catch(() => {});
    await run('docker', ['rmi', '--force', name]).catch(() => {});
  };
  try {
    await makeImage(name);
    await run('docker', ['run', '--detach', '--name', name, ...(await options(programs)), name, 'bash', '-c', begin]);
    const machine = { ...commandsOf(name), [Symbol.asyncDispose]: remove };
    await until('that systemd has begun', () => hasBegun(machine), 60_000);
    return machine;
  } catch (error) {
    await remove();
    throw error;
  }
}

/** `degraded`: something of this machine's programs cannot run in a container, which is not what is tried here. */
async function hasBegun(machine: SystemdMachine): Promise<true | undefined> {
  const { stdout } = await machine.sh('systemctl is-system-running');
  return ['running', 'degraded'].includes(stdout.trim()) ? true : undefined;
}

async function options(programs: Record<string, string>): Promise<string[]> {
  // …/npm/bin/npm-cli.js, to which the command is a link.
  const npm = await realpath((await run('sh', ['-c', 'command -v npm'])).stdout.trim());
  const mounts = [
    ['/usr', '/usr'],
    ['/var/lib/dpkg', '/var/lib/dpkg'],
    [join(root, 'deploy'), '/root/firedrill/deploy'],
    [await realpath(join(root, 'node_modules/node/bin/node')), '/opt/programs/node'],
    ...Object.entries(programs).map(([name, path]) => [path, `/opt/programs/${name}`]),
    [dirname(dirname(npm)), '/opt/npm'],
  ];
  return [
    // systemd gives its services views of their own of files and devices.
    ...['--cap-add', 'SYS_ADMIN', '--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined'],
    ...['--cgroupns', 'private', '--network', 'host', '--env', 'container=docker'],
    ...['--tmpfs', '/run', '--tmpfs', '/tmp:exec', '--tmpfs', '/usr/local:exec'],
    ...mounts.flatMap(([from, to]) => ['--volume', `${from}:${to}:ro`]),
    ...['--volume', '/var/run/docker.sock:/run/docker.sock'],
  ];
}

async function makeImage(name: string): Promise<void> {
  await using scratch = await scratchFolder();
  const at = (path: string) => join(scratch.path, path);
  for (const folder of [...folders, ...empty]) await mkdir(at(folder), { recursive: true });
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${link}`, at(link));
  await symlink('/run', at('var/run'));
  for (const each of copied) await cp(`/etc/${each}`, at(`etc/${each}`), { recursive: true, verbatimSymlinks: true });
  await cp('/usr/lib/os-release', at('etc/os-release'));
  const docker = (await stat('/var/run/docker.sock')).gid;
  const groups = `root:x:0:\nnogroup:x:65534:\nmessagebus:x:101:\ngrafana:x:102:\ndocker:x:${docker}:\n`;
  const files = {
    passwd: accounts,
    group: groups,
    shadow: 'root:*:19000:0:99999:7:::\n',
    'machine-id': '',
    'pam.d/other': permitted,
  };
  for (const [file, text] of Object.entries(files)) await writeFile(at(`etc/${file}`), text);
  await importFolder(scratch.path, name);
}

async function importFolder(folder: string, name: string): Promise<void> {
  const tar = ['--owner=0', '--group=0', '--numeric-owner', '-C', folder, '-c', '.'];
  const shell = 'image=$1; shift; tar "$@" | docker import - "$image"';
  await run('bash', ['-o', 'pipefail', '-c', shell, 'bash', name, ...tar]);
}

function commandsOf(name: string): Omit<SystemdMachine, keyof AsyncDisposable> {
  const sh = async (line: string, input: string | Buffer = ''): Promise<CommandEnd> => {
    const child = spawn('docker', ['exec', '-i', name, 'sh', '-c', line], { stdio: 'pipe' });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // A command that does not read to the end of its input is none the worse.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve({ status: status ?? 1, stdout, stderr }));
    });
  };
  const output = async (line: string) => {
    const ended = await sh(line);
    if (ended.status !== 0) throw new Error(`${line}: exit status ${ended.status}\n${ended.stdout}${ended.stderr}`);
    return ended.stdout;
  };
  const write = async (path: string, content: string | Buffer, mode = '644') => {
    const { status, stderr } = await sh(
      `mkdir -p '${dirname(path)}' && cat > '${path}' && chmod ${mode} '${path}'`,
      content,
    );
    if (status !== 0) throw new Error(`${path}: ${stderr}`);
  };
  return { sh, output, write };
}
