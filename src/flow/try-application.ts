import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { judgePage } from '../checks/application.ts';
import type { Activity } from '../kit/activity.ts';
import { exitStatus, FiredrillError, messageOf } from '../kit/errors.ts';
import { fillIn } from '../kit/template.ts';
import { plainLine } from '../kit/text.ts';
import { formatDuration } from '../kit/units.ts';
import {
  type Access,
  type Application,
  type ApplicationStep,
  parsePlace,
  placesOf,
  type StepBody,
  sayStep,
  servicesOf,
} from '../model/application.ts';
import { type CheckResult, Look } from '../model/check.ts';
import type { ApplicationRecord } from '../model/journal.ts';
import {
  type ApplicationPlace,
  applicationSockets,
  type RunningApplication,
  startApplication,
} from '../sandbox/application/running-application.ts';
import type { Visitor } from '../sandbox/application/visitor.ts';
import { resolveImage } from '../sandbox/images.ts';

const pollMs = 100;
/** Of one try whether it is ready; a server that starts may hang with its first visitor. */
const readyAnswerMs = 5_000;
const leastAnswerMs = 1_000;
/** It takes Docker a moment to notice that a container has ended. */
const endedMs = 1_000;
const shownLogLines = 6;

/** Where an application is run, and how its services let it in. */
export interface Stage {
  place: ApplicationPlace;
  pull: 'missing' | 'never';
  /** Asked when the application starts, once for each service that its environment names. */
  access(service: string): Promise<Access>;
  /** Why whatever went wrong may not be the application's fault; asked when something has. */
  trouble(): Promise<FiredrillError | undefined>;
}

export interface TriedApplication {
  result: CheckResult;
  record: ApplicationRecord;
}

/**
 * Runs an application beside what was restored, waits until it is ready, takes its steps, and removes it. What it writes goes
 * into the restored copy. It fails when the application does not work there; it is inconclusive when the drill's own
 * world is to blame: no image, not enough memory, no Docker. Throws INTERRUPTED only.
 */
export async function tryApplication(
  application: Application,
  stage: Stage,
  activity: Activity,
): Promise<TriedApplication> {
  const trial = new Trial(application, stage, activity);
  await trial.run();
  return { result: trial.result(), record: trial.record };
}

class Trial {
  readonly record: ApplicationRecord;
  readonly #application: Application;
  readonly #stage: Stage;
  readonly #activity: Activity;
  readonly #look: Look;
  readonly #random = `drill-${randomBytes(8).toString('hex')}`;
  /** What no report may show. */
  readonly #secrets: string[] = [];

  constructor(application: Application, stage: Stage, activity: Activity) {
    const { application: name, steps } = application;
    this.#application = application;
    this.#stage = stage;
    this.#activity = activity;
    // Being ready is the first.
    this.#look = new Look('application', name, 'steps', 1 + steps.length);
    const services = servicesOf(application);
    this.record = {
      ...{ application: name, services, image: null, readyMs: null },
      steps: { expected: steps.length, taken: 0 },
    };
  }

