import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FiredrillError, messageOf } from '../../kit/errors.ts';
import { replaceFile } from '../../kit/replace-file.ts';
import { plainLine } from '../../kit/text.ts';
import type { FollowUp, GameDayJournal } from '../../model/gameday-journal.ts';

const journalFile = 'journal.json';

/** Writes what a game day leaves into its folder: the journal, whole at once, over an older one of the same game day. */
export async function keepGameDay(folder: string, journal: GameDayJournal): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o750 });
  await replaceFile(folder, journalFile, `${JSON.stringify(journal, null, 2)}\n`);
  return join(folder, journalFile);
}

/** NO_SUCH_SET when there is none of that id; JOURNAL_INVALID when it is damaged. */
export async function readGameDay(gameDaysFolder: string, id: string): Promise<GameDayJournal> {
  const none = new FiredrillError('NO_SUCH_SET', `there is no journal of a game day ${plainLine(id, 100)}`, {
    hint: `Ids are the names of folders in ${gameDaysFolder}`,
  });
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/.test(id)) throw none;
  const file = join(gameDaysFolder, id, journalFile);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    throw none;
  }
  try {
    const journal = JSON.parse(text) as GameDayJournal;
    if (journal.format === 'firedrill-gameday' && journal.version === 1) return journal;
  } catch (cause) {
    throw new FiredrillError('JOURNAL_INVALID', `${file} is damaged: ${messageOf(cause)}`, { cause });
  }
  throw new FiredrillError('JOURNAL_INVALID', `${file} is not a journal of a game day of this version`);
}

/** The journal with what people have learned; nothing else of it changes. */
export function withLessons(
  journal: GameDayJournal,
  lessons: readonly string[],
  followUps: readonly FollowUp[],
): GameDayJournal {
  return {
    ...journal,
    lessons: [...new Set([...journal.lessons, ...lessons])],
    followUps: [...journal.followUps, ...followUps],
  };
}
