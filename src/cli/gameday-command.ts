import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { listScenarios, loadScenario } from '../config/load-scenarios.ts';
import { statusAfter } from '../flow/announce.ts';
import type { Telling } from '../flow/channels.ts';
import { mailGameDay, type WrittenGameDayJournal } from '../flow/mail-gameday.ts';
import { exitStatus, FiredrillError } from '../kit/errors.ts';
import { count, plainLine } from '../kit/text.ts';
import type { GameDayJournal } from '../model/gameday-journal.ts';
import type { Scenario } from '../model/scenario.ts';
import { renderGameDayText } from '../report/gameday/render-gameday-text.ts';
import { writeGameDay } from '../report/gameday/write-gameday.ts';
import { addLessons } from './gameday/lessons-command.ts';
import { listLines, outcomeLine, timesTable } from './gameday/lines.ts';
import { abortGameDay, type Played, playGameDay, resumeGameDay, type Stage } from './gameday/play.ts';
import { realStacks } from './gameday/stacks.ts';
import { stageOf } from './gameday/stage.ts';
import { LineTerminal } from './gameday/terminal.ts';
import { about } from './help.ts';
import { addNotifyOption, tellingFor } from './notify-option.ts';
import { printError } from './output.ts';
import type { Session } from './session.ts';
import { shownPath } from './shown-path.ts';

const help = about(
  `Rehearses a disaster against the clock. It raises copies of the services in sealed containers of their own, from the newest backups,
with a configuration and vaults of their own; looks whether they are steady; injects the disaster; starts the clock, and tells
the situation. You recover with the same commands as on the day itself, in another terminal, with the configuration that is
shown; here you note what you see and decide, take hints that cost minutes, and say when it is recovered: then checks decide.

The clock runs on when this terminal dies: --resume goes on, --abort removes everything. With --robot firedrill recovers by
itself as the scenario says, so that its time stands beside yours; with --all every scenario, one after the other.

Without a scenario it lists them: those that come with firedrill, for the company of the demo, and your own in the folder that
gameDays.scenarios names. What a game day leaves lies under gameDays.folder; with --notify its report is mailed as well.

It does not touch the live services, and proves nothing about tonight's backup: that is what a drill is for.`,
  [0, 'recovered in time, as the checks say; or the list was printed'],
  [1, 'the harness failed, such as a journal that could not be written'],
  2,
  [3, 'not recovered, or too late'],
  [4, 'there was no game day: the stack could not be raised, or was not steady before the disaster'],
  [5, 'recovered in time; but the mail of --notify was not accepted'],
  [11, 'another game day goes on'],
  [130, 'aborted, or left: then the clock runs on'],
);

interface Options {
  robot?: boolean;
  all?: boolean;
  operator?: string;
  resume?: boolean;
  abort?: boolean;
  notify?: boolean;
}

export function addGameDay(program: Command, session: Session): void {
  const gameDay = addNotifyOption(program.command('gameday'))
    .description('rehearse a disaster against the clock (default: list the scenarios)')
    .argument('[scenario]', 'name of a scenario')
    .option('--operator <name>', 'who recovers, for the report (default: the user of this machine)')
    .option('--robot', 'firedrill recovers by itself, as the scenario says')
    .option('--all', 'with --robot: all scenarios, one after the other')
    .option('--resume', 'go on with the game day that a terminal has left')
    .option('--abort', 'end the game day that goes on, and remove everything of it')
    .addHelpText('after', help)
    .action(async (name: string | undefined, options: Options) => {
      assertFitting(name, options);
      const config = await session.configForReading();
      if (name === undefined && !options.all && !options.resume && !options.abort) return list(session, config);
      // Before the disaster: a secret of the mail server that cannot be read is known now.
      const telling = await tellingFor(options.notify === true, session);
      const played = await play(name, options, session, config);
      const kept = await keep(session, config, played);
      if (telling) await tell(session, kept, telling);
    });
  addLessons(gameDay, session);
}

function assertFitting(name: string | undefined, { robot, all, resume, abort }: Options): void {
  const ways = [name !== undefined && 'a scenario', all && '--all', resume && '--resume', abort && '--abort'];
  const given = ways.filter((each) => typeof each === 'string');
  const hint = 'Run: firedrill gameday --help';
  if (given.length > 1) throw new FiredrillError('USAGE', `${given.join(' and ')} do not go together`, { hint });
  if (all && !robot)
    throw new FiredrillError('USAGE', '--all is for --robot: nobody recovers seven times in a row', { hint });
  if (robot && (resume || abort || given.length === 0)) {
    throw new FiredrillError('USAGE', '--robot is for a scenario, or for --all', { hint });
  }
}

