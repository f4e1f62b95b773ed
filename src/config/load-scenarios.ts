import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { didYouMean } from '../kit/did-you-mean.ts';
import { FiredrillError, isFiredrillError, messageOf, unlessGone } from '../kit/errors.ts';
import { type Application, placesOf } from '../model/application.ts';
import type { RobotStep, Scenario, ScenarioCheck } from '../model/scenario.ts';
import type { Config } from './config.ts';
import { type JsonSchema, keysOf } from './json-schema.ts';
import { parseYaml } from './parse-yaml.ts';
import { type KnownService, type RawScenario, type ScenarioEngine, scenarioSchema } from './scenario-schema.ts';

/** Those that come with firedrill: for the company of the demo, and to begin with. */
export const ownScenarios = fileURLToPath(new URL('../../drills', import.meta.url));

const maxBytes = 256 * 1024;
const scenarioFile = /^([a-z0-9][a-z0-9-]{0,40})\.yaml$/;

/** A scenario's file, and what came of reading it. */
export interface ListedScenario {
  name: string;
  file: string;
  /** Comes with firedrill. */
  own: boolean;
  scenario: Scenario | undefined;
  /** Why it cannot be rehearsed here: it is not good, or not for this configuration. */
  error: FiredrillError | undefined;
}

type Place = Pick<Config, 'scenariosFolder' | 'services' | 'applications'>;

/** All scenarios by name: those of the configuration's folder, which need not be there, before those of firedrill. */
export async function listScenarios(place: Place, engines: readonly ScenarioEngine[]): Promise<ListedScenario[]> {
  const files = await scenarioFiles(place.scenariosFolder);
  return Promise.all(
    [...files.values()].map(async (each) => {
      try {
        return { ...each, scenario: await readScenario(each, place, engines), error: undefined };
      } catch (error) {
        if (!isFiredrillError(error)) throw error;
        return { ...each, scenario: undefined, error };
      }
    }),
  );
}

/** USAGE when there is none of that name; CONFIG_INVALID with all problems at once. */
export async function loadScenario(name: string, place: Place, engines: readonly ScenarioEngine[]): Promise<Scenario> {
  const files = await scenarioFiles(place.scenariosFolder);
  const found = files.get(name);
  if (found) return readScenario(found, place, engines);
  const near = didYouMean(name, [...files.keys()]);
  throw new FiredrillError('USAGE', `there is no scenario ${name}${near ? `; did you mean ${near}?` : ''}`, {
    hint: 'Run: firedrill gameday',
  });
}

type ScenarioFile = Pick<ListedScenario, 'name' | 'file' | 'own'>;

async function scenarioFiles(folder: string): Promise<Map<string, ScenarioFile>> {
  const files = new Map<string, ScenarioFile>();
  for (const place of [ownScenarios, folder]) {
    for (const entry of (await unlessGone(readdir(place))) ?? []) {
      const name = scenarioFile.exec(entry)?.[1];
      if (name) files.set(name, { name, file: join(place, entry), own: place === ownScenarios });
    }
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function readScenario(
  { name, file, own }: ScenarioFile,
  { services, applications }: Place,
  engines: readonly ScenarioEngine[],
): Promise<Scenario> {
  const known = services.flatMap(({ service, engine }) => {
    const found = engines.find((each) => each.name === engine);
    return found ? [{ service, engine: found }] : [];
  });
  try {
    const scenario = parseScenario(name, await readText(file), `drills/${name}.yaml`, engines, known);
    const raised = known.filter((each) => scenario.services.includes(each.service));
    return { ...scenario, applications: applicationsOn(applications, raised) };
  } catch (error) {
    if (!isFiredrillError(error, 'CONFIG_INVALID')) throw error;
    const hint = own
      ? `It is for the company of the demo. Write one of your own: copy ${file} into the folder that gameDays.scenarios names, and change it.`
      : `Mend ${file}, then run: firedrill gameday`;
    throw new FiredrillError('CONFIG_INVALID', error.message, { detail: error.detail, hint, cause: error });
  }
}

/** Those that find all their services in the stack, and come to them as machines let them in: by TCP. */
function applicationsOn(applications: readonly Application[], raised: readonly KnownService[]): string[] {
  const isOpen = ({ service, key }: { service: string; key: string }) =>
    key !== 'socket' && raised.some((each) => each.service === service && each.engine.entrance?.openLive);
  return applications.filter((each) => placesOf(each).every(isOpen)).map((each) => each.application);
}

async function readText(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > maxBytes)
      throw new FiredrillError('CONFIG_INVALID', `${file} is larger than 256 KiB`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof FiredrillError) throw error;
    throw new FiredrillError('CONFIG_INVALID', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Text → scenario. `known`: the services of the configuration; absent: it is not held to any. */
export function parseScenario(
  name: string,
  text: string,
  shownFile: string,
  engines: readonly ScenarioEngine[],
  known?: readonly KnownService[],
): Scenario {
  const raw = parseYaml(text, shownFile, scenarioSchema(engines, known), () => keysOf(scenarioJsonSchema(engines)));
  const { limit, hints, steady, recovered, robot, ...rest } = raw;
  // In the order of the configuration: as they are raised.
  const services = known
    ? known.map((each) => each.service).filter((each) => raw.services.includes(each))
    : raw.services;
  return {
    ...rest,
    ...{ name, services, limitMs: limit, applications: [] },
    hints: hints.map(({ text: told, costs }) => ({ text: told, costsMs: costs })),
    steady: checksOf(steady, engines, known),
    recovered: checksOf(recovered, engines, known),
    robot: robot.map(stepOf),
  };
}

function checksOf(
  raw: RawScenario['steady'],
  engines: readonly ScenarioEngine[],
  known: readonly KnownService[] | undefined,
): ScenarioCheck[] {
  return Object.entries(raw).map(([label, each]) => {
    const { service, asBefore, within: withinMs, equals, min, max, rows, contains, ...asked } = each;
    const engine = known?.find((one) => one.service === service)?.engine ?? askedBy(asked, engines);
    // The keys of other engines have defaults, too.
    const keys = Object.keys(engine?.questions?.keys ?? {});
    const question = Object.fromEntries(
      Object.entries(asked).filter(([key, value]) => keys.includes(key) && value !== undefined),
    );
    return { name: label, service, asBefore, question, expectation: { equals, min, max, rows, contains }, withinMs };
  });
}

function askedBy(asked: Record<string, unknown>, engines: readonly ScenarioEngine[]): ScenarioEngine | undefined {
  const must = ({ questions }: ScenarioEngine) =>
    Object.entries(questions?.keys ?? {}).filter(([, schema]) => !(schema as z.ZodType).safeParse(undefined).success);
  return engines.find((each) => must(each).some(([key]) => asked[key] !== undefined));
}

function stepOf(raw: RawScenario['robot'][number]): RobotStep {
  if (raw.do !== 'restore') return raw;
  const at = typeof raw.at === 'string' ? raw.at : { beforeDisasterMs: raw.at.beforeDisaster };
  return { ...raw, at, from: raw.from, parts: raw.parts };
}

/** The schema of drills/*.yaml for editors. Draft 7: what their YAML servers know best. */
export function scenarioJsonSchema(engines: readonly ScenarioEngine[]): JsonSchema {
  const schema = z.toJSONSchema(scenarioSchema(engines), { io: 'input', target: 'draft-7', unrepresentable: 'any' });
  return { title: 'a scenario of a game day', ...(JSON.parse(JSON.stringify(schema)) as JsonSchema) };
}
