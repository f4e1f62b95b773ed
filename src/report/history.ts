import { join } from 'node:path';
import { isFiredrillError } from '../kit/errors.ts';
import type { Journal } from '../model/journal.ts';
import { drillFolders } from './drill-folders.ts';
import { journalFile, readJournal } from './read-journal.ts';

/** What no drill of these has judged does not make every later run read all journals that there are. */
const maxJournals = 100;

/**
 * The journals in a reports' folder, newest first, at most `max`; one at a time, since each may be large. Those that
 * cannot be read are passed over; VAULT_READ when the folder cannot be listed.
 */
export async function* journalsIn(reportsFolder: string, max = maxJournals): AsyncGenerator<Journal> {
  const ids = (await drillFolders(reportsFolder)).reverse();
  for (const id of ids.slice(0, max)) {
    const journal = await readable(join(reportsFolder, id, journalFile));
    if (journal) yield journal;
  }
}

async function readable(file: string): Promise<Journal | undefined> {
  try {
    return await readJournal(file);
  } catch (error) {
    if (isFiredrillError(error, 'JOURNAL_INVALID')) return undefined;
    throw error;
  }
}
