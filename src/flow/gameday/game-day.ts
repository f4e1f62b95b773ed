import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Activity } from '../../kit/activity.ts';
import { type MomentSource, momentNow, passedBetween } from '../../kit/boot-clock.ts';
import { compactInstant } from '../../kit/clock.ts';
import { FiredrillError, isFiredrillError, messageOf, systemCode } from '../../kit/errors.ts';
import { count, plainLine } from '../../kit/text.ts';
import { formatDuration } from '../../kit/units.ts';
import type { EndedHow, GameDayEvent, GameDayHappening } from '../../model/gameday-event.ts';
import type { AskedRecord, Attempt, GameDayJournal, TimelineKind } from '../../model/gameday-journal.ts';
import { applicationCheck, claimChecks, journalOfEvents } from '../../model/gameday-record.ts';
import type { Action, Scenario } from '../../model/scenario.ts';
import { appendEvent, eventsFile, readEvents } from '../../report/gameday/event-log.ts';
import { clockOf, markRunning, unmarkRunning } from '../../report/gameday/running-gameday.ts';
import { noticeRestores } from './notice-restores.ts';
import type { Stack } from './stack.ts';
import { sayAction } from './words.ts';

/** Who is at it, and where it is written down. */
export interface GameDayOrder {
  scenario: Scenario;
  /** The folder of all game days. */
  folder: string;
  operator: string;
  robot: boolean;
  environment: GameDayJournal['environment'];
  /** Raises the stack in a folder of its own. */
  raise(folder: string, activity: Activity): Promise<Stack>;
  now?: MomentSource;
}

export interface AttachOrder {
  folder: string;
  id: string;
  /** Finds the stack again; undefined where nothing of it is left. */
  attach(folder: string): Promise<Stack | undefined>;
  now?: MomentSource;
}

/** Who acts: a person, or firedrill itself. */
export type Actor = 'operator' | 'robot';

const interrupted = 'the game day was interrupted before its clock was told';
const steadyHint = 'Mend steady of the scenario, or the backup that the stack is made of; then run the same again.';
const stackFolder = 'stack';
/** Game days of one scenario that begin in one second. */
const maxNamesakes = 20;

/**
 * One game day: each thing that happens is on the disk before the next one is done, and all that is known of it comes from
 * there. So whoever attaches to it later goes on where the terminal before was.
 */
export class GameDay {
  readonly id: string;
  readonly folder: string;
  readonly scenario: Scenario;
  readonly robot: boolean;
  readonly #gameDays: string;
  readonly #now: MomentSource;
  #stack: Stack | undefined;
  #events: GameDayEvent[];

  private constructor(gameDays: string, id: string, events: GameDayEvent[], now: MomentSource) {
    const [begun] = events;
    if (begun?.kind !== 'begun') throw new FiredrillError('INTERNAL', 'a game day without a beginning');
    this.#gameDays = gameDays;
    this.id = id;
    this.folder = join(gameDays, id);
    this.scenario = begun.scenario;
    this.robot = begun.robot;
    this.#events = events;
    this.#now = now;
  }

  /** Makes its folder, and marks it as the one that goes on. Nothing is raised yet. */
  static async open({
    scenario,
    folder,
    operator,
    robot,
    environment,
    now = momentNow,
  }: GameDayOrder): Promise<GameDay> {
    const id = await makeFolder(folder, `${compactInstant(new Date(now().at))}-${scenario.name}`);
    await markRunning(folder, id);
    const happening = { kind: 'begun', id, scenario, operator, robot, environment } as const;
    return new GameDay(folder, id, [await appendEvent(join(folder, id, eventsFile), happening, now)], now);
  }

  /** Goes on with one that a terminal has left. JOURNAL_INVALID when nothing of it can be read. */
  static async attach({ folder, id, attach, now = momentNow }: AttachOrder): Promise<GameDay> {
    const day = new GameDay(folder, id, await readEvents(join(folder, id, eventsFile)), now);
    day.#stack = await attach(join(day.folder, stackFolder));
    return day;
  }

  /**
   * Raises the stack, looks whether it is steady, injects, and starts the clock. Returns why there is no game day, when the stack
   * cannot be raised or is not steady: it has ended as `not-begun` then. Whatever else is thrown, it was cleaned up before.
   */
  async begin(raise: GameDayOrder['raise'], activity: Activity): Promise<FiredrillError | undefined> {
    try {
      await this.#disaster(await this.#raise(raise, activity), activity);
      return undefined;
    } catch (error) {
      if (activity.signal.aborted || isFiredrillError(error, 'INTERRUPTED')) {
        await this.end('aborted', interrupted);
        throw new FiredrillError('INTERRUPTED', interrupted, { cause: error });
      }
      await this.end('not-begun', plainLine(messageOf(error), 400));
      if (error instanceof FiredrillError) return error;
      throw error;
    }
  }

