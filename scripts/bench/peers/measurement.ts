import type { Row, Sample } from './contest.ts';
import { type Spread, spreadOf, timesAsFast } from './spread.ts';

/** What one run has measured of one engine's data. */
export interface Measurement {
  engine: 'mysql' | 'influxdb';
  /** Engine, version, size and shape: a later run of the same takes its place. */
  title: string;
  data: Record<string, string | number>;
  rounds: number;
  limits: { cpus: number; memoryBytes: number };
  backup: Row[];
  restore: Row[];
}

/** How many times as fast firedrill is as a peer; null where one of both gave no right result. */
export interface Ratio {
  peer: string;
  of: string;
  rounds: number;
  timesAsFast: Spread | null;
  /** The same of what comes when the empty servers have started; of restores only. */
  withoutStart?: Spread | null;
}

/** The numbers that have a name in reports/bench.json: `mysql.restoreRatio`, `drill.overheadSeconds` and so on. */
export interface NamedNumbers {
  [name: `${string}Ratio`]: Ratio;
  [name: `${string}Seconds`]: Record<string, Spread>;
  [name: `${string}Bytes`]: { backup: number; drill: number };
}

/** Whom a ratio is against. */
const peers = {
  mysql: { backup: 'mysqldump', restore: 'plain' },
  influxdb: { backup: 'native', restore: 'native' },
} as const;

export function namedNumbers(measurements: readonly Measurement[]): NamedNumbers {
  const numbers: NamedNumbers = {};
  const overhead: Record<string, Spread> = {};
  for (const measurement of measurements) {
    const { engine, title: of, rounds, restore } = measurement;
    for (const what of ['backup', 'restore'] as const) {
      const row = measurement[what].find(({ id }) => id === peers[engine][what]);
      if (!row) continue;
      const ratio = { peer: row.title, of, rounds, timesAsFast: row.timesAsFast };
      const own = measurement[what].find(({ id }) => id === 'firedrill');
      const loading = what === 'restore' ? { withoutStart: timesAsFast(loads(row), loads(own)) } : {};
      numbers[`${engine}.${what}Ratio`] = { ...ratio, ...loading };
    }
    const seconds = ownSamples(restore).flatMap(({ overheadSeconds = [] }) => overheadSeconds);
    if (seconds.length > 0) overhead[of] = spreadOf(seconds);
  }
  const peak = (what: 'backup' | 'restore') =>
    Math.max(0, ...measurements.flatMap((each) => ownSamples(each[what])).map(({ peakBytes = 0 }) => peakBytes));
  return {
    ...numbers,
    'drill.overheadSeconds': overhead,
    'node.peakMemoryBytes': { backup: peak('backup'), drill: peak('restore') },
  };
}

const loads = (row: Row | undefined) => row?.samples.map(({ parts }) => parts?.restore ?? null) ?? [];

const ownSamples = (rows: readonly Row[]): Sample[] =>
  rows.filter(({ id }) => id.startsWith('firedrill')).flatMap(({ samples }) => samples);

/**
 * From this size on: less than that starts its server for a good part of the time, and fits nearly whole into what a server with
 * default settings holds in memory (128 MiB); who has so little needs no faster restore.
 */
const goalFromGib = 1;
const restoreGoal = 4;
const memoryGoalBytes = 200e6;

/** What is not as it must be, one sentence each. */
export function shortfalls(measurements: readonly Measurement[]): string[] {
  const numbers = namedNumbers(measurements);
  const failures = measurements.flatMap(({ title, backup, restore }) =>
    [...backup, ...restore]
      .filter(({ isFailure }) => isFailure)
      .map(({ id, problem }) => `${title}: ${id}: ${problem}`),
  );
  const mysql = measurements.find(({ engine, data }) => engine === 'mysql' && isOfGoal(data));
  const times = numbers['mysql.restoreRatio']?.timesAsFast?.median;
  if (mysql && times !== undefined && times < restoreGoal) {
    failures.push(
      `${mysql.title}: restored ${times.toFixed(1)} times as fast as zstd and mysql; the goal is ${restoreGoal}`,
    );
  }
  const { backup = 0, drill = 0 } = numbers['node.peakMemoryBytes'] ?? {};
  const peak = Math.max(backup, drill);
  if (peak >= memoryGoalBytes) failures.push(`Node took ${Math.round(peak / 1e6)} MB; the goal is below 200 MB`);
  return failures;
}

const isOfGoal = ({ gib, shape }: Measurement['data']) => shape === 'few' && Number(gib) >= goalFromGib;
