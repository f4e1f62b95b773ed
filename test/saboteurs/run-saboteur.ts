import { drill } from '../../src/flow/drill.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { isFiredrillError, messageOf } from '../../src/kit/errors.ts';
import { seeded } from '../../src/kit/random.ts';
import { plainLine } from '../../src/kit/text.ts';
import type { CheckResult } from '../../src/model/check.ts';
import type { Journal } from '../../src/model/journal.ts';
import { renderText } from '../../src/report/render-text.ts';
import { testActivity } from '../support/activity.ts';
import {
  type Benign,
  type Expectation,
  type Prevention,
  type Refusal,
  type Saboteur,
  type Scene,
  type Seen,
  titleOf,
  titleOfBenign,
} from './saboteur.ts';
import type { Stage } from './stage.ts';
import { VaultCopy } from './vault-copy.ts';

/** What came of one saboteur, or one benign variant. */
export interface Outcome {
  kind: 'saboteur' | 'benign';
  title: string;
  /** Why it is not as it must be, one reason a line; empty: killed, or no false alarm. */
  complaints: string[];
  /** `fail`, `refused` … */
  verdict: string;
  /** The check (or the error's code) that fired, and the first thing it said. */
  caughtBy: string;
  sentence: string;
  seconds: number;
}

export function runSaboteur(saboteur: Saboteur, stage: Stage): Promise<Outcome> {
  const title = titleOf(saboteur);
  return timed('saboteur', title, async () => {
    await using copy = await VaultCopy.of(stage.folder);
    await using held = new AsyncDisposableStack();
    const scene = sceneOf(stage, copy, saboteur, title, held);
    const ran = await inTurn(saboteur, scene, held, async () => {
      await saboteur.inject(scene);
      return saboteur.run?.(scene);
    });
    const seen = ran ?? seenIn(await scene.drill());
    return { complaints: complaintsOf(saboteur.expect, seen), ...caughtIn(saboteur.expect, seen) };
  });
}

export function runBenign(benign: Benign, stage: Stage): Promise<Outcome> {
  const title = titleOfBenign(benign);
  return timed('benign', title, async () => {
    await using copy = await VaultCopy.of(stage.folder);
    await using held = new AsyncDisposableStack();
    const scene = sceneOf(stage, copy, benign, title, held);
    await inTurn(benign, scene, held, () => benign.prepare(scene));
    const { verdict, checks } = await scene.drill();
    const complaints = checks.filter((each) => each.outcome !== 'pass').map(sayResult);
    return { complaints, verdict: verdict.verdict, caughtBy: '', sentence: verdict.sentence };
  });
}

/** Who is live leaves the server as it was found before the next one has it. */
function inTurn<T>(
  { live }: Pick<Saboteur, 'live'>,
  { stage, service }: Scene,
  held: AsyncDisposableStack,
  work: () => Promise<T>,
): Promise<T> {
  if (!live) return work();
  return stage.exclusively(service, async () => {
    try {
      return await work();
    } finally {
      await held.disposeAsync();
    }
  });
}

function sceneOf(
  stage: Stage,
  copy: VaultCopy,
  { services, live }: Pick<Saboteur, 'services' | 'live'>,
  title: string,
  held: AsyncDisposableStack,
): Scene {
  const scene: Scene = {
    ...{ stage, copy, service: services[0], random: seeded(seedOf(title)), now: new Date(stage.readyAt) },
    order: { ...stage.orderFor(services), vault: copy.vault },
    clock: {},
    drill: () => {
      const clock = { ...systemClock, now: () => new Date(scene.now), ...scene.clock };
      return drill(scene.order, { ...testActivity(), clock });
    },
    defer: (work) => held.defer(async () => void (await work())),
    backUp: async (kind, { service = scene.service, ...what } = {}) => {
      if (!live && !what.source) throw new Error('only who is live backs up a service of the stage');
      const source = scene.source ?? stage.sources[service];
      const made = await stage.backUp(service, { vault: copy.vault, source, ...what, kind });
      scene.now = what.at ?? new Date();
      return made;
    },
  };
  return scene;
}

/** FNV-1a. */
function seedOf(title: string): number {
  return [...title].reduce((hash, char) => Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193), 0x811c9dc5);
}

