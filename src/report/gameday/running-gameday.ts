import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { momentNow, offsetsOf } from '../../kit/boot-clock.ts';
import { isFiredrillError, unlessGone } from '../../kit/errors.ts';
import { replaceFile } from '../../kit/replace-file.ts';
import type { GameDayEvent } from '../../model/gameday-event.ts';
import type { GameDayJournal } from '../../model/gameday-journal.ts';
import { journalOfEvents } from '../../model/gameday-record.ts';
import { eventsFile, readEvents } from './event-log.ts';

/** In the folder of game days: which one goes on, and the lock of the terminal that is at it. */
export const runningFolder = '.running';
const currentFile = 'current';
const idPattern = /^\d{8}T\d{6}Z-[a-z0-9][a-z0-9-]{0,40}(-\d+)?$/;

/** The id of the game day that goes on, or whose end was not finished; undefined when there is none. */
export async function runningGameDayId(gameDaysFolder: string): Promise<string | undefined> {
  const text = await unlessGone(readFile(join(gameDaysFolder, runningFolder, currentFile), 'utf8'));
  const id = text?.trim() ?? '';
  return idPattern.test(id) ? id : undefined;
}

export async function markRunning(gameDaysFolder: string, id: string): Promise<void> {
  const folder = join(gameDaysFolder, runningFolder);
  await mkdir(folder, { recursive: true, mode: 0o750 });
  await replaceFile(folder, currentFile, `${id}\n`);
}

export async function unmarkRunning(gameDaysFolder: string): Promise<void> {
  await rm(join(gameDaysFolder, runningFolder, currentFile), { force: true });
}

/** A game day that goes on, for whoever looks at it. */
export interface RunningGameDay {
  id: string;
  /** As far as it has come. */
  journal: GameDayJournal;
  /** Since the disaster, the minutes of hints included; null before it. */
  clockMs: number | null;
}

/** undefined when none goes on. */
export async function runningGameDay(gameDaysFolder: string): Promise<RunningGameDay | undefined> {
  const id = await runningGameDayId(gameDaysFolder);
  if (id === undefined) return undefined;
  try {
    const events = await readEvents(join(gameDaysFolder, id, eventsFile));
    return { id, journal: journalOfEvents(events), clockMs: clockOf(events) };
  } catch (error) {
    if (isFiredrillError(error, 'JOURNAL_INVALID')) return undefined;
    throw error;
  }
}

/** The clock of a game day: from the disaster until now, or until it ended, and what hints have cost. null before it. */
export function clockOf(events: readonly GameDayEvent[], now = momentNow()): number | null {
  const from = events.findIndex(({ kind }) => kind === 'disaster');
  if (from === -1) return null;
  const end = events.findIndex(({ kind }) => kind === 'ended');
  const moments = events.slice(from, end === -1 ? undefined : end + 1).map(({ moment }) => moment);
  if (end === -1) moments.push(now);
  const sinceMs = offsetsOf(moments).at(-1) ?? 0;
  return sinceMs + events.reduce((sum, each) => sum + (each.kind === 'hint' ? each.costsMs : 0), 0);
}
