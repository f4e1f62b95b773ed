import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FiredrillError, messageOf } from '../kit/errors.ts';

/** node_exporter is another user, and metrics hold no secret. */
const mode = 0o644;

/**
 * Puts metrics where node_exporter's textfile collector looks for them: whole, or as they were before. What is half-written has a
 * name that it passes over. METRICS_WRITE when the disk does not want it.
 */
export async function writeTextfile(file: string, text: string): Promise<void> {
  const temporary = join(dirname(file), `.firedrill-${randomBytes(4).toString('hex')}.partial`);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(text);
      // Whatever the umask has taken away.
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new FiredrillError('METRICS_WRITE', `the metrics cannot be written to ${file}`, {
      detail: [messageOf(error)],
      cause: error,
    });
  }
}
