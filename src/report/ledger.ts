import type { KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFiredrillError, unlessGone } from '../kit/errors.ts';
import { syncFolder } from '../kit/files.ts';
import { type HeldLock, takeLock } from '../kit/lock.ts';
import { lockFolder } from '../kit/lock-folder.ts';
import { signBody } from '../kit/signature.ts';
import { digestOf } from '../kit/streams.ts';
import { headOf, nextReceipt, parseReceipt, type ReceivedJournal, receiptLine } from '../model/ledger.ts';
import { drillFolders } from './drill-folders.ts';
import { journalFile, readJournal } from './read-journal.ts';
import { reportWritingFails } from './writing-fails.ts';

const ledgerFile = 'ledger.jsonl';
const maxWaitMs = 60_000;

/** Whole lines, without their breaks. */
export interface LedgerLines {
  lines: string[];
  /** Bytes of the whole lines; what follows them is a line that was cut off. */
  wholeBytes: number;
  isCut: boolean;
}

export interface KeptReceipt {
  /** How many receipts there are now. */
  number: number;
  /** SHA-256 of the newest line. */
  head: string;
  signed: boolean;
  /** Journals that had no receipt, and have got one as well. */
  adopted: string[];
}

/** No ledger is one without lines. */
export async function readLedger(reportsFolder: string): Promise<LedgerLines> {
  const bytes = (await unlessGone(readFile(join(reportsFolder, ledgerFile)))) ?? Buffer.alloc(0);
  // Counted in bytes: what somebody has put in need not be text.
  const wholeBytes = bytes.lastIndexOf('\n') + 1;
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1);
  return { lines, wholeBytes, isCut: wholeBytes < bytes.length };
}

/** The receipt of a drill, by its folder's name; null when it has none. */
export async function receiptOf(
  reportsFolder: string,
  drill: string,
): Promise<{ number: number; sha256: string } | null> {
  for (const line of (await readLedger(reportsFolder)).lines) {
    const receipt = parseReceipt(line);
    if (receipt?.drill === drill) return { number: receipt.number, sha256: headOf([line]) ?? '' };
  }
  return null;
}

/** SHA-256 of each journal in a reports' folder; null for one that cannot be read. */
export async function journalHashes(reportsFolder: string): Promise<Map<string, string | null>> {
  const hashes = new Map<string, string | null>();
  for (const drill of await drillFolders(reportsFolder)) {
    const hash = await journalHash(reportsFolder, drill).catch(() => null);
    if (hash !== undefined) hashes.set(drill, hash);
  }
  return hashes;
}

async function journalHash(reportsFolder: string, drill: string): Promise<string | undefined> {
  const content = createReadStream(join(reportsFolder, drill, journalFile));
  return (await unlessGone(digestOf(content)))?.sha256;
}

/**
 * Appends the receipt of a journal that has just been written, and of those that have none: the run that wrote them was
 * cut off before. Signed where there is a key. REPORT_WRITE when the ledger cannot be written.
 * @param drill the journal's folder under `reportsFolder`
 */
export function keepReceipt(reportsFolder: string, drill: string, key: KeyObject | undefined): Promise<KeptReceipt> {
  return reportWritingFails(reportsFolder, async () => {
    await using _lock = await lockLedger(reportsFolder);
    const ledger = await readLedger(reportsFolder);
    const lines = [...ledger.lines];
    const journals = await journalsWithout(lines, reportsFolder, drill);
    for (const journal of journals) {
      const body = nextReceipt(lines, journal);
      lines.push(receiptLine(body, key ? signBody(body, key) : null));
    }
    await append(reportsFolder, ledger, lines.slice(ledger.lines.length));
    const adopted = journals.filter((each) => each.adopted).map((each) => each.drill);
    return { number: lines.length, head: headOf(lines) ?? '', signed: key !== undefined, adopted };
  });
}

/** Two drills that end at once wait for one another; it takes no longer than a few files are read. */
async function lockLedger(reportsFolder: string): Promise<HeldLock> {
  const records = lockFolder(join(reportsFolder, '.locks'), 'ledger', `the ledger in ${reportsFolder}`);
  for (const end = performance.now() + maxWaitMs; ; await sleep(50)) {
    try {
      return await takeLock(records, 'receipt');
    } catch (error) {
      if (!isFiredrillError(error, 'LOCKED') || performance.now() > end) throw error;
    }
  }
}

/** Oldest first. What cannot be read gets no receipt: `ledger verify` names it. */
async function journalsWithout(
  lines: readonly string[],
  reportsFolder: string,
  newest: string,
): Promise<ReceivedJournal[]> {
  const received = new Set(lines.map((line) => parseReceipt(line)?.drill));
  const found: ReceivedJournal[] = [];
  for (const drill of await drillFolders(reportsFolder)) {
    if (received.has(drill)) continue;
    try {
      const journal = await readJournal(join(reportsFolder, drill, journalFile));
      const journalSha256 = await journalHash(reportsFolder, drill);
      const {
        verdict,
        drill: { startedAt },
      } = journal;
      if (journalSha256 === undefined) continue;
      found.push({ drill, verdict: verdict.verdict, startedAt, journalSha256, adopted: drill !== newest });
    } catch (error) {
      if (!isFiredrillError(error, 'JOURNAL_INVALID')) throw error;
    }
  }
  return found;
}

async function append(reportsFolder: string, ledger: LedgerLines, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const handle = await open(join(reportsFolder, ledgerFile), 'a', 0o640);
  try {
    // A line that was cut off stands for nothing: its journal has just got its receipt.
    if (ledger.isCut) await handle.truncate(ledger.wholeBytes);
    await handle.appendFile(`${lines.join('\n')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (ledger.lines.length === 0) await syncFolder(reportsFolder);
}
