import { execFile } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { images } from './images.ts';
import { scratchFolder } from './scratch.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** Who the program is in its container: whoever runs the tests, but never root, as for users. */
export const [uid, gid] = process.getuid?.() === 0 ? [1000, 1000] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];

/** firedrill's own image, built as users build it; but on an image that is there, with the project's own Node put into it. */
export async function toolImage(name: string): Promise<AsyncDisposable> {
  const base = `${name}-node`;
  const remove = async () => void (await run('docker', ['rmi', '--force', name, base]).catch(() => {}));
  try {
    await makeBase(base);
    const args = ['NODE_IMAGE', base, 'UID', `${uid}`, 'GID', `${gid}`];
    const options = [0, 2, 4].flatMap((i) => ['--build-arg', `${args[i]}=${args[i + 1]}`]);
    await run('bash', ['deploy/docker/build.sh', name, ...options], { cwd: root });
  } catch (error) {
    await remove();
    throw error;
  }
  return { [Symbol.asyncDispose]: remove };
}

/** MySQL's image has all that Node needs, the official one and the one that is built here. */
async function makeBase(name: string): Promise<void> {
  await using scratch = await scratchFolder();
  await copyFile(join(root, 'node_modules/node/bin/node'), join(scratch.path, 'node'));
  const lines = [`FROM ${images().mysql}`, 'USER root', 'COPY node /usr/local/bin/node', 'ENTRYPOINT []'];
  await writeFile(join(scratch.path, 'Dockerfile'), `${lines.join('\n')}\n`);
  await run('docker', ['build', '--quiet', '-t', name, scratch.path]);
}

export interface ContainerEnd {
  status: number;
  stdout: string;
  stderr: string;
}

/** The options of `docker run` that the README names: Docker's socket, and a folder of the same path inside and outside. */
export function runOptions(folder: string, env: Record<string, string> = {}): string[] {
  return [
    ...['--pid', 'host', '--uts', 'host', '--read-only', '--cap-drop', 'ALL'],
    ...['--volume', '/var/run/docker.sock:/var/run/docker.sock', '--volume', `${folder}:${folder}`],
    ...['--env', `TMPDIR=${folder}/tmp`, '--workdir', folder],
    ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
  ];
}

/** Runs it to its end. */
export async function runTool(
  image: string,
  options: readonly string[],
  args: readonly string[],
): Promise<ContainerEnd> {
  const all = ['run', '--rm', ...options, image, ...args];
  const ended = await run('docker', all, { maxBuffer: 2 ** 26 }).catch((error) => error);
  return { status: ended.code ?? 0, stdout: ended.stdout, stderr: ended.stderr };
}

/** Gives a folder and all in it to the program in the container. */
export async function giveToTool(folder: string): Promise<void> {
  if (process.getuid?.() === 0) await run('chown', ['-R', `${uid}:${gid}`, folder]);
}
