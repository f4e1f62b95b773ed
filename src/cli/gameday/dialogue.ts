import type { GameDay } from '../../flow/gameday/game-day.ts';
import type { Activity } from '../../kit/activity.ts';
import { FiredrillError } from '../../kit/errors.ts';
import { count, plainLine } from '../../kit/text.ts';
import { formatDuration } from '../../kit/units.ts';
import type { Attempt } from '../../model/gameday-journal.ts';
import type { Terminal } from './terminal.ts';
import { type Typed, typedOf } from './typed.ts';

export interface Dialogue {
  day: GameDay;
  terminal: Terminal;
  /** Where the stack's restores leave their reports. */
  reportsFolder: string;
  activity: Activity;
}

/** `ended`: it is over. `left`: the stack stands, the clock runs. */
export type HowItWasLeft = 'ended' | 'left';

/** Talks until it is over, or the terminal goes away. Whatever goes wrong with one command is said, and the clock goes on. */
export async function converse(dialogue: Dialogue): Promise<HowItWasLeft> {
  const talk = new Talk(dialogue);
  while (dialogue.day.goesOn) {
    const left = await talk.turn();
    if (left) return 'left';
  }
  return 'ended';
}

class Talk {
  readonly #day: GameDay;
  readonly #terminal: Terminal;
  readonly #reportsFolder: string;
  readonly #activity: Activity;
  #saidTooLate = false;

  constructor({ day, terminal, reportsFolder, activity }: Dialogue) {
    this.#day = day;
    this.#terminal = terminal;
    this.#reportsFolder = reportsFolder;
    this.#activity = activity;
  }

  /** True when the terminal goes away. */
  async turn(): Promise<boolean> {
    const line = await this.#terminal.ask(() => this.#prompt());
    // Somebody may have aborted it from elsewhere, and a restore may have ended meanwhile.
    await this.#day.refresh();
    if (!this.#day.goesOn) {
      this.#terminal.print('This game day was ended from elsewhere.');
      return false;
    }
    await this.#notice();
    if (line === 'stop') return true;
    if (line === 'end') {
      this.#terminal.print('\nThe input has ended.');
      return true;
    }
    if (line === 'interrupt') return this.#interrupted();
    try {
      return await this.#obey(typedOf(line.text));
    } catch (error) {
      if (!(error instanceof FiredrillError) || error.code === 'INTERRUPTED') throw error;
      this.#terminal.print(`That did not work: ${plainLine(error.message)}\n  next: ${plainLine(error.hint)}`);
      return false;
    }
  }

