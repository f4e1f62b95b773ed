import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Journal } from '../../src/model/journal.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { readImageChoice } from '../image-choice.ts';
import { largeMysql, writeConfig } from './large-mysql.ts';
import { measuredRun } from './measured-run.ts';

/**
 * Backs up and drills a large MySQL database with the compiled program. Sizes and times are of this machine; what must hold
 * everywhere is the memory.
 */
export async function measureLarge(gib: number) {
  const images = readImageChoice()?.images;
  if (!images) throw new Error('no images were chosen yet: npm run set-up');
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  try {
    const config = await writeConfig(folder, images.mysql);
    await directoryVault('onsite', join(folder, 'vault')).mark();
    process.stdout.write(`bench: seeding ${gib} GiB of rows\n`);
    await using _source = await largeMysql(images.mysql, gib);
    const backup = await measuredRun(['--config', config, '--quiet', '--json', 'backup', '--full']);
    const drill = await measuredRun(['--config', config, '--quiet', '--json', 'drill', 'bench']);
    const journal = JSON.parse(drill.stdout) as Journal;
    return {
      gib,
      storedBytes: journal.services[0]?.members[0]?.bytes ?? 0,
      verdict: journal.verdict.verdict,
      'mysql.backupSeconds': backup.seconds,
      'mysql.restoreSeconds': (journal.rto.usedMs ?? 0) / 1000,
      'drill.overheadSeconds': (journal.ownCostMs ?? 0) / 1000,
      'node.peakMemoryBytes': { backup: backup.peakBytes, drill: drill.peakBytes },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
