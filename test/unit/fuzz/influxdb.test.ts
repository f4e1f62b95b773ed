import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { influxdbEngine } from '../../../src/engines/influxdb/influxdb.ts';
import { SpooledShard } from '../../../src/engines/influxdb/shard-archive.ts';
import { ShardTally } from '../../../src/engines/influxdb/shard-tally.ts';
import { readShard } from '../../../src/engines/influxdb/tsm/read-shard.ts';
import { parseTombstones } from '../../../src/engines/influxdb/tsm/tombstones.ts';
import { TsmFile } from '../../../src/engines/influxdb/tsm/tsm-file.ts';
import { collect } from '../../../src/kit/streams.ts';
import { type NewTarEntry, writeTar } from '../../../src/kit/tar.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { testActivity } from '../../support/activity.ts';
import { forgedMember, onlyCodedErrors, spoiled, spoiledJson } from '../../support/fuzz.ts';
import { inChunks } from '../../support/grafana-pages.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { tombstoneFile, tsmFile, varint } from '../../support/tsm-bytes.ts';

const hour = 3_600_000_000_000n;
const tsm = tsmFile([
  { key: 'cpu,host=a#!~#idle', blocks: [{ times: [1n, 2n, 3n] }, { times: [5n, 15n, 25n], encoding: 'packed' }] },
  { key: 'cpu,host=a#!~#user', type: 1, blocks: [{ times: [hour, 2n * hour, 3n * hour], encoding: 'run' }] },
]);
const tombstones = [2, 3, 4].map((v) =>
  tombstoneFile([{ key: 'cpu,host=a#!~#idle', min: 2n, max: 3n }], v as 2 | 3 | 4),
);

/** Counts a file's points as a drill does. */
async function tally(bytes: Buffer, deleted?: Buffer, signal?: AbortSignal) {
  await using scratch = await scratchFolder();
  const path = join(scratch.path, '1.tsm');
  await writeFile(path, bytes);
  const counted = new ShardTally('autogen', 2n ** 62n);
  const file = await TsmFile.open(path);
  try {
    const ranges = deleted ? await parseTombstones(deleted) : new Map();
    await readShard([{ tsm: file, tombstones: ranges }], counted, signal);
  } finally {
    await file.close();
  }
  return counted.measurements();
}

const packed = async (...entries: NewTarEntry[]) => {
  const tar = await collect(writeTar(entries), 1 << 24, 'test');
  return { archive: gzipSync(tar), size: tar.length };
};
const entry = (name: string, content: Buffer): NewTarEntry => ({ name, size: content.length, content });
const fileName = '20261122T013000Z.s1.tar.gz';

async function readArchive(archive: Buffer, size: number) {
  await using scratch = await scratchFolder();
  const file = { database: 'db', policy: 'autogen', shardID: 1, fileName, size };
  const content = inChunks(archive, 700);
  await using spooled = await SpooledShard.of({ content, bytes: archive.length, file }, scratch.path);
  await spooled.read(new ShardTally('autogen', 2n ** 62n));
  return spooled.facts;
}

