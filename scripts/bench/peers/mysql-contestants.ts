import { mkdir } from 'node:fs/promises';
import type { Manifest } from '../../../src/model/manifest.ts';
import { type Bench, timed } from './bench.ts';
import type { Contestant, Sample } from './contest.ts';
import { differenceOf } from './difference.ts';
import { bytesOf, type Firedrill } from './firedrill.ts';
import { database } from './mysql-data.ts';
import { contentOf, type MysqlPlace, startMysql, tunedOptions } from './mysql-place.ts';

/** What a backup left, and a restore takes. */
export const artifacts = { sql: 'dump.sql.zst', mydumper: 'mydumper', physical: 'physical.tar.zst' };

export interface MysqlStage {
  bench: Bench;
  source: MysqlPlace;
  /** With the source's socket, for clients of this machine. */
  socketFolder: string;
  firedrill: Firedrill;
  /** See `contentOf`. */
  content: readonly string[];
  /** Whether mydumper and myloader are on the PATH. */
  hasMydumper: boolean;
}

const dumpOptions = [
  ...['--single-transaction', '--routines', '--triggers', '--events', '--hex-blob', '--no-tablespaces'],
  ...['--set-gtid-purged=OFF', '--default-character-set=utf8mb4', '--databases', database],
];
const mydumperTitle = 'mydumper and myloader of Debian, two threads';

function ofMydumper({ hasMydumper }: MysqlStage) {
  // What comes out of the versions that Debian has is no backup of a server as new as ours, now and then: that is told.
  return { mayFail: true, missing: hasMydumper ? undefined : 'not installed here (apt-get install mydumper)' };
}

export function mysqlBackups(stage: MysqlStage): Contestant[] {
  const { bench, source, socketFolder, firedrill } = stage;
  const [sql, chunks, physical] = [artifacts.sql, artifacts.mydumper, artifacts.physical].map((name) =>
    bench.path(name),
  );
  const taken = async (path = '', work: () => Promise<unknown>): Promise<Sample> => {
    await bench.shell('rm -rf "$1"', [path]);
    const seconds = await timed(work);
    return { seconds, bytes: await bytesOf(bench, path) };
  };
  const dump = 'to=$1; shift; docker exec "$@" | zstd -3 --quiet -o "$to"';
  const myDump = 'mydumper --socket="$1" --user=root --database="$2" --outputdir="$3" --threads=2 --compress';
  return [
    {
      id: 'mysqldump',
      title: '`mysqldump \\| zstd -3`',
      run: () =>
        taken(sql, () => bench.shell(dump, [sql ?? '', source.name, 'mysqldump', ...source.login(), ...dumpOptions])),
    },
    {
      id: 'mydumper',
      title: mydumperTitle,
      ...ofMydumper(stage),
      run: () => taken(chunks, () => bench.shell(myDump, [`${socketFolder}/mysqld.sock`, database, chunks ?? ''])),
    },
    {
      id: 'physical',
      title: 'a physical copy (`CLONE LOCAL`, tar, zstd): the limit',
      run: () => taken(physical, () => clone(stage, physical ?? '')),
    },
    {
      id: 'firedrill',
      title: '**firedrill**',
      run: async () => {
        const sample = await firedrill.backup();
        const wrong = wrongFacts(await firedrill.manifest(), stage.content);
        return wrong === undefined ? sample : { ...sample, wrong };
      },
    },
  ];
}

/** `docker cp` needs no tar in the image. */
async function clone({ bench, source }: MysqlStage, to: string) {
  await source.sql("CLONE LOCAL DATA DIRECTORY = '/data/clone'");
  await bench.shell('docker cp "$1:/data/clone" - | zstd -3 --threads=0 --quiet -o "$2"', [source.name, to]);
  await bench.shell('docker exec "$1" rm -rf /data/clone', [source.name]);
}

/**
 * What the manifest says of the tables, against what we have read ourselves. Of a table whose checksum may change with how it is
 * stored (JSON), it holds a digest instead, which the drill compares.
 */
