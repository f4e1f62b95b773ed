import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { directoryVault } from '../../src/vault/directory.ts';
import { images } from './images.ts';
import { scratchFolder } from './scratch.ts';

const root = join(import.meta.dirname, '../..');

export interface Ended {
  /** null when a signal ended it. */
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface FiredrillOptions {
  cwd: string;
  env?: Record<string, string>;
  /** `real`: with the real engines; `file`: with the tests' file engine; or a path. */
  main?: 'real' | 'file' | string;
  /** Run through bash, with the program as "$@": for pipes and limits. */
  shell?: string;
}

const mains: Record<string, string> = {
  real: join(root, 'src/main.ts'),
  file: join(root, 'test/support/file-main.ts'),
};

/** Starts the program as a user does, in a process of its own with a clean environment. */
export function startFiredrill(args: readonly string[], { cwd, env, main = 'file', shell }: FiredrillOptions) {
  const command = [process.execPath, mains[main] ?? main, ...args];
  const [tool = '', ...rest] = shell === undefined ? command : ['bash', '-c', shell, 'bash', ...command];
  const inherited = Object.entries(process.env).filter(([name]) => ['PATH', 'HOME', 'FIREDRILL_STATE'].includes(name));
  const child = spawn(tool, rest, { cwd, env: { ...Object.fromEntries(inherited), ...env }, stdio: 'pipe' });
  child.stdin.end();
  return { child, ended: endOf(child) };
}

/** Runs the program to its end. */
export function firedrill(args: readonly string[], options: FiredrillOptions): Promise<Ended> {
  return startFiredrill(args, options).ended;
}

function endOf(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })));
}

/** A folder with keys, an empty vault and a configuration of services of the file engine; `await using` removes it. */
export async function fileCompany(...services: string[]) {
  const scratch = await scratchFolder();
  const folder = scratch.path;
  await firedrill(['init', '--keys'], { cwd: folder });
  await directoryVault('onsite', join(folder, 'vault')).mark();
  await writeFile(join(folder, 'firedrill.yaml'), configOf(services));
  return {
    folder,
    run: (args: readonly string[], options: Partial<FiredrillOptions> = {}) =>
      firedrill(args, { cwd: folder, ...options }),
    start: (args: readonly string[], options: Partial<FiredrillOptions> = {}) =>
      startFiredrill(args, { cwd: folder, ...options }),
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

function configOf(services: readonly string[]): string {
  const each = services.map(
    (name) => `  ${name}:
    engine: file
    reach: local
    rpo: 1h
    retention: 7d
    settings: { content: the text of ${name} }
`,
  );
  return `version: 1
keys: { private: keys/signing.key, public: [keys/signing.pub], ledger: keys/ledger.key }
vaults:
  onsite: { kind: directory, folder: vault }
services:
${each.join('')}drill:
  images: { file: ${JSON.stringify(images().influxdb)} }
  pull: never
  limits: { memory: 512MiB, cpus: 1 }
`;
}
