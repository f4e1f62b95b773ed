import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineName, root } from './image-choice.ts';

/** How a stand-in for an official image is built from Debian's packages. */
export interface Recipe {
  /** Called with the image's name and the recipe's hash; puts the hash into the label `firedrill.recipe`. */
  script: string;
  /** What else decides the result: files and folders. */
  inputs: readonly string[];
  /** Name without tag. */
  repository: string;
  /** The tag, or the command in the image that tells the version for it. */
  tag: string | { versionOf: readonly string[] };
}

export const recipeLabel = 'firedrill.recipe';

const folder = 'fixtures/images';
const shared = [`${folder}/debian.sh`];

export const recipes: Record<EngineName, Recipe> = {
  mysql: {
    script: `${folder}/mysql.sh`,
    inputs: shared,
    repository: 'firedrill-mysql',
    tag: { versionOf: ['mysqld', '--version'] },
  },
  influxdb: {
    script: `${folder}/influxdb.sh`,
    inputs: shared,
    repository: 'firedrill-influxdb',
    tag: { versionOf: ['influxd', 'version'] },
  },
  // Debian has no Grafana: a server of our own answers in its place, and says so in its version.
  grafana: {
    script: `${folder}/grafana.sh`,
    inputs: [...shared, 'fixtures/grafana-stand-in', 'node_modules/node/package.json'],
    repository: 'firedrill-grafana',
    tag: '7.5.5-stand-in',
  },
};

/** The demo's own application, on an image with Node: the stand-in's, or an official one. */
export const applicationRecipe: Recipe = {
  script: `${folder}/application.sh`,
  inputs: ['fixtures/demo/application', 'node_modules/mysql2/package.json'],
  repository: 'firedrill-demo-application',
  tag: '1',
};

/** 16 hex digits that change when the script or anything that it reads does. */
export function recipeHash({ script, inputs }: Recipe, base = root): string {
  const hash = createHash('sha256');
  for (const file of [script, ...inputs].flatMap((path) => filesIn(base, path))) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(base, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function filesIn(base: string, path: string): string[] {
  if (!existsSync(join(base, path))) return [];
  if (!statSync(join(base, path)).isDirectory()) return [path];
  return readdirSync(join(base, path))
    .sort()
    .flatMap((name) => filesIn(base, `${path}/${name}`));
}

/** `mysqld  Ver 9.7.4-1 for debian-linux…` → `9.7`; undefined when there is no version in the text. */
export function minorVersion(text: string): string | undefined {
  return /(?:^|[^\d.])(\d+\.\d+)\.\d/.exec(text)?.[1];
}