function wrongFacts({ facts }: Manifest, content: readonly string[]): string | undefined {
  const { tables } = facts as {
    tables: { database: string; name: string; checksum: string | null; digest: string | null }[];
  };
  const nameOf = (line: string) => line.slice(0, line.indexOf('\t'));
  const digested = new Set(
    tables.filter(({ checksum, digest }) => checksum === null && digest !== null).map(qualified),
  );
  const expected = content.filter((line) => line.startsWith(`${database}.`) && !digested.has(nameOf(line)));
  const found = tables.filter((table) => !digested.has(qualified(table)));
  return differenceOf(
    expected,
    found.map((table) => `${qualified(table)}\t${table.checksum}`),
  );
}

const qualified = ({ database: of, name }: { database: string; name: string }) => `${of}.${name}`;

export function mysqlRestores(stage: MysqlStage): Contestant[] {
  const { bench, firedrill } = stage;
  const sql = `zstd -dc "$1" | docker exec --interactive "$2" mysql "\${@:3}" --binary-mode`;
  const load = (place: MysqlPlace) => bench.shell(sql, [bench.path(artifacts.sql), place.name, ...place.login()]);
  return [
    {
      id: 'plain',
      title: '`zstd -dc \\| mysql`, default settings',
      run: () => restored(stage, () => startMysql(bench), load),
    },
    {
      id: 'tuned',
      title: "`zstd -dc \\| mysql`, firedrill's throw-away settings",
      run: () => restored(stage, () => startMysql(bench, { options: tunedOptions() }), afterwards(load)),
    },
    { id: 'myloader', title: mydumperTitle, ...ofMydumper(stage), run: () => myloader(stage) },
    { id: 'physical', title: 'a physical copy (zstd, untar, start): the limit', run: () => untar(stage) },
    { id: 'firedrill', title: '**firedrill**', run: () => firedrill.drill('onsite') },
    {
      id: 'firedrill-encrypted',
      title: '**firedrill**, from an encrypted copy',
      run: () => firedrill.drill('offsite'),
    },
  ];
}

/** As firedrill does: no redo log while it loads. */
const afterwards = (load: (place: MysqlPlace) => Promise<unknown>) => async (place: MysqlPlace) => {
  await place.sql('ALTER INSTANCE DISABLE INNODB REDO_LOG');
  await load(place);
  await place.sql('ALTER INSTANCE ENABLE INNODB REDO_LOG');
};

/** From an order to restore, with nothing there, until a server answers that holds all: then it is compared, untimed. */
async function restored(
  { content }: MysqlStage,
  start: () => Promise<MysqlPlace>,
  load: (place: MysqlPlace) => Promise<unknown>,
): Promise<Sample> {
  const startMs = performance.now();
  await using place = await start();
  const boot = await timed(() => place.untilAnswers()).then(() => (performance.now() - startMs) / 1000);
  const restore = await timed(() => load(place));
  return await judged(place, content, { boot, restore });
}

async function judged(place: MysqlPlace, content: readonly string[], parts: Record<string, number>): Promise<Sample> {
  const wrong = differenceOf(content, await contentOf(place));
  const seconds = Object.values(parts).reduce((sum, each) => sum + each, 0);
  return { seconds, parts, ...(wrong === undefined ? {} : { wrong }) };
}

async function myloader(stage: MysqlStage): Promise<Sample> {
  const { bench } = stage;
  const socketFolder = bench.path('myloader-socket');
  await mkdir(socketFolder, { recursive: true });
  const tool = 'myloader --socket="$1" --user=root --directory="$2" --threads=2';
  return restored(
    stage,
    () => startMysql(bench, { socketFolder }),
    () => bench.shell(tool, [`${socketFolder}/mysqld.sock`, bench.path(artifacts.mydumper)]),
  );
}

async function untar({ bench, content }: MysqlStage): Promise<Sample> {
  const startMs = performance.now();
  await using place = await startMysql(bench, { birth: { at: '/data/clone' } });
  const copy = `zstd -dc "$1" | docker cp - "$2:/data"; docker exec "$2" touch /data/clone/.complete`;
  await bench.shell(copy, [bench.path(artifacts.physical), place.name]);
  const restore = (performance.now() - startMs) / 1000;
  const boot = await timed(() => place.untilAnswers());
  return await judged(place, content, { restore, boot });
}
