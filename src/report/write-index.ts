import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../kit/replace-file.ts';
import { drillFolders } from './drill-folders.ts';
import { type IndexOrder, renderIndex } from './render-index.ts';
import { reportWritingFails } from './writing-fails.ts';

const indexFile = 'index.html';

/** Drills that end while others write the index. */
const maxTries = 5;

/**
 * Writes `<reportsFolder>/index.html` and returns its path. Of several runs that write it at once, the last one has seen the reports
 * of all. REPORT_WRITE when the disk does not want it, VAULT_READ when the reports cannot be listed.
 */
export async function writeIndex(reportsFolder: string, order: Omit<IndexOrder, 'liveHref'>): Promise<string> {
  return reportWritingFails(reportsFolder, async () => {
    await mkdir(reportsFolder, { recursive: true });
    for (let tries = 1; ; tries += 1) {
      const before = await drillFolders(reportsFolder);
      await replaceFile(reportsFolder, indexFile, await renderIndex(reportsFolder, order));
      const after = await drillFolders(reportsFolder);
      if (after.join() === before.join() || tries === maxTries) return join(reportsFolder, indexFile);
    }
  });
}
