import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FiredrillError, messageOf, systemCode } from '../kit/errors.ts';
import { plainLine } from '../kit/text.ts';
import { formatBytes } from '../kit/units.ts';
import type { GameDayJournal } from '../model/gameday-journal.ts';
import { gameDayJournalSchema } from '../model/gameday-journal-schema.ts';
import type { Journal } from '../model/journal.ts';
import { journalSchema } from '../model/journal-schema.ts';

/** In a drill's folder; every report is rendered from it alone. */
export const journalFile = 'journal.json';

/** Findings are bounded, comparisons are one for each table: 10,000 tables make about 5 MB. */
export const maxJournalBytes = 64 * 1024 * 1024;

/** Reads what a drill left as journal.json. JOURNAL_INVALID when it is missing, damaged or of another version. */
export const readJournal = (file: string): Promise<Journal> => readJudged(file, journalSchema);

/** As `readJournal`, of what a game day left. */
export const readGameDay = (file: string): Promise<GameDayJournal> => readJudged(file, gameDayJournalSchema);

type Judge<T> = { safeParse(value: unknown): { data: T; success: true } | { error: Rejection; success: false } };
interface Rejection {
  issues: { path: PropertyKey[]; message: string }[];
}

async function readJudged<T>(file: string, schema: Judge<T>): Promise<T> {
  const text = await readText(file);
  const judged = schema.safeParse(parseJson(text, file));
  if (judged.success) return judged.data;
  const problems = judged.error.issues.slice(0, 5).map((each) => plainLine(`${each.path.join('.')}: ${each.message}`));
  throw invalid(file, 'is not a journal of this version', { detail: problems });
}

async function readText(file: string): Promise<string> {
  try {
    // O_NONBLOCK: what is no file, such as a pipe, is refused and not waited for.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    return await textOf(handle, file).finally(() => handle.close());
  } catch (error) {
    if (systemCode(error) === undefined || error instanceof FiredrillError) throw error;
    const what = systemCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${systemCode(error)})`;
    throw invalid(file, what, { cause: error });
  }
}

async function textOf(handle: FileHandle, file: string): Promise<string> {
  const about = await handle.stat();
  if (!about.isFile()) throw invalid(file, 'is not a file');
  if (about.size > maxJournalBytes) throw invalid(file, `is larger than ${formatBytes(maxJournalBytes)}`);
  return handle.readFile('utf8');
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(file, 'is damaged: it is not JSON', { detail: [plainLine(messageOf(error))], cause: error });
  }
}

function invalid(file: string, what: string, more: { detail?: readonly string[]; cause?: unknown } = {}) {
  return new FiredrillError('JOURNAL_INVALID', `${plainLine(file)} ${what}`, more);
}