async function play(name: string | undefined, options: Options, session: Session, config: Config): Promise<Played[]> {
  if (options.abort) return [await abortGameDay({ ...config, ...realStacks(session, config) })];
  if (options.resume) return [await onStage(session, config, resumeGameDay)];
  if (name === undefined) return playAll(session, config);
  const scenario = await loadScenario(name, config, session.engines);
  if (options.robot) return [await byRobot(session, config, scenario)];
  const who = { scenario, robot: false, operator: options.operator ?? userInfo().username };
  return [await onStage(session, config, (stage) => playGameDay(stage, who))];
}

async function list(session: Session, config: Config): Promise<void> {
  const listed = await listScenarios(config, session.engines);
  const shown = listed.map(({ name, own, scenario, error }) => ({
    ...{
      name,
      own,
      title: scenario?.title ?? null,
      reason: scenario?.reason ?? null,
      limitMs: scenario?.limitMs ?? null,
    },
    ...{ services: scenario?.services ?? [], problems: error ? [error.message, ...error.detail] : [] },
  }));
  session.show(listLines(listed).join('\n'), shown);
}

async function onStage<T>(session: Session, config: Config, work: (stage: Stage) => Promise<T>): Promise<T> {
  using terminal = new LineTerminal(process.stdin, process.stderr, session.signal);
  return await work(stageOf(session, config.gameDaysFolder, realStacks(session, config), terminal));
}

async function playAll(session: Session, config: Config): Promise<Played[]> {
  const listed = await listScenarios(config, session.engines);
  const broken = listed.find(({ own, error }) => error && !own);
  if (broken?.error) throw broken.error;
  const left = listed.filter(({ error }) => error).map(({ name }) => name);
  if (left.length > 0) session.remark(`not for the services of this configuration: ${left.join(', ')}`);
  const scenarios = listed.flatMap(({ scenario }) => scenario ?? []);
  if (scenarios.length === 0)
    throw new FiredrillError('USAGE', 'no scenario is for the services of this configuration');
  const played: Played[] = [];
  for (const scenario of scenarios) {
    session.remark(`${played.length + 1} of ${count(scenarios.length, 'scenario')}: ${scenario.name}`);
    played.push(await byRobot(session, config, scenario));
  }
  return played;
}

function byRobot(session: Session, config: Config, scenario: Scenario): Promise<Played> {
  return onStage(session, config, (stage) => playGameDay(stage, { scenario, operator: '', robot: true }));
}

/** Keeps the journals of those that are over, and prints what came of them. */
async function keep(
  session: Session,
  { gameDaysFolder }: Config,
  played: readonly Played[],
): Promise<WrittenGameDayJournal[]> {
  const kept: WrittenGameDayJournal[] = [];
  const lines: string[] = [];
  for (const { journal, left, error } of played) {
    if (error) printError(error, session.options);
    if (left) {
      lines.push(
        plainLine(`${journal.gameDay.id}: the stack stands and the clock runs | next: firedrill gameday --resume`),
      );
      session.remark('To remove it: firedrill gameday --abort');
      continue;
    }
    const { html, folder, earlier } = await writeGameDay(journal, gameDaysFolder);
    kept.push({ journal, folder, earlier });
    lines.push(outcomeLine(journal, shownPath(html)));
  }
  const journals = played.map(({ journal }) => journal);
  const [only] = played;
  session.status = worst(played);
  const isOne = only && played.length === 1;
  if (isOne && !only.left && only.error === undefined) {
    session.remark(`What was learned: firedrill gameday lessons ${only.journal.gameDay.id} --lesson '…'`);
  }
  const texts = kept.flatMap(({ journal, earlier }) => [renderGameDayText(journal, earlier), '']);
  const told = isOne ? texts : [timesTable(journals), ''];
  session.show([...told, ...lines].join('\n'), isOne ? only.journal : journals);
  return kept;
}

/** Mails those that are over. One that nobody gets is a fault of its own, and changes nothing of the outcome but the status 0. */
async function tell(session: Session, kept: readonly WrittenGameDayJournal[], telling: Telling) {
  const { mail } = telling.channels;
  if (!mail) return;
  for (const each of kept) {
    const { error } = await mailGameDay(each, mail, telling);
    if (!error) continue;
    printError(error, session.options);
    session.status = statusAfter(session.status, [error]);
  }
}

const order = [exitStatus.pass, exitStatus.inconclusive, exitStatus.interrupted, exitStatus.drillFailed];

function worst(played: readonly { journal: GameDayJournal; left: boolean }[]): number {
  const statuses = played.map(({ journal, left }) => (left ? exitStatus.interrupted : journal.exitStatus));
  return statuses.sort((a, b) => order.indexOf(b as never) - order.indexOf(a as never))[0] ?? exitStatus.harness;
}
