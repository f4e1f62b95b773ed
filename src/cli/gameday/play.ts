import { join } from 'node:path';
import { GameDay } from '../../flow/gameday/game-day.ts';
import type { Stack } from '../../flow/gameday/stack.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { takeLock } from '../../kit/lock.ts';
import { lockFolder } from '../../kit/lock-folder.ts';
import type { GameDayJournal } from '../../model/gameday-journal.ts';
import type { Scenario } from '../../model/scenario.ts';
import { runningFolder, runningGameDayId, unmarkRunning } from '../../report/gameday/running-gameday.ts';
import { converse } from './dialogue.ts';
import { beginningLines } from './lines.ts';
import { type RobotHands, recoverByRobot } from './robot.ts';
import type { Terminal } from './terminal.ts';

/** What a game day needs of its surroundings. */
export interface Stage {
  gameDaysFolder: string;
  environment: GameDayJournal['environment'];
  raise(scenario: Scenario, folder: string, activity: Activity): Promise<Stack>;
  /** undefined where nothing is left of it. */
  attach(folder: string): Promise<Stack | undefined>;
  /** Removes what is left of a stack that cannot be attached to: it was never raised to its end, or this machine was restarted. */
  clear(folder: string): Promise<void>;
  /** Where restores with the stack's configuration leave their reports. */
  reportsFolderOf(stackConfigFile: string): Promise<string>;
  handsOf(stackConfigFile: string): Promise<RobotHands>;
  /** Runs work with its progress shown, before the clock has started, or while a robot is at it. */
  shown<T>(services: readonly string[], work: (activity: Activity) => Promise<T>): Promise<T>;
  /** Of what is done at the prompt. */
  activity: Activity;
  terminal: Terminal;
}

export interface Played {
  journal: GameDayJournal;
  /** The terminal went away: the stack stands, the clock runs. */
  left: boolean;
  folder: string;
  /** Why there was no game day. */
  error: FiredrillError | undefined;
}

/** One game day from its beginning. LOCKED when another one goes on. */
export async function playGameDay(
  stage: Stage,
  { scenario, operator, robot }: { scenario: Scenario; operator: string; robot: boolean },
): Promise<Played> {
  const { gameDaysFolder: folder, environment } = stage;
  await using _lock = await lockGameDays(folder);
  await assertNoneGoesOn(folder);
  const raise = (at: string, activity: Activity) => stage.raise(scenario, at, activity);
  const day = await GameDay.open({ scenario, folder, operator, robot, environment, raise });
  const error = await stage.shown(scenario.services, (activity) => day.begin(raise, activity));
  if (error) return { journal: day.journal(), left: false, folder: day.folder, error };
  // Awaited here: the lock is held until it has ended.
  if (!robot) return await goOn(stage, day);
  const hands = await stage.handsOf(day.stack.configFile);
  await stage.shown(scenario.services, (activity) => recoverByRobot(day, hands, activity));
  return { journal: day.journal(), left: false, folder: day.folder, error: undefined };
}

/** Goes on with the game day that a terminal has left; USAGE when there is none. */
export async function resumeGameDay(stage: Stage): Promise<Played> {
  const { gameDaysFolder: folder } = stage;
  await using _lock = await lockGameDays(folder);
  const day = await attached(stage, await idOf(folder));
  if (!day.goesOn) {
    // Its terminal died before the clock was told, or after it had ended: nothing is left to go on with.
    await day.end('aborted', 'its terminal ended before the clock was told');
    return { journal: day.journal(), left: false, folder: day.folder, error: undefined };
  }
  const { configFile } = day.stack;
  const { steady } = await day.resumed();
  if (!steady)
    stage.terminal.print('This machine was started anew meanwhile: the time of that gap is by its wall clock.');
  stage.terminal.print(`You go on with ${day.id}; configuration: ${configFile}`);
  return await goOn(stage, day);
}

/** Removes all of the game day that goes on but its folder, from wherever; its terminal notices. USAGE when there is none. */
export async function abortGameDay(stage: Pick<Stage, 'gameDaysFolder' | 'attach' | 'clear'>): Promise<Played> {
  const id = await idOf(stage.gameDaysFolder);
  let day: GameDay;
  try {
    day = await attached(stage, id);
  } catch (error) {
    // Nothing can be read of it: what it has left is found by its label, by the next drill.
    await unmarkRunning(stage.gameDaysFolder);
    throw error;
  }
  if (!day.hasStack) await stage.clear(day.stackFolder);
  const journal = await day.end('aborted', 'it was aborted from elsewhere');
  return { journal, left: false, folder: day.folder, error: undefined };
}

async function goOn(stage: Stage, day: GameDay): Promise<Played> {
  const { terminal, activity } = stage;
  const reportsFolder = await stage.reportsFolderOf(day.stack.configFile);
  for (const line of beginningLines(day)) terminal.print(line);
  const how = await converse({ day, terminal, reportsFolder, activity });
  return { journal: day.journal(), left: how === 'left', folder: day.folder, error: undefined };
}

function attached({ gameDaysFolder: folder, attach }: Pick<Stage, 'gameDaysFolder' | 'attach'>, id: string) {
  return GameDay.attach({ folder, id, attach });
}

async function idOf(folder: string): Promise<string> {
  const id = await runningGameDayId(folder);
  if (id !== undefined) return id;
  throw new FiredrillError('USAGE', `no game day goes on in ${folder}`, { hint: 'Run: firedrill gameday' });
}

/** While a terminal is at it; one that has died is no obstacle. */
function lockGameDays(folder: string) {
  return takeLock(lockFolder(join(folder, runningFolder), 'gameday', 'the game day'), 'gameday');
}

async function assertNoneGoesOn(folder: string): Promise<void> {
  const id = await runningGameDayId(folder);
  if (id === undefined) return;
  throw new FiredrillError('LOCKED', `a game day goes on already: ${id}`, {
    hint: 'Go on with it: firedrill gameday --resume; or remove it: firedrill gameday --abort',
  });
}
