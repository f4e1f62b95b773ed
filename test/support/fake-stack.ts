import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '../../src/flow/gameday/stack.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import type { AskedRecord } from '../../src/model/gameday-journal.ts';
import { applicationCheck } from '../../src/model/gameday-record.ts';
import type { Action, Scenario, ScenarioCheck } from '../../src/model/scenario.ts';

interface State {
  /** What each service says. */
  said: Record<string, string>;
  done: string[];
  gone: boolean;
}

/**
 * A stack without containers: services that say a word, and say another one by a statement. It lies in a file, so that another
 * process finds it again.
 */
export class FakeStack implements Stack {
  readonly folder: string;
  readonly isolation = [{ what: 'the world', expected: 'unreachable' as const, found: 'unreachable', ok: true }];
  readonly #services: readonly string[];

  constructor(folder: string, services: readonly string[]) {
    this.folder = folder;
    this.#services = services;
  }

  static raise(scenario: Pick<Scenario, 'services'>, folder: string): FakeStack {
    mkdirSync(join(folder, 'reports'), { recursive: true });
    const stack = new FakeStack(folder, scenario.services);
    stack.#write({ said: Object.fromEntries(scenario.services.map((each) => [each, 'well'])), done: [], gone: false });
    return stack;
  }

  static attach(folder: string): FakeStack | undefined {
    if (!existsSync(fileIn(folder))) return undefined;
    const stack = new FakeStack(folder, []);
    const { said, gone } = stack.state;
    return gone ? undefined : new FakeStack(folder, Object.keys(said));
  }

  get configFile(): string {
    return join(this.folder, 'firedrill.yaml');
  }

  get services() {
    return this.#services.map((service) => ({
      ...{ service, engine: 'file', title: 'File', container: `game-${service}`, replica: null, image: 'file:1' },
      ...{ engineVersion: '1.0', standIn: false },
    }));
  }

  get state(): State {
    return JSON.parse(readFileSync(fileIn(this.folder), 'utf8'));
  }

  async act(action: Action): Promise<void> {
    this.#note(action.do);
    if (action.do !== 'statements') return;
    if (action.text === 'refused') throw new FiredrillError('TOOL_FAILED', 'the statement was refused');
    this.say(action.service, action.text);
  }

  /** As somebody does who works with the stack in another terminal. */
  say(service: string, word: string): void {
    const state = this.state;
    this.#write({ ...state, said: { ...state.said, [service]: word } });
  }

  async rebuild(service: string): Promise<void> {
    this.#note(`rebuild ${service}`);
    this.say(service, 'nothing');
  }

  async ask(checks: readonly ScenarioCheck[], before: readonly AskedRecord[] | undefined): Promise<AskedRecord[]> {
    const { said } = this.state;
    return checks.map(({ service, name, asBefore, expectation }) => {
      const found = said[service] ?? 'nothing';
      const then = before?.find((each) => each.service === service && each.name === name)?.found;
      const expected = asBefore ? (then ?? found) : String(expectation.equals);
      return { service, name, holds: found === expected, expected, found };
    });
  }

  /** They work while the first service says `well`. */
  async tryApplications(names: readonly string[]): Promise<AskedRecord[]> {
    if (names.length > 0) this.#note(`try ${names.join()}`);
    const [word = ''] = Object.values(this.state.said);
    return names.map((service) => ({
      ...{ service, name: applicationCheck, holds: word === 'well', expected: 'ready, and 1 step', found: word },
    }));
  }

  async dispose() {
    const isThere = !this.state.gone;
    this.#write({ ...this.state, gone: true });
    return isThere ? [{ what: 'container game-agama', ok: true, sentence: 'it was removed' }] : [];
  }

  #note(what: string): void {
    const state = this.state;
    this.#write({ ...state, done: [...state.done, what] });
  }

  #write(state: State): void {
    writeFileSync(fileIn(this.folder), JSON.stringify(state));
  }
}

const fileIn = (folder: string) => join(folder, 'fake.json');
