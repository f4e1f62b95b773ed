import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopOnSignals } from '../src/cli/interrupt.ts';
import { exitStatus, isFiredrillError, messageOf, unlessGone } from '../src/kit/errors.ts';
import { type Growing, growing } from './bench/growing.ts';
import { type GrowthRow, growthTable, measureGrowing, measureGrowth, ratiosOf } from './bench/growth.ts';
import { measureLarge } from './bench/large.ts';
import { type Measurement, namedNumbers, shortfalls } from './bench/peers/measurement.ts';
import { type PeersOptions, peersOptions, peersUsage } from './bench/peers/options.ts';
import { measurePeers } from './bench/peers/peers.ts';
import { benchTable, merged, withBenchTable } from './bench/peers/table.ts';
import { root } from './image-choice.ts';

// Measures the compiled program, and says what that took: reports/bench.json. Numbers are of this machine.
//   npm run bench [-- --gib 2 …]       beside what people use: backups and restores of the same data, in turns
//   npm run bench -- large [--gib 2]   a large MySQL database: backup and drill, and the estimate by a fifth of it
//   npm run bench -- growth            10,000 members, a week's chain, 3,000 old reports: what grows with them
//   npm run bench -- growth tables [<count> …]   small tables of a MySQL server; also: dashboards, series, logs (a chain's)

const usage = `usage: npm run bench -- ${peersUsage}
       npm run bench -- large [--gib 2]
       npm run bench -- growth [${Object.keys(growing).join('|')} [<count> …]]`;

/** The measurement that was asked for; an error for people when the words make no sense. */
function asked([part, ...rest]: readonly string[]): (signal: AbortSignal) => Promise<void> {
  if (part === 'growth' && rest.length === 0) return growth;
  if (part === 'growth') {
    const [what = '', ...counts] = rest;
    const named = growing[what];
    if (!named) throw new Error(`growth takes ${Object.keys(growing).join(', ')}, or nothing`);
    const sizes = counts.length > 0 ? counts.map(Number) : named.sizes;
    if (sizes.every((size) => Number.isInteger(size) && size > 0))
      return (signal) => growthOf(what, named, sizes, signal);
    throw new Error(`growth ${what} takes whole numbers`);
  }
  if (part === 'large') {
    const gib = Number(parseArgs({ args: rest, options: { gib: { type: 'string', default: '2' } } }).values.gib);
    if (gib > 0) return (signal) => large(gib, signal);
    throw new Error('--gib takes a number');
  }
  const options = peersOptions(part === undefined ? [] : part === 'peers' ? rest : [part, ...rest]);
  return (signal) => peers(options, signal);
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  let measure: (signal: AbortSignal) => Promise<void>;
  try {
    measure = asked(args);
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n${usage}\n`);
    process.exitCode = exitStatus.usage;
    return;
  }
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  await untilStopped(measure);
}

const say = (line: string) => void process.stdout.write(`bench: ${line}\n`);

/** Also when it is interrupted nothing that was started stays. */
async function untilStopped(measure: (signal: AbortSignal) => Promise<void>): Promise<void> {
  using stopper = stopOnSignals();
  try {
    await measure(stopper.signal);
  } catch (error) {
    const why = stopper.crash()?.error ?? error;
    const isStopped = stopper.signal.aborted && !stopper.crash();
    process.stderr.write(isStopped ? 'bench: interrupted; nothing was left behind\n' : `bench: ${messageOf(why)}\n`);
    if (isFiredrillError(why)) process.stderr.write(`  next: ${why.hint}\n`);
    process.exitCode = isStopped ? exitStatus.interrupted : exitStatus.harness;
  }
}

async function peers(options: PeersOptions, signal: AbortSignal): Promise<void> {
  const measured = await measurePeers(options, signal, say);
  const measurements = merged((await kept()).peers ?? [], measured);
  await keep({ ...namedNumbers(measured), peers: measurements });
  process.stdout.write(`${benchTable(measured)}\n`);
  const bad = shortfalls(measured);
  for (const sentence of bad) say(sentence);
  const readme = join(root, 'README.md');
  if (options.write && bad.length === 0)
    await writeFile(readme, withBenchTable(await readFile(readme, 'utf8'), measurements));
  judge(bad.length === 0, 'every result was compared, and the goals hold');
}

async function large(gib: number, signal: AbortSignal): Promise<void> {
  const large = await measureLarge(gib, signal, say);
  await keep({ large });
  process.stdout.write(`${JSON.stringify(large, null, 2)}\n`);
  const peakBytes = Math.max(...large.flatMap((run) => Object.values(run['node.peakMemoryBytes'])));
  judge(large.every(({ verdict }) => verdict === 'pass') && peakBytes < 200e6, 'below 200 MB');
}

async function growth(signal: AbortSignal): Promise<void> {
  const rows = await measureGrowth([100, 1_000, 10_000], [16, 168], [300, 3_000], signal);
  await keep({ growth: { rows, ratios: ratiosOf(rows) } });
  judgeGrowth(rows);
}

async function growthOf(what: string, named: Growing, sizes: readonly number[], signal: AbortSignal): Promise<void> {
  const rows = await measureGrowing(what, named, sizes, signal);
  await keep({ [`growth.${what}`]: { rows, ratios: ratiosOf(rows) } });
  judgeGrowth(rows);
}

/** Time may grow as fast as the size does, and a little more for chance. */
function judgeGrowth(rows: readonly GrowthRow[]): void {
  const ratios = ratiosOf(rows);
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

const file = join(root, 'reports/bench.json');

async function kept(): Promise<{ peers?: Measurement[] }> {
  const before = await unlessGone(readFile(file, 'utf8'));
  return before ? JSON.parse(before) : {};
}

/** Beside what other parts have measured. */
async function keep(result: object): Promise<void> {
  await mkdir(join(root, 'reports'), { recursive: true });
  await writeFile(file, `${JSON.stringify({ ...(await kept()), ...result }, null, 2)}\n`);
}

await main(process.argv.slice(2));