describe('a forged InfluxDB backup: any', function () {
  this.timeout(600_000);

  it('TSM file', () => onlyCodedErrors(spoiled(tsm), (each) => tally(each), 400));

  it('tombstones', () => onlyCodedErrors(spoiled(...tombstones), (each) => tally(tsm, each), 200));

  it('shard archive', async () => {
    const good = await packed(
      entry('db/autogen/1/1.tsm', tsm),
      entry('db/autogen/1/1.tombstone', tombstones[2] as Buffer),
    );
    await readArchive(good.archive, good.size);
    await onlyCodedErrors(spoiled(good.archive), (each) => readArchive(each, good.size), 150);
  });

  it('facts, position and manifest of the dump', async () => {
    const day = '2026-11-22T00:00:00.000000000Z';
    const field = {
      name: 'idle',
      types: ['float'],
      series: 1,
      points: 6,
      first: day,
      last: day,
      days: { '2026-11-22': 6 },
    };
    const measurement = { policy: 'autogen', name: 'cpu', tagKeys: ['host'], fields: [field] };
    const shard = {
      ...{ id: 1, policy: 'autogen', start: 'a', end: 'b', files: [{ name: '1.tsm', bytes: 1, sha256: '0' }] },
      ...{ tombstones: 0, contentSha256: '0', measurements: [measurement], newest: null },
    };
    const policy = { name: 'autogen', duration: '0s', shardDuration: '168h0m0s', replicas: 1, isDefault: true };
    const query = 'CREATE CONTINUOUS QUERY q ON db BEGIN SELECT mean(idle) INTO x FROM cpu GROUP BY time(1h) END';
    const facts = {
      ...{ database: 'db', policies: [policy], continuousQueries: [{ name: 'q', query }], users: [] },
      ...{ shards: [shard], measurements: [measurement], newest: null },
    };
    const position = { shards: [{ id: 1, policy: 'autogen', start: 'a' }], stored: [1] };
    const dump = {
      meta: { fileName: 'x.meta' },
      files: [{ database: 'db', policy: 'autogen', shardID: 1, fileName, size: 9 }],
    };
    const whole = { facts, position, dump };
    const verify = (value: unknown) => {
      const each = (value ?? {}) as typeof whole;
      const { archive } = { archive: gzipSync(Buffer.alloc(1024)) };
      const manifest = { facts: each.facts, position: each.position } as unknown as Partial<Manifest>;
      const member = forgedMember(manifest, {
        'x.manifest': { role: 'manifest', content: Buffer.from(JSON.stringify(each.dump) ?? '') },
        'x.meta': { role: 'meta', content: Buffer.from('meta') },
        [fileName]: { role: 'shard', content: archive },
      });
      return influxdbEngine.verify(member, testActivity());
    };
    await onlyCodedErrors(spoiledJson(whole), verify, 300);
    for (const strange of [
      'DROP DATABASE db',
      `${query}; DROP DATABASE db`,
      `${query} -- '`,
      'CREATE CONTINUOUS QUERY "',
    ]) {
      const failure = await rejectionOf(
        Promise.resolve(verify({ ...whole, facts: { ...facts, continuousQueries: [{ name: 'q', query: strange }] } })),
      );
      expect(failure.message, strange).to.match(/it is no continuous query/);
    }
  });

  it('archive that holds a file twice, or more files than a shard has', async () => {
    const twice = await packed(entry('db/autogen/1/1.tsm', tsm), entry('db/autogen/1/1.tsm', tsm));
    const failure = await rejectionOf(readArchive(twice.archive, twice.size));
    expect(failure).to.include({ code: 'ARTIFACT_FORMAT' });
    expect(failure.message).to.match(/holds 1\.tsm twice/);
    const many = Array.from({ length: 2_001 }, (_, i) => entry(`db/autogen/1/${i}.tombstone`, Buffer.alloc(0)));
    const more = await packed(...many);
    expect(await rejectionOf(readArchive(more.archive, more.size))).to.include({ code: 'LIMIT_EXCEEDED' });
  });

  it('archive that says it is larger than this machine’s disk', async () => {
    const { archive } = await packed(entry('db/autogen/1/1.tsm', tsm));
    expect(await rejectionOf(readArchive(archive, 2 ** 52))).to.include({ code: 'DISK_FULL' });
  });

  /** A block of 30 bytes that claims a million points: `step` of ns apart. */
  const bombs = (count: number, points: bigint, exponent: number) => {
    const times = Buffer.concat([Buffer.from([0x20 | exponent]), Buffer.alloc(8), varint(1n), varint(points)]);
    return bombFile(count, times, (points - 1n) * 10n ** BigInt(exponent));
  };

  it('block that claims a million points: they are not counted for ever, nor kept for each day', async () => {
    const stop = AbortSignal.timeout(300);
    expect(await rejectionOf(tally(bombs(2_000, 1_000_000n, 9), undefined, stop))).to.include({ code: 'INTERRUPTED' });
    const failure = await rejectionOf(tally(bombs(2_000, 90_000n, 14)));
    expect(failure).to.include({ code: 'LIMIT_EXCEEDED' });
    expect(failure.message).to.match(/more than 4000000 fields, days of fields and tag keys/);
  });

  it('number of deleted ranges of one key, each looked up at once', async () => {
    const ranges = Array.from({ length: 100_000 }, (_, i) => ({
      key: 'm#!~#v',
      min: BigInt(4 * i),
      max: BigInt(4 * i + 1),
    }));
    const times = Array.from({ length: 100_000 }, (_, i) => BigInt(2 * i));
    const blocks = [{ times: times.slice(0, 50_000) }, { times: times.slice(50_000) }];
    const [cpu] = await tally(tsmFile([{ key: 'm#!~#v', blocks }]), tombstoneFile(ranges, 2));
    expect(cpu?.fields[0]?.points).to.equal(50_000);
  });
});

/** Keys of one block each, all of the same bytes. */
function bombFile(count: number, times: Buffer, last: bigint): Buffer {
  const int = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return bytes;
  };
  const file = tsmFile([{ key: 'm#!~#v', blocks: [{ times: [0n] }] }]);
  return forgedTsm(file, count, times, int, last);
}

function forgedTsm(sample: Buffer, count: number, times: Buffer, int: (value: bigint) => Buffer, last: bigint): Buffer {
  const data = Buffer.concat([Buffer.from([0]), varint(BigInt(times.length)), times]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(data));
  const block = Buffer.concat([sum, data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(block.length);
  const index = Array.from({ length: count }, (_, i) => {
    const key = Buffer.from(`m#!~#v${String(i).padStart(6, '0')}`);
    const head = Buffer.from([0, key.length, ...key, 0, 0, 1]);
    return Buffer.concat([head, int(0n), int(last), int(5n), size]);
  });
  return Buffer.concat([sample.subarray(0, 5), block, ...index, int(BigInt(5 + block.length))]);
}
