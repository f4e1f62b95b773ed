import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { type Batch, batchesOf } from './test-batches.ts';
import { type Counts, type Failed, failuresOf, lastLine, sumOf, verdictOf } from './test-counts.ts';

// Types, lint, then all tests, some batches side by side. The last line is `N passed, N failed`, from mocha's own counts;
// when a batch has none (types or lint are wrong, mocha crashed) there is no such line, and the exit status is not 0.

const root = join(import.meta.dirname, '..');
const limitMs = 80 * 60_000;
/** How long mocha may take to end after its last test: more means that a test left something running. */
const lingerMs = 15_000;
/** More would only make each of them slower: servers and containers work as well as tests do. */
const lanes = Math.max(2, Math.min(availableParallelism(), 4));

type Reported = Counts & { failed: Failed[] };

interface Ran {
  batch: Batch;
  /** Mocha's counts, or why there are none. */
  counts: Reported | string;
  seconds: number;
}

async function runTests(): Promise<number> {
  for (const [what, tool, args] of [
    ['types', 'tsc', ['-p', '.']],
    ['lint', 'biome', ['check', '.']],
  ] as const) {
    say(`checking ${what}`);
    if ((await exitCode(tool, args)) !== 0) return refuse(`${what}: see above; no test was run`);
  }
  const batches = batchesOf(root);
  say(`${batches.length} batches, ${lanes} side by side; each is printed when it has ended`);
  const limit = AbortSignal.timeout(limitMs);
  const ran = await pMap(batches, (batch) => runBatch(batch, limit), { concurrency: lanes });
  for (const { batch, counts } of ran) {
    if (typeof counts !== 'string') process.stdout.write(failuresOf(batch.title, counts.failed));
  }
  const broken = ran.filter(({ counts }) => typeof counts === 'string');
  if (broken.length > 0) return refuse(broken.map(({ batch, counts }) => `${batch.title}: ${counts}`).join('\n  '));
  const slowest = ran.toSorted((a, b) => b.seconds - a.seconds).slice(0, 10);
  say(`the longest: ${slowest.map(({ batch, seconds }) => `${batch.title} ${seconds} s`).join(', ')}`);
  const verdict = verdictOf(sumOf(ran.map(({ counts }) => counts as Reported)));
  if (verdict.note) say(verdict.note);
  process.stdout.write(`${lastLine(verdict)}\n`);
  return verdict.failed === 0 ? 0 : 1;
}

function say(what: string): void {
  process.stdout.write(`tests: ${what}\n`);
}

function refuse(why: string): number {
  process.stderr.write(`tests: failed: ${why}\n`);
  return 1;
}

async function exitCode(tool: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(join(root, 'node_modules/.bin', tool), args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'close');
  return code;
}

async function runBatch(batch: Batch, limit: AbortSignal): Promise<Ran> {
  if (limit.aborted) return { batch, counts: overLimit, seconds: 0 };
  const startMs = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-counts-'));
  try {
    const { counts, output } = await runMocha(batch, join(folder, 'counts.json'), limit);
    const seconds = Math.round((performance.now() - startMs) / 1_000);
    process.stdout.write(`\ntests: ${batch.title}, ${seconds} s\n${output.trimEnd()}\n`);
    return { batch, counts, seconds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const overLimit = `the tests took longer than ${limitMs / 60_000} minutes`;

async function runMocha(
  { files }: Batch,
  countsFile: string,
  limit: AbortSignal,
): Promise<{ counts: Reported | string; output: string }> {
  const args = ['node_modules/mocha/bin/mocha.js', '--reporter', 'scripts/counting-reporter.mjs'];
  // In one stream, as a terminal would show it.
  const child = spawn('sh', ['-c', 'exec "$@" 2>&1', 'sh', process.execPath, ...args, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FIREDRILL_COUNTS: countsFile },
  });
  // What a test left running would hold its end of the pipe for ever.
  const lines: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => lines.push(chunk));
  const closed = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const readCounts = () =>
    readFile(countsFile, 'utf8').then(
      (json) => JSON.parse(json) as Reported,
      () => undefined,
    );
  const ended = await Promise.race([closed, lingering(readCounts, limit)]);
  const late = typeof ended === 'string';
  if (late) {
    child.kill('SIGKILL');
    await closed;
  }
  await sleep(100);
  child.stdout.destroy();
  const output = Buffer.concat(lines).toString();
  if (late) return { counts: ended, output };
  const [code, signal] = ended;
  const why = `mocha ended (${signal ?? `exit status ${code}`}) before it had counted its tests`;
  return { counts: (await readCounts()) ?? why, output };
}

async function lingering(readCounts: () => Promise<Reported | undefined>, limit: AbortSignal): Promise<string> {
  while (!limit.aborted) {
    await sleep(1_000, undefined, { ref: false });
    if (!(await readCounts())) continue;
    await sleep(lingerMs, undefined, { ref: false });
    return 'the tests ended, but one of them left something running';
  }
  return overLimit;
}

process.exitCode = await runTests();
