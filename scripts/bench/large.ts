import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Journal } from '../../src/model/journal.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { readImageChoice } from '../image-choice.ts';
import { largeMysql, writeConfig } from './large-mysql.ts';
import { measuredRun } from './measured-run.ts';

/** One backup of everything and its drill. */
interface LargeRun {
  gib: number;
  storedBytes: number;
  verdict: string;
  backupSeconds: number;
  restoreSeconds: number;
  /** What `plan` says beforehand, by the drills before; null when there is none. */
  estimatedSeconds: number | null;
  'drill.overheadSeconds': number;
  'node.peakMemoryBytes': { backup: number; drill: number };
}

/**
 * Backs up and drills a large MySQL database with the compiled program: with a fifth of its rows at first, by which is estimated
 * how long the whole will take. Sizes and times are of this machine; what must hold everywhere is the memory.
 */
export async function measureLarge(gib: number, say: (line: string) => void): Promise<LargeRun[]> {
  const images = readImageChoice()?.images;
  if (!images) throw new Error('no images were chosen yet: npm run set-up');
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  try {
    const config = await writeConfig(folder, images.mysql);
    await directoryVault('onsite', join(folder, 'vault')).mark();
    await using source = await largeMysql(images.mysql);
    const runs: LargeRun[] = [];
    for (const more of [gib / 5, gib * 0.8]) {
      const size = runs.length === 0 ? more : gib;
      say(`making ${more.toFixed(1)} GiB of rows`);
      await source.grow(more);
      say(`backing up and drilling ${size.toFixed(1)} GiB`);
      runs.push({ gib: size, ...(await backedUpAndDrilled(config)) });
    }
    return runs;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function backedUpAndDrilled(config: string): Promise<Omit<LargeRun, 'gib'>> {
  const common = ['--config', config, '--quiet', '--json'];
  const backup = await measuredRun([...common, 'backup', '--full']);
  const drill = await measuredRun([...common, 'drill', 'bench']);
  const { verdict, services, rto, estimate, ownCostMs } = JSON.parse(drill.stdout) as Journal;
  const estimatedMs = estimate?.whole?.ms;
  return {
    storedBytes: services[0]?.members[0]?.bytes ?? 0,
    verdict: verdict.verdict,
    backupSeconds: backup.seconds,
    restoreSeconds: (rto.usedMs ?? 0) / 1000,
    estimatedSeconds: estimatedMs === undefined ? null : estimatedMs / 1000,
    'drill.overheadSeconds': (ownCostMs ?? 0) / 1000,
    'node.peakMemoryBytes': { backup: backup.peakBytes, drill: drill.peakBytes },
  };
}
