import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Journal } from '../src/model/journal.ts';
import { directoryVault } from '../src/vault/directory.ts';
import { largeMysql, writeConfig } from './bench/large-mysql.ts';
import { measuredRun } from './bench/measured-run.ts';
import { readImageChoice, root } from './image-choice.ts';

// Backs up and drills a large MySQL database with the compiled program, and says what that took: reports/bench.json.
// Sizes and times are of this machine; what must hold everywhere is the memory.

const { values } = parseArgs({ options: { gib: { type: 'string', default: '2' } } });
const gib = Number(values.gib);
const images = readImageChoice()?.images;
if (!images || !(gib > 0)) throw new Error('usage: npm run bench -- [--gib 2]');

const folder = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
try {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  const config = await writeConfig(folder, images.mysql);
  await directoryVault('onsite', join(folder, 'vault')).mark();
  process.stdout.write(`bench: seeding ${gib} GiB of rows\n`);
  await using _source = await largeMysql(images.mysql, gib);
  const backup = await measuredRun(['--config', config, '--quiet', '--json', 'backup', '--full']);
  const drill = await measuredRun(['--config', config, '--quiet', '--json', 'drill', 'bench']);
  const journal = JSON.parse(drill.stdout) as Journal;
  const bytes = journal.services[0]?.members[0]?.bytes ?? 0;
  const result = {
    gib,
    storedBytes: bytes,
    verdict: journal.verdict.verdict,
    'mysql.backupSeconds': backup.seconds,
    'mysql.restoreSeconds': (journal.rto.usedMs ?? 0) / 1000,
    'drill.overheadSeconds': (journal.ownCostMs ?? 0) / 1000,
    'node.peakMemoryBytes': { backup: backup.peakBytes, drill: drill.peakBytes },
  };
  await mkdir(join(root, 'reports'), { recursive: true });
  await writeFile(join(root, 'reports/bench.json'), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  const passed = journal.verdict.verdict === 'pass' && Math.max(backup.peakBytes, drill.peakBytes) < 200e6;
  process.stdout.write(passed ? 'bench: passed, below 200 MB\n' : 'bench: NOT passed\n');
  process.exitCode = passed ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
