import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private temporary folder; `await using` removes it. */
export async function scratchFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A file of that name and content in a folder of its own. */
export async function fileWith(name: string, content: string): Promise<{ file: string } & AsyncDisposable> {
  const scratch = await scratchFolder();
  const file = join(scratch.path, name);
  await writeFile(file, content);
  return { file, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}
