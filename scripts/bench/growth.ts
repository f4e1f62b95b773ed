import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directoryVault } from '../../src/vault/directory.ts';
import { pastDrills, writeJournals } from '../../test/support/many-drills.ts';
import { readImageChoice } from '../image-choice.ts';
import type { Growing } from './growing.ts';
import { manyMembers } from './many-members.ts';
import { type MeasuredRun, measuredRun } from './measured-run.ts';

export interface GrowthRow {
  what: string;
  size: number;
  seconds: number;
  cpuSeconds: number;
  peakMemoryBytes: number;
}

/** A command whose time may grow with what lies there. */
interface Question {
  what: string;
  args: readonly string[];
  /** Whether its output is what was to be measured, and no error. */
  isAnswer(run: MeasuredRun): boolean;
}

const holds = (text: RegExp) => (run: MeasuredRun) => run.exitStatus === 0 && text.test(run.stdout);

/** Of a vault: the first run knows no manifest. */
const ofMembers: readonly Question[] = [
  { what: 'members: list, the first time', args: ['list'], isAnswer: holds(/chain of \d+ members?: whole/) },
  { what: 'members: list, again', args: ['list'], isAnswer: holds(/chain of \d+ members?: whole/) },
  { what: 'members: expire --dry-run', args: ['expire', '--dry-run'], isAnswer: holds(/nothing has expired/) },
];

/** Of a chain of hourly increments as long as a week. */
const ofChain: readonly Question[] = [
  { what: 'members of one chain: plan', args: ['plan'], isAnswer: holds(/^many \(MySQL\): \d+ members? of backup-/m) },
];

/** Of reports: the first run has no cache of summaries. */
const ofReports: readonly Question[] = [
  { what: 'reports: report index, the first time', args: ['report', 'index'], isAnswer: holds(/index\.html/) },
  { what: 'reports: report index, again', args: ['report', 'index'], isAnswer: holds(/index\.html/) },
  { what: 'reports: list', args: ['list'], isAnswer: holds(/chain of 24 members: whole/) },
  { what: 'reports: expire --dry-run', args: ['expire', '--dry-run'], isAnswer: holds(/nothing has expired/) },
  { what: 'reports: plan', args: ['plan'], isAnswer: holds(/^many \(MySQL\): 24 members of backup-/m) },
  { what: 'reports: metrics', args: ['metrics'], isAnswer: holds(/^firedrill_/m) },
];

/** Of a live service: it is backed up, looked at and drilled. */
function ofService(what: string, members: number): Question[] {
  const many = `${members} member${members === 1 ? '' : 's'}`;
  const kind = members === 1 ? ['--full'] : [];
  return [
    { what: `${what}: backup`, args: ['backup', ...kind], isAnswer: holds(/^large: \S+: (full|increment)\b/m) },
    { what: `${what}: list`, args: ['list'], isAnswer: holds(new RegExp(`chain of ${many}: whole`)) },
    {
      what: `${what}: plan`,
      args: ['plan'],
      isAnswer: holds(new RegExp(`^large \\(\\w+\\): ${many} of backup-`, 'm')),
    },
    { what: `${what}: verify`, args: ['verify'], isAnswer: holds(/^ +pass +(completeness|format): /m) },
    { what: `${what}: drill`, args: ['drill', 'bench'], isAnswer: holds(/^PASS: /m) },
  ];
}

/** Times and memory of commands by how much a real server, or Grafana's stand-in, has of something. */
export async function measureGrowing(
  what: string,
  { raise, ofMembers }: Growing,
  sizes: readonly number[],
  signal: AbortSignal,
): Promise<GrowthRow[]> {
  const images = readImageChoice()?.images;
  if (!images) throw new Error('no images were chosen yet: npm run set-up');
  const rows: GrowthRow[] = [];
  for (const size of sizes) {
    await inFolder(async (folder) => {
      await directoryVault('onsite', join(folder, 'vault')).mark();
      await using grown = await raise(folder, images, size, signal);
      rows.push(...(await answered(grown.config, size, ofService(what, ofMembers ? size : 1), signal)));
    });
  }
  return rows;
}

/** Times and memory of commands by how much lies there: each size in a folder of its own, one run at a time. */
export async function measureGrowth(
  members: readonly number[],
  chains: readonly number[],
  reports: readonly number[],
  signal: AbortSignal,
): Promise<GrowthRow[]> {
  const rows: GrowthRow[] = [];
  for (const size of chains) {
    await inFolder(async (folder) => {
      rows.push(...(await answered(await manyMembers(folder, size), size, ofChain, signal)));
    });
  }
  for (const size of members) {
    await inFolder(async (folder) => {
      rows.push(...(await answered(await manyMembers(folder, size), size, ofMembers, signal)));
    });
  }
  for (const size of reports) {
    await inFolder(async (folder) => {
      const config = await manyMembers(folder, 24);
      await writeJournals(join(folder, 'reports'), pastDrills({ nights: size }));
      rows.push(...(await answered(config, size, ofReports, signal)));
    });
  }
  return rows;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'firedrill-growth-'));
  await work(folder).finally(() => rm(folder, { recursive: true, force: true }));
}

async function answered(
  config: string,
  size: number,
  questions: readonly Question[],
  signal: AbortSignal,
): Promise<GrowthRow[]> {
  const rows: GrowthRow[] = [];
  for (const { what, args, isAnswer } of questions) {
    const run = await measuredRun(['--config', config, '--quiet', ...args], signal);
    if (!isAnswer(run)) throw new Error(`${what}, ${size}: it ended with ${run.exitStatus}: ${run.stdout.slice(-400)}`);
    rows.push({ what, size, seconds: run.seconds, cpuSeconds: run.cpuSeconds, peakMemoryBytes: run.peakBytes });
  }
  return rows;
}

/** What the largest size costs beside the next smaller one, in the time of the processor. */
export interface GrowthRatio {
  what: string;
  sizes: number;
  times: number;
}

export function ratiosOf(rows: readonly GrowthRow[]): GrowthRatio[] {
  return [...new Set(rows.map(({ what }) => what))].flatMap((what) => {
    const [large, small] = rows.filter((each) => each.what === what).toSorted((a, b) => b.size - a.size);
    if (!large || !small) return [];
    return [{ what, sizes: large.size / small.size, times: large.cpuSeconds / small.cpuSeconds }];
  });
}

export function growthTable(rows: readonly GrowthRow[]): string {
  const cells = rows.map(
    ({ what, size, seconds, cpuSeconds, peakMemoryBytes }) =>
      `| ${what} | ${size.toLocaleString('en')} | ${seconds.toFixed(1)} s | ${cpuSeconds.toFixed(1)} s | ${Math.round(peakMemoryBytes / 1e6)} MB |`,
  );
  return ['| command | of | time | of the processor | peak memory |', '|---|---|---|---|---|', ...cells].join('\n');
}
