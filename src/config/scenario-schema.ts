import { z } from 'zod';
import { restoreReasons } from '../model/objectives.ts';
import { checkName, expectationKeys, expectations } from './check-schema.ts';
import { duration, name } from './scalars.ts';
import type { ConfiguredEngine } from './schema.ts';

/** A service of the configuration, as scenarios are held to it. */
export interface KnownService {
  service: string;
  engine: ScenarioEngine;
}

/** What a scenario may ask of an engine. */
export interface ScenarioEngine extends ConfiguredEngine {
  /** Present: a replica can follow it. */
  readonly following?: unknown;
  readonly increments?: { readonly destructive?: unknown };
  readonly carrier?: { readonly parts?: string };
  /** With `openLive`: applications can be run on it in a stack. */
  readonly entrance?: NonNullable<ConfiguredEngine['entrance']> & { readonly openLive?: unknown };
  /** Present: a stack can raise it. */
  readonly machines?: unknown;
}

/** Of the stack: whatever the vaults of the configuration are called. */
export const stackVaults = ['onsite', 'offsite'] as const;

const text = z.string().trim().min(1);
const service = name.describe('name of a service of the configuration');
const services = z.array(service).min(1);
const vault = z.enum(stackVaults).describe('of the stack: the place where backups are made, or the other one');

const actions = [
  z.strictObject({
    do: z.literal('statements').describe('statements by the service’s own client, as its administrator'),
    service,
    text: text.describe('SQL or InfluxQL'),
  }),
  z.strictObject({
    do: z.literal('script').describe('a shell script inside the service’s machine, as its administrator'),
    service,
    text: text.describe('for sh'),
  }),
  z.strictObject({
    do: z.literal('backup').describe('as `firedrill backup` does it'),
    services,
    full: z.boolean().default(false).describe('a full backup; else an increment where there is something to build on'),
  }),
  z.strictObject({ do: z.literal('sync').describe('copies the backups to the other place') }),
  z.strictObject({
    do: z.literal('lose').describe('the machine and its disk are gone'),
    service,
    replica: z.boolean().default(false).describe('that of the replica'),
  }),
  z.strictObject({ do: z.literal('lose-vault').describe('all that lies in a vault is gone'), vault }),
  z.strictObject({
    do: z.literal('corrupt').describe('bytes of the newest increment change where they lie; its size does not'),
    service,
    vault,
  }),
] as const;

const action = z.discriminatedUnion('do', actions);

const rebuild = z.strictObject({
  do: z.literal('rebuild').describe('an empty machine, as the playbook makes it'),
  service,
});

const restore = z.strictObject({
  do: z.literal('restore').describe('as `firedrill restore --to source` does it'),
  service,
  at: z
    .union([
      z.enum(['newest', 'before-statement', 'last-good']),
      z.strictObject({ beforeDisaster: duration.describe('so long before the disaster') }),
    ])
    .default('newest')
    .describe(
      'newest; before-statement, right before the newest destructive statement; last-good, what a drill finds so; or { beforeDisaster: <duration> }',
    ),
  from: vault.optional().describe('from which vault of the stack; the one where backups are made by default'),
  parts: z
    .array(text)
    .min(1)
    .optional()
    .describe('only these tables, measurements or dashboards, beside the live data; else the whole, in its place'),
});

const robotStep = z.discriminatedUnion('do', [...actions, rebuild, restore]);

const minutes = z.strictObject({
  text: text.describe('what is told'),
  costs: duration.describe('what it costs on the clock'),
});

const oneExpectation = `at least one of ${expectationKeys.join(', ')}; or asBefore: true`;
const alone = 'not beside asBefore: the answer before the disaster is what is expected';

/** The scenario of a file; `known`: the services that it is held to, where they are known. */
export function scenarioSchema(engines: readonly ScenarioEngine[], known?: readonly KnownService[]) {
  const whole = z.strictObject({
    title: text.describe('in one line, for lists and reports'),
    reason: z.enum(restoreReasons).describe('why a restore is done'),
    roles: z
      .array(z.strictObject({ role: text, does: text }))
      .min(1)
      .describe('who takes part, and what each of them does'),
    situation: text.describe('what is told when the clock starts; it does not say what was injected'),
    services: services.describe('those that are raised'),
    replicas: z.array(service).default([]).describe('of those, the ones that a replica follows'),
    prepare: z.array(action).default([]).describe('between the seed and the disaster: work, backups, copies'),
    steady: checks(engines).describe('what must hold before the disaster, and once more at the end; by name'),
    inject: z.array(action).min(1).describe('the disaster'),
    recovered: checks(engines).describe('what counts as recovered; by name'),
    limit: duration.describe('from the disaster until it is recovered, the minutes of hints included'),
    hints: z.array(minutes).default([]).describe('in the order in which they are given'),
    robot: z.array(robotStep).min(1).describe('how firedrill recovers by itself'),
    rollBack: text.describe('what becomes of it all at the end, for people'),
  });
  return whole.superRefine((given, context) => {
    for (const { path, message } of faultsOf(given, engines, known))
      context.addIssue({ code: 'custom', path, message });
  });
}

export type RawScenario = z.infer<ReturnType<typeof scenarioSchema>>;
type RawCheck = RawScenario['steady'][string];
type RawStep = RawScenario['robot'][number];