  #prompt(): string {
    const { limitMs } = this.#day.scenario;
    const clockMs = this.#day.clockMs();
    if (clockMs > limitMs && !this.#saidTooLate) {
      this.#saidTooLate = true;
      this.#terminal.print(
        `\nThe time is over: ${formatDuration(limitMs)}. Go on all the same; it counts as too late.`,
      );
    }
    return `[${sayStopwatch(clockMs)} of ${sayStopwatch(limitMs)}] > `;
  }

  async #notice(): Promise<void> {
    for (const sentence of await this.#day.noticeRestores(this.#reportsFolder)) {
      this.#terminal.print(`Noted: ${plainLine(sentence)}`);
    }
  }

  async #obey(typed: Typed): Promise<boolean> {
    switch (typed.do) {
      case 'nothing':
        return false;
      case 'help':
        this.#terminal.print(promptHelp);
        return false;
      case 'leave':
        return true;
      case 'note':
        return this.#note(typed);
      case 'detected':
      case 'decided':
        return this.#say(typed.do, typed.text);
      case 'hint':
        return this.#hint();
      case 'status':
        return this.#status();
      case 'rebuild':
        await this.#day.rebuild(typed.service, 'operator', this.#activity);
        this.#terminal.print(`${typed.service} has an empty machine. Restore into it: --to source.`);
        return false;
      case 'recovered':
        return this.#claim();
      case 'give up':
        if (await this.#yes('It counts as not recovered, and everything is removed.')) {
          await this.#day.end('given-up', 'it was given up');
        }
        return false;
      case 'abort':
        if (await this.#yes('It counts as aborted, and everything is removed.')) await this.#abort();
        return false;
    }
  }

  async #note({ text, meant }: { text: string; meant: string | undefined }): Promise<boolean> {
    await this.#day.say('operator', 'note', text);
    this.#terminal.print(meant === undefined ? 'Noted.' : `Noted. If you meant a command, type only: ${meant}`);
    return false;
  }

  async #say(as: 'detected' | 'decided', text: string): Promise<boolean> {
    await this.#day.say('operator', as, text === '' ? fallback[as] : text);
    this.#terminal.print(`Noted: ${as}, after ${sayStopwatch(this.#day.clockMs())}.`);
    return false;
  }

  async #hint(): Promise<boolean> {
    const hint = this.#day.nextHint();
    if (!hint) {
      this.#terminal.print('There are no more hints.');
      return false;
    }
    const price = formatDuration(hint.costsMs);
    if (!(await this.#yes(`Hint ${hint.number} of ${this.#day.scenario.hints.length} costs ${price}.`))) return false;
    await this.#day.takeHint();
    this.#terminal.print(`Hint: ${plainLine(hint.text, 1_000)}`);
    return false;
  }

  async #claim(): Promise<boolean> {
    this.#terminal.print('Asking the services …');
    const attempt = await this.#day.claim('operator', this.#activity);
    this.#terminal.print(sayAttempt(attempt));
    return false;
  }

  async #status(): Promise<boolean> {
    const { timeline, attempts, minutes } = this.#day.journal();
    const { scenario, stack } = this.#day;
    const left = scenario.limitMs - this.#day.clockMs();
    const lines = [
      `time: ${left < 0 ? 'it is over' : `${formatDuration(left)} left of ${formatDuration(scenario.limitMs)}`}`,
      `hints: ${timeline.filter(({ kind }) => kind === 'hint').length} of ${scenario.hints.length} taken, ${formatDuration(minutes.penaltyMs)} on the clock`,
      `claims: ${attempts.length}`,
      ...stack.services.map((each) => `${each.service}: ${each.title} in ${each.container}`),
      `configuration: ${stack.configFile}`,
    ];
    this.#terminal.print(lines.join('\n'));
    return false;
  }

  /** Ctrl-C: nobody means to lose a game day by it. */
  async #interrupted(): Promise<boolean> {
    this.#terminal.print(
      '\nabort: remove everything. leave: the stack stands and the clock runs on. Anything else: go on.',
    );
    const line = await this.#terminal.ask(() => 'abort or leave? ');
    if (typeof line === 'string') return true;
    const answer = line.text.trim().toLowerCase();
    if (answer === 'abort') await this.#abort();
    return answer === 'leave';
  }

  async #abort(): Promise<void> {
    await this.#day.end('aborted', 'the operator aborted it');
  }

  async #yes(what: string): Promise<boolean> {
    this.#terminal.print(`${what} Sure? Type yes.`);
    const line = await this.#terminal.ask(() => 'yes or no? ');
    const isYes = typeof line === 'object' && /^y(es)?$/i.test(line.text.trim());
    if (!isYes) this.#terminal.print('Then not.');
    return isYes;
  }
}

const fallback = { detected: 'something is wrong', decided: 'it is decided what to do' };

/** A claim that does not hold is not explained: that would be a hint for nothing. */
export function sayAttempt({ recovered, checks }: Attempt): string {
  if (recovered) return `It is recovered: all ${count(checks.length, 'check')} hold.`;
  const failing = checks.filter(({ holds }) => !holds);
  const services = [...new Set(failing.map(({ service }) => service))].join(', ');
  const where =
    services === ''
      ? 'not all could be asked'
      : `${failing.length} of ${count(checks.length, 'check')} do not hold, of ${services}`;
  return `It is not recovered: ${where}. The clock goes on.`;
}

/** `7:05`, `1:02:33`. */
export function sayStopwatch(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export const promptHelp = `What you can type here:
  detected <what>     you know now that something is wrong, and what
  decided <what>      you know now what you will do
  note <text>         or any other text: it is noted with its instant
  rebuild <service>   an empty machine in the place of the one that it had, as your playbook would make it
  hint                says what the next hint costs, then gives it
  status              the time, the services, where the configuration lies
  recovered           you think that it is recovered: the checks decide
  give up             it counts as not recovered
  abort               everything is removed
  leave               this prompt ends, the clock runs on: firedrill gameday --resume
Restore in another terminal; what you restore is noticed.`;