async function timed(
  kind: Outcome['kind'],
  title: string,
  work: () => Promise<Omit<Outcome, 'kind' | 'title' | 'seconds'>>,
): Promise<Outcome> {
  const startMs = performance.now();
  const seconds = () => Math.round((performance.now() - startMs) / 100) / 10;
  try {
    return { kind, title, ...(await work()), seconds: seconds() };
  } catch (error) {
    // Nobody has caught anything: the work itself came to nothing.
    const code = isFiredrillError(error) ? ` (${error.code})` : '';
    const trace = error instanceof Error && !isFiredrillError(error) ? `\n${error.stack}` : '';
    const complaints = [`it could not be run: ${messageOf(error)}${code}${trace}`];
    return { kind, title, complaints, verdict: 'none', caughtBy: '', sentence: '', seconds: seconds() };
  }
}

export function seenIn(journal: Journal): Seen {
  return { verdict: journal.verdict.verdict, results: journal.checks, report: renderText(journal) };
}

/** For what must not be done at all: what was thrown, or that nothing was. */
export async function refusalOf(work: () => Promise<unknown>): Promise<Seen> {
  try {
    await work();
    return { verdict: 'pass', results: [], report: '' };
  } catch (error) {
    if (!isFiredrillError(error)) throw error;
    return { verdict: 'refused', code: error.code, report: error.message };
  }
}

/** Why what was seen is not what must be seen; empty when it is. */
export function complaintsOf(expected: Expectation, seen: Seen): string[] {
  const complaints: string[] = [];
  if (seen.verdict !== expected.verdict) complaints.push(`the verdict is ${seen.verdict}, not ${expected.verdict}`);
  if (!('check' in expected)) return [...complaints, ...complaintsOfTold(expected, seen)];
  if (!('results' in seen)) return [...complaints, seen.report];
  const { check, service, sentence } = expected;
  const outcome = expected.verdict;
  const fired = seen.results.filter(
    (each) => each.check === check && each.service === service && each.outcome === outcome,
  );
  const said = fired.flatMap((each) => each.findings.map((finding) => finding.sentence));
  const fits = said.find((each) => sentence.test(each));
  if (fired.length === 0) complaints.push(`${check} of ${service ?? 'the whole'} did not say ${outcome}`);
  else if (fits === undefined) complaints.push(`${check} said nothing that matches ${sentence}: ${said.join(' | ')}`);
  else if (!seen.report.includes(plainLine(fits, 10_000))) complaints.push(`the report does not say: ${fits}`);
  if (expected.report && !expected.report.test(seen.report))
    complaints.push(`the report does not match ${expected.report}:\n${seen.report}`);
  const others = seen.results.filter(
    (each) => each.service !== service && each.service !== null && each.outcome === 'fail',
  );
  if (service !== null)
    complaints.push(...others.map((each) => `a service that is well was blamed: ${sayResult(each)}`));
  if (complaints.length > 0)
    complaints.push(...seen.results.filter(({ outcome }) => outcome !== 'pass').map(sayResult));
  return complaints;
}

/** Of what is no drill. */
function complaintsOfTold(expected: Refusal | Prevention, seen: Seen): string[] {
  if (expected.verdict === 'refused' && seen.verdict === 'refused' && seen.code !== expected.code)
    return [`it was refused as ${seen.code}, not ${expected.code}`];
  return expected.sentence.test(seen.report)
    ? []
    : [`what was said does not match ${expected.sentence}: ${seen.report}`];
}

function caughtIn(expected: Expectation, seen: Seen): Pick<Outcome, 'verdict' | 'caughtBy' | 'sentence'> {
  if (seen.verdict === 'refused') return { verdict: 'refused', caughtBy: seen.code, sentence: seen.report };
  if (expected.verdict === 'prevented') return { verdict: seen.verdict, caughtBy: expected.by, sentence: seen.report };
  if (!('results' in seen) || !('check' in expected)) return { verdict: seen.verdict, caughtBy: '', sentence: '' };
  const { check, service, verdict } = expected;
  const fired = seen.results.filter(
    (each) => each.check === check && each.service === service && each.outcome === verdict,
  );
  const said = fired.flatMap((each) => each.findings.map((finding) => finding.sentence));
  const sentence = said.find((each) => expected.sentence.test(each)) ?? '';
  return { verdict: seen.verdict, caughtBy: fired.length > 0 ? check : '', sentence };
}

function sayResult({ check, service, outcome, findings }: CheckResult): string {
  return `${outcome} ${check}${service === null ? '' : ` of ${service}`}: ${findings.map(({ sentence }) => sentence).join(' | ')}`;
}
