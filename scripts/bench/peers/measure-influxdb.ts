import { minorVersion } from '../../image-recipes.ts';
import { type Bench, limits, timed } from './bench.ts';
import { type Contestant, contest, type Sample } from './contest.ts';
import { differenceOf } from './difference.ts';
import { bytesOf, type Firedrill, firedrillFor } from './firedrill.ts';
import { influxDatabase, lineBodies, pointsByMeasurement, telegrafSeries } from './influxdb-data.ts';
import { contentOf, type InfluxdbPlace, startInfluxdb } from './influxdb-place.ts';
import type { Measurement } from './measurement.ts';

export interface InfluxdbAsked {
  points: number;
  rounds: number;
  seed: number;
}

interface Stage {
  bench: Bench;
  source: InfluxdbPlace;
  firedrill: Firedrill;
  content: readonly string[];
  /** Where the native backup lies. */
  tar: string;
}

/** Backups and restores of the same data by `influxd` and by firedrill, in turns. */
export async function measureInfluxdb(bench: Bench, { points, rounds, seed }: InfluxdbAsked): Promise<Measurement> {
  await using source = await startInfluxdb(bench);
  await source.untilAnswers();
  bench.say(`InfluxDB: writing ${points.toLocaleString('en')} points`);
  await fill(source, points, seed);
  const content = await contentOf(source);
  const firedrill = await firedrillFor(bench, {
    engine: 'influxdb',
    reach: { docker: source.name },
    settings: { database: influxDatabase },
    checks: countChecks(points),
  });
  const stage: Stage = { bench, source, firedrill, content, tar: bench.path('influxdb.tar') };
  const common = { rounds, ours: 'firedrill', say: bench.say };
  const warm = async () => {
    await bench.settle(bench.path('nothing'));
    if ((await contentOf(source)).join() !== content.join()) throw new Error('a backup has changed its source');
  };
  bench.say('InfluxDB: backups');
  const backup = await contest({ ...common, contestants: backups(stage), prepare: warm });
  await firedrill.sync();
  const version = minorVersion(await bench.shell('docker exec "$1" influxd version', [source.name]));
  await source[Symbol.asyncDispose]();
  bench.say('InfluxDB: restores');
  const artifacts: Record<string, string> = { native: stage.tar, firedrill: firedrill.vault };
  const prepare = ({ id }: Contestant) => bench.settle(artifacts[id] ?? bench.path('firedrill-influxdb/offsite'));
  const restore = await contest({ ...common, contestants: restores(stage), prepare });
  return {
    engine: 'influxdb',
    title: `InfluxDB ${version}, ${sayPoints(points)} points`,
    data: { points, series: telegrafSeries().length, seed },
    rounds,
    limits: { cpus: limits.cpus, memoryBytes: limits.memoryBytes },
    backup,
    restore,
  };
}

const sayPoints = (points: number) => (points % 1e6 === 0 ? `${points / 1e6} million` : points.toLocaleString('en'));

/** As many writers as the server has processors. */
async function fill(source: InfluxdbPlace, points: number, seed: number): Promise<void> {
  await source.query(`CREATE DATABASE ${influxDatabase} WITH DURATION INF SHARD DURATION 1d NAME keep`, 'POST');
  const bodies = lineBodies(points, seed);
  const writer = async () => {
    for (const body of bodies) await source.write(body);
  };
  await Promise.all(Array.from({ length: limits.cpus }, writer));
  await expectAll(source, points);
}

/** What a server takes and drops is no data. */
async function expectAll(source: InfluxdbPlace, points: number): Promise<void> {
  const found = await contentOf(source);
  for (const [measurement, expected] of pointsByMeasurement(points)) {
    // A server that is asked for all measurements answers for each with the fields of all.
    const lines = found.filter((each) => each.startsWith(`${measurement}.count_`));
    const most = Math.max(0, ...lines.map((line) => Number(line.split('\t')[1])));
    if (most === expected) continue;
    throw new Error(`${measurement} holds ${most} points, and not ${expected}`);
  }
}

/** firedrill's drill counts for us as well: by our own questions, beside its own checks. */
function countChecks(points: number): object {
  const fields: Record<string, string> = {
    cpu: 'usage_user',
    mem: 'used',
    disk: 'used',
    net: 'bytes_recv',
    syslog: 'message',
  };
  const counts = [...pointsByMeasurement(points)];
  return Object.fromEntries(
    counts.map(([name, equals]) => [
      name,
      { influxql: `SELECT COUNT(${fields[name]}) FROM ${name}`, equals, within: '10m' },
    ]),
  );
}

function backups({ bench, source, firedrill, tar }: Stage): Contestant[] {
  const dump =
    'docker exec "$1" influxd backup -portable -db "$2" /data/backup >&2; docker cp "$1:/data/backup" - > "$3"';
  const native = async (): Promise<Sample> => {
    await bench.shell('docker exec "$1" rm -rf /data/backup', [source.name]);
    const seconds = await timed(() => bench.shell(dump, [source.name, influxDatabase, tar]));
    return { seconds, bytes: await bytesOf(bench, tar) };
  };
  return [
    { id: 'native', title: '`influxd backup -portable`', run: native },
    { id: 'firedrill', title: '**firedrill**', run: () => firedrill.backup() },
  ];
}

function restores({ bench, firedrill, content, tar }: Stage): Contestant[] {
  const load = 'docker cp - "$1:/data" < "$3"; docker exec "$1" influxd restore -portable -db "$2" /data/backup >&2';
  const native = async (): Promise<Sample> => {
    const startMs = performance.now();
    await using place = await startInfluxdb(bench);
    await place.untilAnswers();
    const boot = (performance.now() - startMs) / 1000;
    const restore = await timed(async () => {
      await bench.shell(load, [place.name, influxDatabase, tar]);
      await place.untilOpen();
    });
    const wrong = differenceOf(content, await contentOf(place));
    return { seconds: boot + restore, parts: { boot, restore }, ...(wrong === undefined ? {} : { wrong }) };
  };
  return [
    { id: 'native', title: '`influxd restore -portable`', run: native },
    { id: 'firedrill', title: '**firedrill**', run: () => firedrill.drill('onsite') },
    {
      id: 'firedrill-encrypted',
      title: '**firedrill**, from an encrypted copy',
      run: () => firedrill.drill('offsite'),
    },
  ];
}
