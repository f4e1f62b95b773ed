import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isFiredrillError } from '../../kit/errors.ts';
import { syncFolder } from '../../kit/files.ts';
import { replaceFile } from '../../kit/replace-file.ts';
import type { GameDayJournal } from '../../model/gameday-journal.ts';
import { drillFolders } from '../drill-folders.ts';
import { journalFile, readGameDay } from '../read-journal.ts';
import { reportWritingFails } from '../writing-fails.ts';
import { renderGameDayHtml } from './render-gameday-html.ts';
import { renderGameDayText } from './render-gameday-text.ts';
import { renderGameDays } from './render-gamedays.ts';

/** Older ones stay where they are, and are not compared any more. */
const maxGameDays = 500;
const indexFile = 'index.html';

/** Paths of what was written. */
export interface WrittenGameDay {
  folder: string;
  html: string;
  json: string;
  text: string;
  /** All game days side by side. */
  index: string;
  /** Those of the same scenario that it stands beside, the newest first. */
  earlier: readonly GameDayJournal[];
}

/**
 * Writes `<gameDaysFolder>/<id>/`: the journal and its reports, which stand beside earlier game days of the same scenario, and the
 * overview of all. What lies there of the same game day is replaced, each file whole at once: lessons come later. REPORT_WRITE
 * when the disk does not want it.
 */
export async function writeGameDay(journal: GameDayJournal, gameDaysFolder: string): Promise<WrittenGameDay> {
  const folder = join(gameDaysFolder, journal.gameDay.id);
  return reportWritingFails(gameDaysFolder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    const others = (await gameDaysIn(gameDaysFolder)).filter(({ gameDay }) => gameDay.id !== journal.gameDay.id);
    const earlier = earlierThan(journal, others);
    await replaceFile(folder, journalFile, `${JSON.stringify(journal, null, 2)}\n`);
    await replaceFile(folder, 'report.html', renderGameDayHtml(journal, earlier));
    await replaceFile(folder, 'report.txt', `${renderGameDayText(journal, earlier)}\n`);
    await syncFolder(folder);
    await replaceFile(gameDaysFolder, indexFile, renderGameDays([journal, ...others].sort(newestFirst)));
    return {
      ...{ folder, earlier },
      html: join(folder, 'report.html'),
      json: join(folder, journalFile),
      text: join(folder, 'report.txt'),
      index: join(gameDaysFolder, indexFile),
    };
  });
}

/** Those of the same scenario, the newest first. */
function earlierThan({ gameDay }: GameDayJournal, days: readonly GameDayJournal[]): GameDayJournal[] {
  return days
    .filter((each) => each.gameDay.scenario === gameDay.scenario && each.gameDay.startedAt < gameDay.startedAt)
    .sort(newestFirst);
}

/** The journals that lie in a folder of game days, the newest first; what cannot be read, or has not ended, is left out. */
export async function gameDaysIn(gameDaysFolder: string): Promise<GameDayJournal[]> {
  const days: GameDayJournal[] = [];
  for (const name of (await drillFolders(gameDaysFolder)).reverse().slice(0, maxGameDays)) {
    try {
      days.push(await readGameDay(join(gameDaysFolder, name, journalFile)));
    } catch (error) {
      if (!isFiredrillError(error, 'JOURNAL_INVALID')) throw error;
    }
  }
  return days.sort(newestFirst);
}

const newestFirst = (a: GameDayJournal, b: GameDayJournal) => (a.gameDay.id < b.gameDay.id ? 1 : -1);