  get #name(): string {
    return this.#application.application;
  }

  result(): CheckResult {
    return hidden(this.#look.result(), this.#secrets);
  }

  async run(): Promise<void> {
    try {
      const { image, env, sockets } = await this.#prepare();
      const { command, user, tmpfs, limits, port } = this.#application;
      const recipe = { application: this.#name, command, user, env, tmpfs, limits, port, sockets };
      const startedMs = this.#activity.clock.monotonicMs();
      await using running = await startApplication(this.#stage.place, image, recipe);
      // Awaited here: it must outlive its steps.
      await this.#take(running, startedMs);
    } catch (error) {
      this.#assertNotInterrupted();
      await this.#blame(error, '');
    }
  }

  async #prepare() {
    const { place, pull } = this.#stage;
    const image = await resolveImage(place.docker, this.#application.image, pull);
    this.record.image = image;
    const accesses = new Map<string, Access>();
    for (const service of this.record.services) {
      const access = await this.#stage.access(service);
      if (access.password) this.#secrets.push(access.password);
      const socket = access.socket === undefined ? {} : { socket: `${applicationSockets}/${service}/${access.socket}` };
      accesses.set(service, { ...access, ...socket });
    }
    const env = Object.entries(this.#application.env).map(([name, template]) => [
      name,
      fillIn(template, (at) => valueAt(at, accesses)),
    ]);
    const bySocket = placesOf(this.#application).filter(({ key }) => key === 'socket');
    const sockets = [...new Set(bySocket.map(({ service }) => service))];
    return { image, env: Object.fromEntries(env) as Record<string, string>, sockets };
  }

  async #take(running: RunningApplication, startedMs: number) {
    try {
      const visitor = running.visitor();
      await this.#untilReady(running, visitor, startedMs);
      for (const [i, step] of this.#application.steps.entries()) {
        const { application: service } = this.#application;
        this.#activity.tell({ service, phase: 'application', text: sayStep(step) });
        if (!(await this.#step(i + 1, step, running, visitor))) return;
      }
    } catch (error) {
      this.#assertNotInterrupted();
      await this.#blame(error, await lastWords(running));
    }
  }

  async #untilReady(running: RunningApplication, visitor: Visitor, startedMs: number) {
    const { clock, signal } = this.#activity;
    const { ready: path, withinMs } = this.#application;
    let last = 'nobody answers on its port';
    for (;;) {
      const leftMs = startedMs + withinMs - clock.monotonicMs();
      const code = await running.ended();
      if (code !== undefined) throw fault(`it ended with status ${code} before it was ready`);
      if (leftMs <= 0) throw fault(`it was not ready within ${formatDuration(withinMs)}: ${last}`);
      const visit = { method: 'GET', path, headers: {}, body: undefined, followRedirects: false };
      const answerMs = Math.min(Math.max(Math.ceil(leftMs), leastAnswerMs), readyAnswerMs);
      const page = await visitor.visit({ ...visit, withinMs: answerMs }, signal);
      if (!('refusal' in page) && page.status < 400) break;
      // A last try that the deadline has cut short tells less than the one before it.
      if (clock.monotonicMs() - startedMs >= withinMs) continue;
      last = 'refusal' in page ? page.refusal : `GET ${path} answers with status ${page.status}`;
      await sleep(pollMs, undefined, { signal }).catch(() => {});
    }
    this.record.readyMs = clock.monotonicMs() - startedMs;
    this.#look.sawOne().compare('is ready', `within ${formatDuration(withinMs)}`, `within ${formatDuration(withinMs)}`);
  }

  /** Whether all that is expected of it holds. */
  async #step(n: number, step: ApplicationStep, running: RunningApplication, visitor: Visitor): Promise<boolean> {
    const filled = filledIn(step, this.#random);
    const { status } = filled.expect;
    const followRedirects = status === undefined || status < 300 || status > 399;
    const page = await visitor.visit({ ...filled, ...bodyOf(filled), followRedirects }, this.#activity.signal);
    const what = `step ${n}, ${sayStep(filled)}`;
    if ('refusal' in page) throw fault(`${what}, got no answer: ${await whyNone(running, page.refusal)}`);
    this.#look.sawOne();
    this.record.steps.taken += 1;
    const judged = judgePage(filled.expect, page);
    for (const { expected, found, holds } of judged) {
      this.#look.compare(`${n}. ${sayStep(filled)}`, expected, holds ? expected : found);
    }
    const [first, ...more] = judged.filter(({ holds }) => !holds);
    if (!first) return true;
    const expected = [first, ...more].map((each) => each.expected).join('; ');
    const found = [first, ...more].map((each) => each.found).join('; ');
    await this.#blame(fault(`${what}, did not answer as it must`), await lastWords(running), expected, found);
    return false;
  }

  /** Before an application is blamed, the drill's own world is asked whether it is well. */
  async #blame(error: unknown, log: string, expected?: string, found?: string) {
    const cause = (await this.#stage.trouble()) ?? error;
    const sentence = `${this.#name}: ${messageOf(cause)}`;
    const words = [found, log].filter((each) => each).join('\n');
    const more = { ...(expected === undefined ? {} : { expected }), ...(words === '' ? {} : { found: words }) };
    if (!(cause instanceof FiredrillError)) {
      this.#look.couldNot({ sentence, ...more, next: 'Report this as a fault of firedrill.' });
    } else if (cause.exit === exitStatus.drillFailed) {
      this.#look.fail({ sentence, ...more, next: nextOf(this.#name) });
    } else this.#look.couldNot({ sentence, ...more, next: cause.hint });
  }

  #assertNotInterrupted() {
    if (!this.#activity.signal.aborted) return;
    throw new FiredrillError('INTERRUPTED', 'the application was interrupted, and removed');
  }
}

const nextOf = (name: string) =>
  `Look at what the application needs of its data, and at applications.${name} in the configuration, then run: firedrill drill`;

/** What the application did. */
const fault = (sentence: string) => new FiredrillError('RESTORE_FAILED', sentence);

function valueAt(place: string, accesses: ReadonlyMap<string, Access>): string {
  const parsed = parsePlace(place);
  const value = parsed && accesses.get(parsed.service)?.[parsed.key];
  if (value !== undefined) return value;
  throw new FiredrillError('CONFIG_INVALID', `an application is told \${${place}}, and there is no such thing`);
}

function filledIn(step: ApplicationStep, random: string): ApplicationStep {
  const fill = (template: string) => fillIn(template, () => random);
  const { body, expect } = step;
  return {
    ...step,
    path: fill(step.path),
    headers: filledFields(step.headers, fill),
    body: body && filledBody(body, fill),
    expect: {
      ...expect,
      contains: expect.contains.map(fill),
      notContains: expect.notContains.map(fill),
      equals: typeof expect.equals === 'string' ? fill(expect.equals) : expect.equals,
    },
  };
}

type Fill = (template: string) => string;

const filledFields = (fields: Readonly<Record<string, string>>, fill: Fill) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, fill(value)]));