/** Questions to live services: the keys by which any engine is asked; which of them fit is judged by the service. */
function checks(engines: readonly ScenarioEngine[]) {
  const keys = Object.assign({}, ...engines.map(({ questions }) => questions?.keys ?? {})) as z.ZodRawShape;
  const question = z.object(keys).partial().shape as Record<string, z.ZodType<unknown>>;
  const shape = {
    service,
    ...expectations,
    asBefore: z.boolean().default(false).describe('the answer must be what it was right before the disaster'),
    within: duration.prefault('1m').describe('how long the answer may take'),
  };
  const check = z.strictObject({ ...question, ...shape } as typeof shape).superRefine((given, context) => {
    const has = expectationKeys.some((key) => given[key] !== undefined);
    if (given.asBefore && has) context.addIssue({ code: 'custom', path: ['asBefore'], message: alone });
    if (!given.asBefore && !has) context.addIssue({ code: 'custom', path: [], message: oneExpectation });
  });
  return z.record(checkName, check).refine((all) => Object.keys(all).length > 0, 'at least one check');
}

interface Fault {
  path: (string | number)[];
  message: string;
}

function* faultsOf(given: RawScenario, engines: readonly ScenarioEngine[], known?: readonly KnownService[]) {
  const raised = `one of services: ${given.services.join(', ')}`;
  const named = known?.map((each) => each.service);
  for (const [i, each] of given.services.entries()) {
    if (named && !named.includes(each)) {
      yield { path: ['services', i], message: `a service of the configuration: ${named.join(', ')}` };
    }
  }
  for (const [i, each] of given.services.entries()) {
    const engine = engineOf(each, known);
    if (engine && !engine.machines) {
      yield {
        path: ['services', i],
        message: `a service that a stack can raise; ${engine.title} cannot be raised yet`,
      };
    }
  }
  for (const { path, service: each } of mentions(given)) {
    if (!given.services.includes(each)) yield { path, message: raised };
  }
  yield* stepFaults('prepare', given.prepare, given, known);
  yield* stepFaults('inject', given.inject, given, known);
  yield* stepFaults('robot', given.robot, given, known);
  for (const [i, each] of given.replicas.entries()) {
    const engine = engineOf(each, known);
    if (engine && !engine.following)
      yield { path: ['replicas', i], message: `a service that a replica can follow; none follows ${engine.title}` };
  }
  for (const part of ['steady', 'recovered'] as const) {
    for (const [label, each] of Object.entries(given[part])) {
      for (const fault of questionFaults(each, engines, known)) yield { ...fault, path: [part, label, ...fault.path] };
    }
  }
}

function* mentions(given: RawScenario): Generator<{ path: (string | number)[]; service: string }> {
  for (const [i, each] of given.replicas.entries()) yield { path: ['replicas', i], service: each };
  for (const part of ['steady', 'recovered'] as const) {
    for (const [label, each] of Object.entries(given[part])) {
      yield { path: [part, label, 'service'], service: each.service };
    }
  }
  for (const part of ['prepare', 'inject', 'robot'] as const) {
    for (const [i, step] of given[part].entries()) {
      if ('service' in step) yield { path: [part, i, 'service'], service: step.service };
      if ('services' in step) {
        for (const [n, each] of step.services.entries()) yield { path: [part, i, 'services', n], service: each };
      }
    }
  }
}

function* stepFaults(
  part: string,
  steps: readonly RawStep[],
  { replicas }: RawScenario,
  known?: readonly KnownService[],
): Generator<Fault> {
  for (const [i, step] of steps.entries()) {
    if (step.do === 'lose' && step.replica && !replicas.includes(step.service)) {
      yield { path: [part, i, 'replica'], message: 'only of a service that stands under replicas' };
    }
    const engine = 'service' in step ? engineOf(step.service, known) : undefined;
    if (!engine) continue;
    for (const fault of impossible(step, engine)) yield { ...fault, path: [part, i, ...fault.path] };
  }
}

/** The keys of questions that are a language in which one can also write. */
const languages = ['sql', 'influxql'];

function* impossible(step: RawStep, engine: ScenarioEngine): Generator<Fault> {
  const { title } = engine;
  if (step.do === 'statements' && !languages.some((key) => engine.questions?.keys[key])) {
    yield { path: ['do'], message: `script, for ${title} has no language for statements` };
  }
  if (step.do === 'corrupt' && !engine.increments)
    yield { path: ['do'], message: `another disaster, for ${title} has no increments` };
  if (step.do !== 'restore') return;
  if (step.at === 'before-statement' && !engine.increments?.destructive) {
    yield { path: ['at'], message: `another point, for ${title} keeps no log of statements` };
  }
  if (step.parts && !engine.carrier?.parts) {
    yield { path: ['parts'], message: `no parts, for of ${title} only the whole is restored` };
  }
}

function* questionFaults(
  check: RawCheck,
  engines: readonly ScenarioEngine[],
  known?: readonly KnownService[],
): Generator<Fault> {
  const engine = engineOf(check.service, known);
  const given: Record<string, unknown> = check;
  const asked = engines.flatMap((each) => mustKeys(each).filter((key) => given[key] !== undefined));
  const wanted = engine ? mustKeys(engine) : [];
  if (asked.length === 0) yield { path: [], message: `a question: ${engines.flatMap(mustKeys).join(', ')}` };
  for (const key of asked) {
    if (engine && !wanted.includes(key))
      yield { path: [key], message: `${wanted.join(', ')}, as ${engine.title} is asked` };
  }
  if (asked.length > 1) yield { path: [], message: 'one question' };
}

/** The keys without which an engine is asked nothing. */
function mustKeys({ questions }: ScenarioEngine): string[] {
  return Object.entries(questions?.keys ?? {}).flatMap(([key, schema]) =>
    (schema as z.ZodType).safeParse(undefined).success ? [] : [key],
  );
}

function engineOf(service: string, known?: readonly KnownService[]): ScenarioEngine | undefined {
  return known?.find((each) => each.service === service)?.engine;
}
