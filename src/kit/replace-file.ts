import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeNewFile } from './files.ts';

/** Nobody can guess it, so nothing can lie in its way. */
export const partialNameOf = (name: string) => `.partial-${name}-${randomBytes(4).toString('hex')}.${process.pid}`;

/** Whole at once: whoever reads meanwhile reads the old one. */
export async function replaceFile(folder: string, name: string, content: string, mode?: number): Promise<void> {
  const temporary = join(folder, partialNameOf(name));
  try {
    await writeNewFile(temporary, content, mode);
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
