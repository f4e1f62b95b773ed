import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Counts, lastLine, testFiles, verdictOf } from './test-counts.ts';

// Types, lint, then all tests, one after the other. The last line is `N passed, N failed`, from mocha's own counts; when
// there are none (types or lint are wrong, mocha crashed) there is no such line, and the exit status is not 0.

const root = join(import.meta.dirname, '..');
const limitMs = 80 * 60_000;
/** How long mocha may take to end after its last test: more means that a test left something running. */
const lingerMs = 15_000;

async function runTests(): Promise<number> {
  for (const [what, tool, args] of [
    ['types', 'tsc', ['-p', '.']],
    ['lint', 'biome', ['check', '.']],
  ] as const) {
    process.stdout.write(`tests: checking ${what}\n`);
    if ((await exitCode(tool, args)) !== 0) return refuse(`${what}: see above; no test was run`);
  }
  const counts = await runMocha();
  if (typeof counts === 'string') return refuse(counts);
  const verdict = verdictOf(counts);
  if (verdict.note) process.stdout.write(`tests: ${verdict.note}\n`);
  process.stdout.write(`${lastLine(verdict)}\n`);
  return verdict.failed === 0 ? 0 : 1;
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

/** Mocha's counts, or why there are none. */
async function runMocha(): Promise<Counts | string> {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-counts-'));
  try {
    const countsFile = join(folder, 'counts.json');
    const args = ['node_modules/mocha/bin/mocha.js', '--reporter', 'scripts/counting-reporter.mjs'];
    const child = spawn(process.execPath, [...args, ...testFiles(root)], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, FIREDRILL_COUNTS: countsFile },
    });
    const closed = once(child, 'close');
    const readCounts = () =>
      readFile(countsFile, 'utf8').then(
        (text) => JSON.parse(text) as Counts,
        () => undefined,
      );
    const ended = await Promise.race([closed, lingering(readCounts)]);
    if (ended === 'too long' || ended === 'lingers') {
      child.kill('SIGKILL');
      await closed;
      const limit = `the tests took longer than ${limitMs / 60_000} minutes`;
      return ended === 'too long' ? limit : 'the tests ended, but one of them left something running';
    }
    const [code, signal] = ended;
    return (await readCounts()) ?? `mocha ended (${signal ?? `exit status ${code}`}) before it had counted its tests`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lingering(readCounts: () => Promise<Counts | undefined>): Promise<'too long' | 'lingers'> {
  for (const end = performance.now() + limitMs; performance.now() < end; ) {
    await sleep(1_000, undefined, { ref: false });
    if (!(await readCounts())) continue;
    await sleep(lingerMs, undefined, { ref: false });
    return 'lingers';
  }
  return 'too long';
}

process.exitCode = await runTests();
