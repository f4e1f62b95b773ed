import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal } from '../../src/model/journal.ts';
import { keepReceipt } from '../../src/report/ledger.ts';
import { demoJournal } from './demo-journal.ts';
import { scratchFolder } from './scratch.ts';

/** `20261122T021500Z-nightly` of an instant. */
export const drillId = (startedAt: string, name = 'nightly') => `${startedAt.replaceAll(/[-:]|\.\d{3}/g, '')}-${name}`;

/** A drill of the demo that began at another instant. */
export function drillAt(startedAt: string, change: Partial<Journal> = {}): Journal {
  const journal = demoJournal(change);
  const name = journal.drill.name;
  return {
    ...journal,
    drill: { ...journal.drill, id: drillId(startedAt, name), startedAt, finishedAt: startedAt, asOf: startedAt },
  };
}

/** A folder with these journals, oldest first, and their receipts; `await using` removes it. */
export async function reportsOf(...journals: Journal[]) {
  const scratch = await scratchFolder();
  const folder = join(scratch.path, 'reports');
  await mkdir(folder);
  for (const journal of journals) {
    await mkdir(join(folder, journal.drill.id));
    await writeFile(join(folder, journal.drill.id, 'journal.json'), JSON.stringify(journal));
    await keepReceipt(folder, journal.drill.id, undefined);
  }
  return {
    root: scratch.path,
    folder,
    of: (journal: Journal) => join(folder, journal.drill.id),
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}