  /** Returns what the applications came to. */
  async #raise(raise: GameDayOrder['raise'], activity: Activity): Promise<AskedRecord[]> {
    const { scenario } = this;
    this.#stack = await raise(join(this.folder, stackFolder), activity);
    const { configFile, services, isolation } = this.#stack;
    await this.#write({
      kind: 'raised',
      configFile,
      services: services.map(({ container: _, replica, ...each }) => ({ ...each, replica: replica !== null })),
      isolation: [...isolation],
    });
    const open = isolation.find((probe) => !probe.ok);
    if (open) throw new FiredrillError('SANDBOX_FAILED', `the stack is not sealed: ${open.what} is ${open.found}`);
    // What they write is in the backups that follow, and was there before the disaster.
    const applications = await this.stack.tryApplications(scenario.applications, activity);
    for (const action of scenario.prepare) await this.#act(action, activity);
    return applications;
  }

  async #disaster(applications: readonly AskedRecord[], activity: Activity): Promise<void> {
    const { scenario } = this;
    const stack = this.stack;
    const checks = [...(await stack.ask(scenario.steady, undefined, activity)), ...applications];
    await this.#write({ kind: 'steady', checks });
    const wrong = checks.find(({ holds }) => !holds);
    if (wrong || checks.length !== scenario.steady.length + scenario.applications.length) {
      const what = wrong
        ? `${wrong.service}: ${wrong.name} (expected ${wrong.expected}, found ${wrong.found})`
        : 'not all was asked';
      throw new FiredrillError('SANDBOX_FAILED', `the stack is not steady before the disaster: ${what}`, {
        hint: steadyHint,
      });
    }
    // What must be as before has nothing before it to be compared with: only what it answers counts.
    const before = await stack.ask(
      scenario.recovered.filter(({ asBefore }) => asBefore),
      undefined,
      activity,
    );
    await this.#write({ kind: 'disaster', before });
    for (const action of scenario.inject) {
      await this.#act(action, activity);
      await this.#write({ kind: 'injected', what: sayAction(action) });
    }
    await this.#write({ kind: 'told' });
  }

  async #act(action: Action, activity: Activity): Promise<void> {
    activity.tell({ service: null, phase: 'game day', text: sayAction(action) });
    await this.stack.act(action, activity);
  }

  get stack(): Stack {
    if (this.#stack) return this.#stack;
    throw new FiredrillError('SANDBOX_FAILED', 'nothing is left of the stack of this game day', {
      hint: 'Run: firedrill gameday --abort',
    });
  }

  get hasStack(): boolean {
    return this.#stack !== undefined;
  }

  get stackFolder(): string {
    return join(this.folder, stackFolder);
  }

  get events(): readonly GameDayEvent[] {
    return this.#events;
  }

  /** Whether the disaster has happened, and nothing has ended it. */
  get goesOn(): boolean {
    return this.#has('told') && !this.#has('ended');
  }

  get ended(): boolean {
    return this.#has('ended');
  }

  /** Instant right before the disaster, by the wall clock of then. */
  get disasterAt(): Date {
    const found = this.#events.find(({ kind }) => kind === 'disaster');
    if (!found) throw new FiredrillError('INTERNAL', 'there was no disaster yet');
    return new Date(found.moment.at);
  }

  /** Since the disaster, the minutes of hints included. */
  clockMs(): number {
    return clockOf(this.#events, this.#now()) ?? 0;
  }

  /** What others have written down since, such as an abort from elsewhere. */
  async refresh(): Promise<void> {
    this.#events = await readEvents(join(this.folder, eventsFile));
  }

  journal(): GameDayJournal {
    return journalOfEvents(this.#events);
  }

  async say(who: Actor | 'firedrill', as: TimelineKind, text: string): Promise<void> {
    await this.#write({ kind: 'said', who, as, text: plainLine(text, 1_000) });
  }

  /** The next hint that was not taken yet; undefined when there is none. */
  nextHint(): { text: string; costsMs: number; number: number } | undefined {
    const taken = this.#events.filter(({ kind }) => kind === 'hint').length;
    const hint = this.scenario.hints[taken];
    return hint && { ...hint, number: taken + 1 };
  }

  async takeHint(): Promise<{ text: string; costsMs: number } | undefined> {
    const hint = this.nextHint();
    if (hint) await this.#write({ kind: 'hint', text: hint.text, costsMs: hint.costsMs });
    return hint;
  }

  /** USAGE for a service that is not there. */
  async rebuild(service: string, who: Actor, activity: Activity): Promise<void> {
    const known = this.stack.services.map((each) => each.service);
    if (!known.includes(service)) {
      throw new FiredrillError('USAGE', `there is no service ${plainLine(service, 60)}; there are ${known.join(', ')}`);
    }
    await this.say(who, 'step', `an empty machine for ${service}`);
    await this.stack.rebuild(service, activity);
    await this.say('firedrill', 'note', `${service} has an empty machine`);
  }

  /** Runs the checks of the recovery, and the steady ones once more. Whoever claims it: they decide. */
  async claim(who: Actor, activity: Activity): Promise<Attempt> {
    await this.#write({ kind: 'claimed', who });
    const disaster = this.#events.find((each) => each.kind === 'disaster');
    const before = disaster?.kind === 'disaster' ? disaster.before : undefined;
    const checks = await this.stack.ask(claimChecks(this.scenario), before, activity);
    const applications = await this.#tryApplications(checks, activity);
    await this.#write({ kind: 'judged', checks: [...checks, ...applications] });
    const attempt = this.journal().attempts.at(-1);
    if (!attempt) throw new FiredrillError('INTERNAL', 'a claim was not judged');
    if (attempt.recovered) await this.end('verified', 'recovered and verified');
    return attempt;
  }

  /** What they write must not change what a later claim is held to: they are run when all else holds. */
  async #tryApplications(checks: readonly AskedRecord[], activity: Activity): Promise<AskedRecord[]> {
    const { applications } = this.scenario;
    if (checks.every(({ holds }) => holds)) return this.stack.tryApplications(applications, activity);
    const found = 'it was not run, because other checks do not hold';
    return applications.map((service) => ({
      ...{ service, name: applicationCheck, holds: false, expected: 'a run', found },
    }));
  }

  /** Writes down the real restores that were made since, as their reports tell. Returns a line for each. */
  async noticeRestores(reportsFolder: string): Promise<string[]> {
    const known = this.#events.flatMap((each) => (each.kind === 'restored' ? [each.record.id] : []));
    const since = this.disasterAt;
    const found = await noticeRestores(reportsFolder, { known, since, now: new Date(this.#now().at) });
    for (const restored of found) {
      await this.#write({ kind: 'restored', who: this.robot ? 'robot' : 'operator', ...restored });
    }
    return found.map(({ sentence }) => sentence);
  }

  async resumed(): Promise<{ steady: boolean }> {
    const last = this.#events.at(-1);
    const { steady } = last ? passedBetween(last.moment, this.#now()) : { steady: true };
    await this.#write({ kind: 'resumed', steady });
    return { steady };
  }

  /** It is over: everything of it is removed but its folder. Safe twice. */
  async end(how: EndedHow, sentence: string): Promise<GameDayJournal> {
    if (!this.#has('ended')) await this.#write({ kind: 'ended', how, sentence });
    const rollBack = (await this.#stack?.dispose()) ?? [];
    await this.#write({ kind: 'rolled-back', rollBack });
    if (rollBack.every(({ ok }) => ok)) await unmarkRunning(this.#gameDays);
    return this.journal();
  }

  #has(kind: GameDayEvent['kind']): boolean {
    return this.#events.some((each) => each.kind === kind);
  }

  async #write(happening: GameDayHappening): Promise<GameDayEvent> {
    const event = await appendEvent(join(this.folder, eventsFile), happening, this.#now);
    this.#events.push(event);
    return event;
  }
}

async function makeFolder(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o750 });
  for (let n = 1; n <= maxNamesakes; n += 1) {
    const id = n === 1 ? name : `${name}-${n}`;
    try {
      await mkdir(join(folder, id), { mode: 0o750 });
      return id;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  }
  throw new FiredrillError('REPORT_WRITE', `${folder} holds ${count(maxNamesakes, 'game day')} ${name} already`);
}

/** For lines: how far the clock has come. */
export function sayClock(clockMs: number, limitMs: number): string {
  const over = clockMs > limitMs ? ', which is over' : '';
  return `${formatDuration(clockMs)} of ${formatDuration(limitMs)}${over}`;
}
