import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isFiredrillError, unlessGone } from '../kit/errors.ts';
import { replaceFile } from '../kit/replace-file.ts';
import {
  type CachedDrill,
  type DrillCache,
  drillCacheText,
  isSameStamp,
  type JournalStamp,
  parseDrillCache,
} from '../model/drill-cache.ts';
import { type IndexedDrill, indexedDrillOf } from '../model/indexed-drill.ts';
import { drillFolders } from './drill-folders.ts';
import { journalFile, readJournal } from './read-journal.ts';

/** Beside the reports; it saves reading each journal for each index, and can be removed at any time. */
const cacheFile = '.drills.json';
/** A drill takes about 1 KiB of it. */
const maxCacheBytes = 64 * 1024 * 1024;
/** Eight years of nights. Older ones are only counted. */
const maxDrills = 3_000;

export interface FoundDrill extends IndexedDrill {
  /** The name of its folder among the reports. */
  folder: string;
}

export interface DrillIndex {
  /** Newest first, by the instant of their start. */
  drills: FoundDrill[];
  /** Reports of real restores. */
  restores: number;
  /** Folders whose journal cannot be read. */
  unreadable: string[];
  /** Older ones that were not looked at. */
  older: number;
}

/**
 * What all drills whose reports lie in a folder have said. Journals that were read before, and have not changed since, are taken
 * from a cache beside them. VAULT_READ when the folder cannot be listed.
 */
export async function readDrillIndex(reportsFolder: string): Promise<DrillIndex> {
  const folders = (await drillFolders(reportsFolder)).reverse();
  const known = await readCache(join(reportsFolder, cacheFile));
  const cache: DrillCache = new Map();
  for (const folder of folders.slice(0, maxDrills)) {
    const entry = await entryOf(join(reportsFolder, folder, journalFile), known.get(folder));
    if (entry) cache.set(folder, entry);
  }
  if (!isSame(cache, known)) await keepCache(reportsFolder, cache);
  return indexOf(cache, Math.max(folders.length - maxDrills, 0));
}

/** undefined when there is no journal, such as of a folder that was removed meanwhile. */
async function entryOf(file: string, known: CachedDrill | undefined): Promise<CachedDrill | undefined> {
  const stamp = await stampOf(file);
  if (!stamp) return undefined;
  if (known && isSameStamp(known.stamp, stamp)) return known;
  try {
    const drill = indexedDrillOf(await readJournal(file));
    return drill ? { stamp, drill } : { stamp, none: 'restore' };
  } catch (error) {
    if (isFiredrillError(error, 'JOURNAL_INVALID')) return { stamp, none: 'unreadable' };
    throw error;
  }
}

async function stampOf(file: string): Promise<JournalStamp | undefined> {
  const about = await unlessGone(stat(file)).catch(() => undefined);
  return about && { bytes: about.size, modifiedMs: about.mtimeMs, changedMs: about.ctimeMs };
}

/** Whatever is wrong with it, the journals are there. */
async function readCache(file: string): Promise<DrillCache> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const about = await handle.stat();
    const isFit = about.isFile() && about.size <= maxCacheBytes;
    return isFit ? parseDrillCache(await handle.readFile('utf8')) : new Map();
  } catch {
    return new Map();
  }
}

const isSame = (cache: DrillCache, known: DrillCache) =>
  cache.size === known.size && [...cache].every(([folder, entry]) => known.get(folder) === entry);

/** Without it the next index takes longer, and says the same. */
async function keepCache(reportsFolder: string, cache: DrillCache): Promise<void> {
  await replaceFile(reportsFolder, cacheFile, drillCacheText(cache)).catch(() => {});
}

function indexOf(cache: DrillCache, older: number): DrillIndex {
  const drills: FoundDrill[] = [];
  const index: DrillIndex = { drills, restores: 0, unreadable: [], older };
  for (const [folder, entry] of cache) {
    if ('drill' in entry) drills.push({ ...entry.drill, folder });
    else if (entry.none === 'restore') index.restores += 1;
    else index.unreadable.push(folder);
  }
  const ms = ({ startedAt }: FoundDrill) => Date.parse(startedAt);
  drills.sort((a, b) => ms(b) - ms(a) || (a.folder < b.folder ? 1 : -1));
  return index;
}