function filledBody(body: StepBody, fill: Fill): StepBody {
  if (body.kind === 'form') return { kind: 'form', fields: filledFields(body.fields, fill) };
  if (body.kind === 'text') return { kind: 'text', text: fill(body.text) };
  const text = JSON.stringify(body.value, (_, value: unknown) => (typeof value === 'string' ? fill(value) : value));
  return { kind: 'json', value: JSON.parse(text) };
}

/** The bytes of a body, and the header that says what they are, where the step says nothing else. */
function bodyOf({ body, headers }: ApplicationStep) {
  if (!body) return { headers, body: undefined };
  const typed = (type: string) => ({ 'Content-Type': type, ...headers });
  if (body.kind === 'text') return { headers, body: body.text };
  return body.kind === 'form'
    ? { headers: typed('application/x-www-form-urlencoded'), body: String(new URLSearchParams(body.fields)) }
    : { headers: typed('application/json'), body: JSON.stringify(body.value) };
}

/** Why a page was refused. Throws when the application was killed. */
async function whyNone(running: RunningApplication, refusal: string): Promise<string> {
  for (const end = performance.now() + endedMs; performance.now() < end; await sleep(pollMs)) {
    const code = await running.ended();
    if (code !== undefined) return `it ended with status ${code}`;
  }
  return refusal;
}

/** A few lines of what it said last; empty when it said nothing. */
async function lastWords(running: RunningApplication): Promise<string> {
  const log = await running.logs().catch(() => '');
  const lines = log.trimEnd().split('\n').slice(-shownLogLines);
  return lines[0] === '' ? '' : ['its last words:', ...lines.map((each) => plainLine(each, 300))].join('\n');
}

/** An application may say its password: in its log, on its pages. */
function hidden(result: CheckResult, secrets: readonly string[]): CheckResult {
  const hide = (text: string) => secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
  const texts = <T extends object>(each: T): T =>
    Object.fromEntries(
      Object.entries(each).map(([key, value]) => [key, typeof value === 'string' ? hide(value) : value]),
    ) as T;
  return { ...result, findings: result.findings.map(texts), comparisons: result.comparisons.map(texts) };
}
