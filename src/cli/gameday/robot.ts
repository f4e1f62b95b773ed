import { setTimeout as sleep } from 'node:timers/promises';
import type { GameDay } from '../../flow/gameday/game-day.ts';
import { sayAction } from '../../flow/gameday/words.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { plainLine } from '../../kit/text.ts';
import type { RestoreReason } from '../../model/objectives.ts';
import type { RobotStep } from '../../model/scenario.ts';

type RestoreStep = Extract<RobotStep, { do: 'restore' }>;

/** The commands that the robot types, on the stack's own configuration. */
export interface RobotHands {
  /** Right before the newest destructive statement: `before:<name>`. */
  beforeStatement(service: string): Promise<string>;
  /** Id of the newest backup that a drill finds good. */
  lastGood(service: string): Promise<string>;
  /** Throws when the target was not restored exactly. */
  restore(order: {
    service: string;
    reason: RestoreReason;
    at: string | undefined;
    from: string | undefined;
    parts: readonly string[] | undefined;
  }): Promise<void>;
  /** Where those restores leave their reports. */
  reportsFolder: string;
}

export interface RobotOptions {
  pollMs?: number;
  /** So long it looks for a steady check that fails; then the situation alone has to do. */
  patienceMs?: number;
}

/** Recovers by itself, as the scenario says, and claims it. What goes wrong ends it as not recovered. */
export async function recoverByRobot(
  day: GameDay,
  hands: RobotHands,
  activity: Activity,
  options: RobotOptions = {},
): Promise<void> {
  try {
    await detect(day, activity, options);
    await day.say('robot', 'decided', day.scenario.robot.map(sayAction).join('; then '));
    for (const step of day.scenario.robot) {
      assertGoingOn(activity.signal);
      await take(step, day, hands, activity);
    }
    const { recovered, checks } = await day.claim('robot', activity);
    if (recovered) return;
    const wrong = checks.find(({ holds }) => !holds);
    const what = wrong
      ? `${wrong.service}: ${wrong.name}: expected ${wrong.expected}, found ${wrong.found}`
      : 'not all was asked';
    await day.end('given-up', plainLine(`what the robot did has not recovered it: ${what}`, 400));
  } catch (error) {
    if (!(error instanceof FiredrillError) || activity.signal.aborted || error.code === 'INTERRUPTED') {
      await day.end('aborted', 'the robot was interrupted');
      throw error;
    }
    await day.end('given-up', plainLine(`the robot could not go on: ${error.message}`, 400));
  }
}

/** The first steady check that fails is what a monitoring would see. */
async function detect(day: GameDay, activity: Activity, { pollMs = 500, patienceMs = 5_000 }: RobotOptions) {
  // What somebody wishes shows in no check.
  const patience = day.scenario.reason === 'manager-request' ? 0 : patienceMs;
  const untilMs = activity.clock.monotonicMs() + patience;
  for (;;) {
    assertGoingOn(activity.signal);
    const asked = await day.stack.ask(day.scenario.steady, undefined, activity);
    const wrong = asked.find(({ holds }) => !holds);
    if (wrong) {
      return day.say(
        'robot',
        'detected',
        `${wrong.service}: ${wrong.name}: expected ${wrong.expected}, found ${wrong.found}`,
      );
    }
    if (activity.clock.monotonicMs() >= untilMs) {
      return day.say('robot', 'detected', 'no steady check fails: the situation, as it was told');
    }
    await sleep(pollMs, undefined, { signal: activity.signal }).catch(() => {});
  }
}

async function take(step: RobotStep, day: GameDay, hands: RobotHands, activity: Activity): Promise<void> {
  activity.tell({ service: null, phase: 'robot', text: sayAction(step) });
  if (step.do === 'rebuild') return day.rebuild(step.service, 'robot', activity);
  if (step.do === 'restore') {
    const at = await pointOf(step, day, hands);
    await hands.restore({ service: step.service, reason: day.scenario.reason, at, from: step.from, parts: step.parts });
    await day.noticeRestores(hands.reportsFolder);
    return;
  }
  await day.say('robot', 'step', sayAction(step));
  await day.stack.act(step, activity);
}

async function pointOf({ at, service }: RestoreStep, day: GameDay, hands: RobotHands): Promise<string | undefined> {
  if (at === 'newest') return undefined;
  if (at === 'before-statement') return hands.beforeStatement(service);
  if (at === 'last-good') return hands.lastGood(service);
  return new Date(day.disasterAt.getTime() - at.beforeDisasterMs).toISOString();
}

function assertGoingOn(signal: AbortSignal): void {
  if (signal.aborted) throw new FiredrillError('INTERRUPTED', 'interrupted');
}
