import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { directoryVault } from '../../src/vault/directory.ts';
import { makeAgeKey } from './age-key.ts';
import { fileCompany, firedrill } from './firedrill.ts';
import { images } from './images.ts';
import { scratchFolder } from './scratch.ts';
import { startSftp } from './sshd.ts';

/** A company of the file engine whose backups are copied, encrypted, to a real SFTP server. */
export function offsiteCompany(...services: string[]) {
  return copiedCompany({ encrypted: true }, ...services);
}

/** As above, encrypted or not. */
export async function copiedCompany({ encrypted }: { encrypted: boolean }, ...services: string[]) {
  await using stack = new AsyncDisposableStack();
  const company = stack.use(await fileCompany(...services));
  const server = stack.use(await startSftp());
  const agent = stack.use(await startAgent(server.sshd.folder));
  const escrow = await makeAgeKey();
  const { login, folder, localFolder } = server;
  const host = { kind: 'sftp', host: login.host, port: login.port, user: login.user, folder };
  const known = { knownHosts: [`[127.0.0.1]:${login.port} ${server.sshd.hostKey}`], agentSocket: agent.socket };
  const recipients = encrypted ? [escrow.recipient] : [];
  const offsite = { ...host, ...known, bandwidth: '4MiB', recipients, sameMachineAllowed: true };
  await directoryVault('offsite', localFolder).mark();
  const configFile = join(company.folder, 'firedrill.yaml');
  const config = await readFile(configFile, 'utf8');
  // JSON is YAML.
  const both = config.replace(/(vaults:\n.*\n)/, `$1  offsite: ${JSON.stringify(offsite)}\n`);
  await writeFile(configFile, both);
  const kept = stack.move();
  return {
    ...company,
    ...{ escrow, server, localFolder },
    /** A machine that has nothing else than one file of configuration and a key. */
    afterTheFire: async (key: string) => {
      const scratch = await scratchFolder();
      const publicPem = await readFile(join(company.folder, 'keys/signing.pub'), 'utf8');
      await writeFile(join(scratch.path, 'firedrill.yaml'), burnedConfig(publicPem, offsite, services));
      await writeFile(join(scratch.path, 'escrow.key'), key, { mode: 0o600 });
      const home = join(scratch.path, 'home');
      await mkdir(home);
      return {
        folder: scratch.path,
        drill: (...more: string[]) =>
          firedrill(['drill', '--from', 'offsite', '--identity', 'escrow.key', ...more], {
            cwd: scratch.path,
            env: { HOME: home },
          }),
        [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function burnedConfig(publicPem: string, offsite: object, services: readonly string[]): string {
  const about = { engine: 'file', reach: 'local', rpo: '1h', retention: '7d', settings: { content: '' } };
  return JSON.stringify({
    version: 1,
    keys: { public: [publicPem] },
    vaults: { offsite },
    services: Object.fromEntries(services.map((name) => [name, about])),
    drill: {
      images: { file: images().influxdb },
      pull: 'never',
      planted: false,
      limits: { memory: '512MiB', cpus: 1 },
    },
  });
}

/** An ssh agent that knows the server's user key. */
async function startAgent(folder: string) {
  const socket = join(folder, 'agent');
  const agent: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
  if (agent.stdout) await once(agent.stdout, 'data');
  await promisify(execFile)('ssh-add', ['-q', join(folder, 'user')], { env: { SSH_AUTH_SOCK: socket } });
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      agent.kill();
    },
  };
}
