import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { scratchFolder } from './scratch.ts';

const run = promisify(execFile);
const { uid, gid } = userInfo();

/** A disk of its own, in memory; whoever is not root needs `sudo`. `await using` removes it. */
export async function smallDisk(bytes: number): Promise<{ path: string } & AsyncDisposable> {
  const scratch = await scratchFolder();
  const asRoot = async (...words: string[]) => {
    const [tool = '', ...args] = uid === 0 ? words : ['sudo', '-n', ...words];
    await run(tool, args);
  };
  const options = `size=${bytes},mode=700,uid=${uid},gid=${gid}`;
  await asRoot('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', scratch.path);
  return {
    path: scratch.path,
    [Symbol.asyncDispose]: async () => {
      await asRoot('umount', scratch.path);
      await scratch[Symbol.asyncDispose]();
    },
  };
}
