import { mkdir } from 'node:fs/promises';
import { minorVersion } from '../../image-recipes.ts';
import { type Bench, limits } from './bench.ts';
import { type Contestant, contest, type Row } from './contest.ts';
import { firedrillFor } from './firedrill.ts';
import type { Measurement } from './measurement.ts';
import { artifacts, type MysqlStage, mysqlBackups, mysqlRestores } from './mysql-contestants.ts';
import { type DataPlan, database, mysqlDataPlan, type Shape } from './mysql-data.ts';
import { contentOf, type MysqlPlace, startMysql } from './mysql-place.ts';

export interface MysqlAsked {
  gib: number;
  shape: Shape;
  rounds: number;
  seed: number;
  only: readonly string[];
  /** Of the shape `many`; 10,000 by default. */
  tables?: number;
  /** A test's chance to spoil what the backups have left. */
  beforeRestores?: () => Promise<void>;
}

const shapeWords: Record<Shape, string> = {
  few: 'in four large tables',
  many: 'in 10,000 small tables',
  wide: 'in rows of 200 columns',
  blobs: 'of files in BLOBs',
};

/** Backups and restores of the same data by all contestants, in turns. */
export async function measureMysql(bench: Bench, asked: MysqlAsked): Promise<Measurement> {
  const { gib, shape, rounds, seed, only } = asked;
  const socketFolder = bench.path('source-socket');
  await mkdir(socketFolder);
  await using source = await startMysql(bench, { socketFolder, options: sourceOptions });
  await source.untilAnswers();
  bench.say(`MySQL: making ${gib} GiB ${shapeWords[shape]}`);
  await fill(source, mysqlDataPlan(shape, gib * 1024 ** 3, seed, asked.tables));
  const reach = { docker: source.name };
  const settings = { databases: [database], user: 'firedrill', password: { file: 'password.txt' } };
  const firedrill = await firedrillFor(bench, { engine: 'mysql', reach, settings });
  const content = await contentOf(source);
  const stage: MysqlStage = { bench, source, socketFolder, firedrill, content, hasMydumper: await hasMydumper(bench) };
  const bytes = await bytesOf(source);
  const [backups, restores] = chosen(only, mysqlBackups(stage), mysqlRestores(stage));
  const common = { rounds, ours: 'firedrill', say: bench.say };
  // The same pages lie in the source's memory for all: each has been read once, which also shows that none has changed.
  const warm = async () => {
    await bench.settle(bench.path('nothing'));
    if ((await contentOf(source)).join() !== content.join()) throw new Error('a backup has changed its source');
  };
  bench.say('MySQL: backups');
  const backup = await contest({ ...common, contestants: backups, prepare: warm });
  await firedrill.sync();
  await source[Symbol.asyncDispose]();
  await asked.beforeRestores?.();
  bench.say('MySQL: restores');
  const prepare = ({ id }: Contestant) => bench.settle(artifactOf(bench, id));
  const restore = await contest({ ...common, contestants: withoutArtifact(restores, backup), prepare });
  const version = minorVersion(
    await bench.shell('docker run --rm --network none --entrypoint mysqld "$1" --version', [bench.images.mysql]),
  );
  return {
    engine: 'mysql',
    title: `MySQL ${version}, ${gib} GiB ${shapeWords[shape]}`,
    data: { gib, shape, seed, tables: content.filter((line) => line.startsWith(`${database}.`)).length, bytes },
    rounds,
    limits: { cpus: limits.cpus, memoryBytes: limits.memoryBytes },
    backup,
    restore,
  };
}

/** It is no contestant: what is read from it is to come fast. */
const sourceOptions = [
  ...['--skip-log-bin', '--innodb-buffer-pool-size=2G', '--innodb-redo-log-capacity=1G', '--innodb-doublewrite=OFF'],
  ...['--innodb-flush-log-at-trx-commit=0', '--plugin-load-add=mysql_clone.so', '--max-allowed-packet=1G'],
  // Nothing of it is to outlive a crash: 10,000 tables are made in a minute, and not in ten.
  '--innodb-flush-method=nosync',
];

async function fill(source: MysqlPlace, { before, lanes, after }: DataPlan): Promise<void> {
  const statements = (all: readonly string[]) => source.sql(`${all.join(';\n')};\n`);
  await statements(before);
  await source.sql('ALTER INSTANCE DISABLE INNODB REDO_LOG');
  await Promise.all(lanes.map(statements));
  await source.sql('ALTER INSTANCE ENABLE INNODB REDO_LOG');
  await statements(after);
  await source.sql("CREATE USER firedrill@'%' IDENTIFIED BY 'bench'; GRANT ALL ON *.* TO firedrill@'%'");
}

/** Of the tables' files, keys included. */
async function bytesOf(source: MysqlPlace): Promise<number> {
  const sum = `SELECT SUM(file_size) FROM information_schema.innodb_tablespaces WHERE name LIKE '${database}/%'`;
  return Number(await source.sql(sum));
}

async function hasMydumper(bench: Bench): Promise<boolean> {
  const found = await bench.shell('command -v mydumper myloader || true', []);
  return found.trim().split('\n').length === 2;
}

/** All, or those that are named and what they need: their backups, and firedrill's, which all is set against. */
export function chosen(only: readonly string[], backups: Contestant[], restores: Contestant[]) {
  const isIn =
    (ids: ReadonlySet<string>) =>
    ({ id }: Contestant) =>
      only.length === 0 || ids.has(id);
  const known = new Set([...backups, ...restores].map(({ id }) => id));
  const unknown = only.find((id) => !known.has(id));
  if (unknown !== undefined) throw new Error(`--only knows ${[...known].join(', ')}, and not: ${unknown}`);
  const needed = only.map((id) => backupOf[id] ?? id);
  return [
    backups.filter(isIn(new Set([...needed, ...only, 'firedrill']))),
    restores.filter(isIn(new Set([...only, 'firedrill']))),
  ] as const;
}

/** Whose backup a restore takes, where the names differ. */
const backupOf: Record<string, string> = {
  plain: 'mysqldump',
  tuned: 'mysqldump',
  myloader: 'mydumper',
  'firedrill-encrypted': 'firedrill',
};

/** What has no backup cannot be restored: the reason is the same. */
function withoutArtifact(restores: readonly Contestant[], backup: readonly Row[]): Contestant[] {
  return restores.map((each) => {
    const made = backup.find(({ id }) => id === (backupOf[each.id] ?? each.id));
    const isGood = each.missing !== undefined || made === undefined || made.problem === null;
    return isGood ? each : { ...each, missing: `there is no backup: ${made.problem}` };
  });
}

function artifactOf(bench: Bench, id: string): string {
  const { sql, mydumper, physical } = artifacts;
  const names: Record<string, string> = { plain: sql, tuned: sql, myloader: mydumper, physical };
  const vault = id === 'firedrill-encrypted' ? 'offsite' : 'onsite';
  return bench.path(names[id] ?? `firedrill-mysql/${vault}`);
}
