import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What one mocha process runs. */
export interface Batch {
  title: string;
  /** Paths from the project's root. */
  files: string[];
}

/** Those that take minutes begin first, lest one of them runs alone at the end. The rest is quick enough in any order. */
const longest = [
  'test/saboteurs/saboteurs.test.ts',
  'test/integration/deploy-ansible.test.ts',
  'test/integration/gameday.test.ts',
  'test/saboteurs/clean-nights.test.ts',
  'test/integration/demo.test.ts',
  'test/integration/gameday-stack.test.ts',
  'test/integration/daemon.test.ts',
];

/** All unit tests in one process, which starts once; every file that needs engines in one of its own. */
export function batchesOf(root: string): Batch[] {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test', file))
    .sort();
  const [unit, rest] = [files.filter(isUnit), files.filter((file) => !isUnit(file))];
  const rank = (file: string) => (longest.includes(file) ? longest.indexOf(file) : longest.length);
  const single = rest.sort((a, b) => rank(a) - rank(b)).map((file) => ({ title: file, files: [file] }));
  return [{ title: 'test/unit', files: unit }, ...single];
}

const isUnit = (file: string) => file.startsWith('test/unit/');
