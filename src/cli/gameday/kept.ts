import { join } from 'node:path';
import { FiredrillError } from '../../kit/errors.ts';
import { exists } from '../../kit/files.ts';
import { plainLine } from '../../kit/text.ts';
import type { FollowUp, GameDayJournal } from '../../model/gameday-journal.ts';
import { journalFile, readGameDay } from '../../report/read-journal.ts';

/** NO_SUCH_SET when there is none of that id; JOURNAL_INVALID when it is damaged. */
export async function keptGameDay(gameDaysFolder: string, id: string): Promise<GameDayJournal> {
  const isId = /^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/.test(id);
  const file = join(gameDaysFolder, id, journalFile);
  if (isId && (await exists(file))) return readGameDay(file);
  throw new FiredrillError('NO_SUCH_SET', `there is no journal of a game day ${plainLine(id, 100)}`, {
    hint: `Ids are the names of folders in ${gameDaysFolder}`,
  });
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
