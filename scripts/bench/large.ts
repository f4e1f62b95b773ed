import type { Journal } from '../../src/model/journal.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { readImageChoice } from '../image-choice.ts';
import { mysqlService, writeConfig } from './config.ts';
import { grow, largeMysql } from './large-mysql.ts';
import { measuredRun } from './measured-run.ts';
import { Bench } from './peers/bench.ts';

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
export async function measureLarge(gib: number, signal: AbortSignal, say: (line: string) => void): Promise<LargeRun[]> {
  const images = readImageChoice()?.images;
  if (!images) throw new Error('no images were chosen yet: npm run set-up');
  await using bench = await Bench.make(images, signal, say);
  await using source = await largeMysql(bench);
  await directoryVault('onsite', bench.path('vault')).mark();
  const config = await writeConfig(bench.folder, mysqlService(source.name), `mysql: '${images.mysql}'`);
  const runs: LargeRun[] = [];
  for (const more of [gib / 5, gib * 0.8]) {
    const size = runs.length === 0 ? more : gib;
    say(`making ${more.toFixed(1)} GiB of rows`);
    await grow(source, more);
    say(`backing up and drilling ${size.toFixed(1)} GiB`);
    runs.push({ gib: size, ...(await backedUpAndDrilled(config, signal)) });
  }
  return runs;
}

async function backedUpAndDrilled(config: string, signal: AbortSignal): Promise<Omit<LargeRun, 'gib'>> {
  const common = ['--config', config, '--quiet', '--json'];
  const backup = await measuredRun([...common, 'backup', '--full'], signal);
  const drill = await measuredRun([...common, 'drill', 'bench'], signal);
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
