import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { unlessGone } from '../src/kit/errors.ts';
import { growthTable, measureGrowth, ratiosOf } from './bench/growth.ts';
import { measureLarge } from './bench/large.ts';
import { root } from './image-choice.ts';

// Measures the compiled program, and says what that took: reports/bench.json. Numbers are of this machine.
//   npm run bench [-- --gib 2]   a large MySQL database: backup and drill
//   npm run bench -- growth      10,000 members, a week's chain, 3,000 old reports: what grows with them

const { values, positionals } = parseArgs({
  options: { gib: { type: 'string', default: '2' } },
  allowPositionals: true,
});
const gib = Number(values.gib);
const [part = 'large', ...more] = positionals;
if (!['large', 'growth'].includes(part) || more.length > 0 || !(gib > 0)) {
  throw new Error('usage: npm run bench -- [large] [--gib 2] | growth');
}
execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
await (part === 'growth' ? growth() : large());

async function large(): Promise<void> {
  const result = await measureLarge(gib);
  await keep(result);
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  const peakBytes = Math.max(...Object.values(result['node.peakMemoryBytes']));
  judge(result.verdict === 'pass' && peakBytes < 200e6, 'below 200 MB');
}

/** Time may grow as fast as the size does, and a little more for chance. */
async function growth(): Promise<void> {
  const rows = await measureGrowth([100, 1_000, 10_000], [16, 168], [300, 3_000]);
  const ratios = ratiosOf(rows);
  await keep({ growth: { rows, ratios } });
  process.stdout.write(`${growthTable(rows)}\n`);
  const steep = ratios.filter(({ sizes, times }) => times > 1.5 * sizes);
  for (const { what, sizes, times } of steep) {
    process.stdout.write(`bench: ${what}: ${times.toFixed(1)} times as long for ${sizes} times as much\n`);
  }
  judge(steep.length === 0, 'nothing grows faster than what lies there');
}

function judge(passed: boolean, what: string): void {
  process.stdout.write(passed ? `bench: passed, ${what}\n` : `bench: NOT passed: ${what}\n`);
  process.exitCode = passed ? 0 : 1;
}

/** Beside what other parts have measured. */
async function keep(result: object): Promise<void> {
  const file = join(root, 'reports/bench.json');
  await mkdir(join(root, 'reports'), { recursive: true });
  const before = await unlessGone(readFile(file, 'utf8'));
  await writeFile(file, `${JSON.stringify({ ...(before ? JSON.parse(before) : {}), ...result }, null, 2)}\n`);
}
