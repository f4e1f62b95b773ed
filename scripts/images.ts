import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { docker, run } from './docker.ts';
import {
  choiceFile,
  type EngineName,
  engineNames,
  type ImageChoice,
  readImageChoice,
  root,
  stateFolder,
} from './image-choice.ts';
import { applicationRecipe, minorVersion, type Recipe, recipeHash, recipeLabel, recipes } from './image-recipes.ts';

// Sees to the images of the engines: official ones where they can be pulled, else ones built from Debian's packages.
// FIREDRILL_IMAGES=official|stand-in decides it by hand.

const official: Record<EngineName, string> = {
  mysql: 'mysql:8.4',
  influxdb: 'influxdb:1.8',
  // The version that wrote the sample databases under fixtures/grafana: a drill needs the same one.
  grafana: 'grafana/grafana:7.5.5',
};
/** What the demo's application is built on. */
const officialNode = 'node:24-slim';
const lookMs = 20_000;
const pullMs = 900_000;
const buildMs = 1_200_000;

class SetUpFailure extends Error {
  readonly next: string;
  constructor(message: string, next: string) {
    super(message);
    this.next = next;
  }
}

const say = (text: string) => process.stdout.write(`set-up: ${text}\n`);

async function seeToImages() {
  const wish = process.env.FIREDRILL_IMAGES ?? '';
  if (!['', 'official', 'stand-in'].includes(wish)) {
    throw new SetUpFailure(`FIREDRILL_IMAGES is ${wish}`, 'Set it to official or stand-in, or leave it away.');
  }
  const known = readImageChoice();
  if (known && (wish === '' || wish === known.from) && (await isCurrent(known))) return;
  const pulled = wish === 'stand-in' ? false : await pullOfficial();
  if (!pulled && wish === 'official') {
    throw new SetUpFailure(
      'the official images cannot be pulled',
      'Check the network, or set FIREDRILL_IMAGES=stand-in.',
    );
  }
  const images = pulled ? official : await buildStandIns();
  const application = await built("the demo's application", applicationRecipe, [
    pulled ? officialNode : images.grafana,
  ]);
  write({ from: pulled ? 'official' : 'stand-in', images, application });
}

async function isCurrent(choice: ImageChoice): Promise<boolean> {
  const { application } = choice;
  if (application === undefined || (await recipeOf(application)) !== recipeHash(applicationRecipe)) return false;
  const recipesFound = await Promise.all(engineNames.map((name) => recipeOf(choice.images[name])));
  return engineNames.every((name, i) => {
    if (recipesFound[i] === undefined) return false;
    return choice.from === 'official' || recipesFound[i] === recipeHash(recipes[name]);
  });
}

/** The recipe's hash in an image's label: empty for one that was not built here, undefined for one that is not there. */
async function recipeOf(image: string): Promise<string | undefined> {
  const format = `{{ if .Config.Labels }}{{ index .Config.Labels "${recipeLabel}" }}{{ end }}`;
  const { ok, text } = await docker(['image', 'inspect', '--format', format, image]);
  return ok ? text : undefined;
}

/** All or none: a mixture would be neither. */
async function pullOfficial(): Promise<boolean> {
  const { ok, errors } = await docker(['manifest', 'inspect', official.mysql], lookMs);
  if (!ok) {
    say(`official images cannot be pulled here (${errors.split('\n').at(-1)?.slice(0, 120)})`);
    return false;
  }
  for (const image of [...engineNames.map((name) => official[name]), officialNode]) {
    say(`pulling ${image}`);
    const pull = await docker(['pull', '--quiet', image], pullMs);
    if (pull.ok) continue;
    say(`${image} could not be pulled (${pull.errors.split('\n').at(-1)?.slice(0, 120)})`);
    return false;
  }
  return true;
}

async function buildStandIns(): Promise<Record<EngineName, string>> {
  const built = await Promise.all(engineNames.map(async (name) => [name, await standIn(name, recipes[name])] as const));
  return Object.fromEntries(built) as Record<EngineName, string>;
}

async function standIn(name: EngineName, recipe: Recipe): Promise<string> {
  return built(`${name} from Debian's packages (a minute or two)`, recipe, [], seeToBuilder);
}

function seeToBuilder(): Promise<void> {
  builder ??= installBuilder();
  return builder;
}

/** The image of a recipe: one that is here already, else it is built. `args`: what its script is called with beside name and hash. */
async function built(
  what: string,
  recipe: Recipe,
  args: readonly string[],
  prepare: () => Promise<void> = async () => {},
): Promise<string> {
  const hash = recipeHash(recipe);
  const existing = await docker([
    'images',
    '--filter',
    `label=${recipeLabel}=${hash}`,
    '--format',
    '{{.Repository}}:{{.Tag}}',
  ]);
  const found = existing.text.split('\n').find((image) => image.startsWith(`${recipe.repository}:`));
  if (found) return found;
  say(`building an image with ${what}`);
  await prepare();
  const passing = `${recipe.repository}:building`;
  const build = await run('bash', [recipe.script, passing, hash, ...args], buildMs);
  if (!build.ok) throw buildFailure(what, build.errors);
  const image = `${recipe.repository}:${await tagOf(recipe, passing)}`;
  await docker(['tag', passing, image]);
  await docker(['rmi', passing]);
  say(`built ${image}`);
  return image;
}

let builder: Promise<void> | undefined;

async function installBuilder() {
  const { ok, text, errors } = await run('bash', ['scripts/set-up/need-builder.sh'], 600_000);
  if (text) process.stdout.write(`${text}\n`);
  if (!ok)
    throw new SetUpFailure(`mmdebstrap, which builds the images, could not be installed\n${errors}`, 'See above.');
}

async function tagOf(recipe: Recipe, image: string): Promise<string> {
  if (typeof recipe.tag === 'string') return recipe.tag;
  const [tool = '', ...args] = recipe.tag.versionOf;
  const asked = await docker(['run', '--rm', '--network', 'none', '--entrypoint', tool, image, ...args]);
  const version = minorVersion(asked.text);
  if (version) return version;
  throw new SetUpFailure(
    `${image} does not run: ${asked.errors || asked.text}`,
    'Run: docker info, and look at the storage driver.',
  );
}

function buildFailure(what: string, errors: string): SetUpFailure {
  const last = errors
    .split('\n')
    .slice(-12)
    .map((line) => `  | ${line}`);
  const next = /no space left/i.test(errors)
    ? 'Free some space (see: df -h), then run the command again.'
    : 'Check the network and the package mirror of this machine, then run the command again.';
  return new SetUpFailure(`the image with ${what} could not be built\n${last.join('\n')}`, next);
}

function write(choice: ImageChoice) {
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(`${choiceFile}.tmp`, `${JSON.stringify(choice, null, 2)}\n`);
  renameSync(`${choiceFile}.tmp`, choiceFile);
}

process.chdir(root);
try {
  await seeToImages();
} catch (error) {
  if (!(error instanceof SetUpFailure)) throw error;
  process.stderr.write(`set-up failed: ${error.message}\n  next: ${error.next}\n`);
  process.exitCode = 1;
}
