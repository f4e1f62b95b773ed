import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { type PointSink, readShard, type ShardFile } from '../../../../../src/engines/influxdb/tsm/read-shard.ts';
import { noTombstones, parseTombstones } from '../../../../../src/engines/influxdb/tsm/tombstones.ts';
import { TsmFile } from '../../../../../src/engines/influxdb/tsm/tsm-file.ts';
import { FiredrillError } from '../../../../../src/kit/errors.ts';
import { scratchFolder } from '../../../../support/scratch.ts';
import { type TestKey, type TestRange, tombstoneFile, tsmFile } from '../../../../support/tsm-bytes.ts';

/** Keeps what it is told: per key the points that were told one by one, and the runs. */
class Told implements PointSink {
  readonly keys = new Map<string, { type: number; points: bigint[]; runs: [bigint, bigint, number][] }>();
  readonly split: (min: bigint, max: bigint) => boolean;
  #now = { type: 0, points: [] as bigint[], runs: [] as [bigint, bigint, number][] };

  constructor(split: (min: bigint, max: bigint) => boolean = () => true) {
    this.split = split;
  }
  beginKey(key: Buffer, type: number) {
    this.#now = { type, points: [], runs: [] };
    this.keys.set(key.toString(), this.#now);
  }
  splits(min: bigint, max: bigint) {
    return this.split(min, max);
  }
  run(min: bigint, max: bigint, count: number) {
    this.#now.runs.push([min, max, count]);
  }
  points(times: BigInt64Array) {
    this.#now.points.push(...times);
  }
  async endKey() {}
}

interface Given {
  keys: readonly TestKey[];
  deleted?: readonly TestRange[];
}

async function readBytes(files: readonly { tsm: Buffer; tombstones?: Buffer | undefined }[], sink: PointSink) {
  await using scratch = await scratchFolder();
  const opened: ShardFile[] = [];
  try {
    for (const [i, { tsm, tombstones }] of files.entries()) {
      const path = join(scratch.path, `${i}.tsm`);
      await writeFile(path, tsm);
      const parsed = tombstones ? await parseTombstones(tombstones) : noTombstones;
      opened.push({ tsm: await TsmFile.open(path), tombstones: parsed });
    }
    await readShard(opened, sink);
  } finally {
    for (const { tsm } of opened) await tsm.close();
  }
}

async function read(files: readonly Given[], sink = new Told()) {
  const bytes = files.map(({ keys, deleted }) => ({
    tsm: tsmFile(keys),
    tombstones: deleted && tombstoneFile(deleted),
  }));
  await readBytes(bytes, sink);
  return sink.keys;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => BigInt(from + i));
const oneKey = (...blocks: bigint[][]): TestKey[] => [{ key: 'm#!~#v', blocks: blocks.map((times) => ({ times })) }];

describe('reading a shard', () => {
  it('counts whole blocks without decoding them', async () => {
    const told = await read([{ keys: oneKey(range(0, 10), range(20, 25)) }], new Told(() => false));
    expect(told.get('m#!~#v')?.runs).to.deep.equal([
      [0n, 9n, 10],
      [20n, 24n, 5],
    ]);
    expect(told.get('m#!~#v')?.points).to.deep.equal([]);
  });

  it('tells a point once that several files hold', async () => {
    const files = [{ keys: oneKey(range(0, 10), range(20, 30)) }, { keys: oneKey(range(5, 22)) }];
    const told = await read(files, new Told(() => false));
    expect(told.get('m#!~#v')?.points).to.deep.equal(range(0, 30));
  });

  it('merges keys of several files in the order of their bytes', async () => {
    const key = (name: string): TestKey => ({ key: `${name}#!~#v`, type: 3, blocks: [{ times: [1n] }] });
    const told = await read([{ keys: [key('a'), key('c')] }, { keys: [key('B'), key('b'), key('c')] }]);
    expect([...told.keys()]).to.deep.equal(['B#!~#v', 'a#!~#v', 'b#!~#v', 'c#!~#v']);
    expect(told.get('c#!~#v')).to.deep.include({ type: 3, points: [1n] });
  });

  it('lets a tombstone delete from its own file only', async () => {
    const deleted = [{ key: 'm#!~#v', min: 3n, max: 6n }];
    const told = await read([{ keys: oneKey(range(0, 10)), deleted }, { keys: oneKey([5n]) }], new Told(() => false));
    expect(told.get('m#!~#v')?.points).to.deep.equal([0n, 1n, 2n, 5n, 7n, 8n, 9n]);
  });

  it('ignores tombstones of other keys and other times', async () => {
    const deleted = [
      { key: 'other#!~#v', min: 0n, max: 100n },
      { key: 'm#!~#v', min: 10n, max: 100n },
    ];
    const told = await read([{ keys: oneKey(range(0, 10)), deleted }], new Told(() => false));
    expect(told.get('m#!~#v')?.runs).to.deep.equal([[0n, 9n, 10]]);
  });

  it('equals a set of all points, whatever overlaps and is deleted', async () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 30 });
    const block = times.map((all) => all.sort((a, b) => a - b).map(BigInt));
    const deletion = fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 50 }));
    const file = fc.record({
      blocks: fc.array(block, { minLength: 1, maxLength: 4 }),
      deletions: fc.array(deletion, { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 4 }), fc.boolean(), async (files, split) => {
        const expected = new Set<bigint>();
        const given = files.map(({ blocks, deletions }) => {
          const ranges = deletions.map(([at, n]) => ({ key: 'm#!~#v', min: BigInt(at), max: BigInt(at + n) }));
          for (const at of blocks.flat()) if (!ranges.some((r) => r.min <= at && at <= r.max)) expected.add(at);
          return { keys: oneKey(...blocks), deleted: ranges };
        });
        const told = (await read(given, new Told(() => split))).get('m#!~#v');
        const counted = (told?.points.length ?? 0) + (told?.runs.reduce((sum, [, , n]) => sum + n, 0) ?? 0);
        expect(counted).to.equal(expected.size);
        for (const at of told?.points ?? []) expect(expected.has(at)).to.equal(true);
      }),
      { numRuns: 150 },
    );
  });

  it('reads what is larger than the window on it, block by block and key by key', async () => {
    // Blocks of 8 KiB and an index of half a megabyte, in two files that overlap.
    const names = range(0, 500).map((i) => `m${'x'.repeat(900)},host=${String(i).padStart(4, '0')}#!~#v`);
    const file = (from: number) =>
      names.map(
        (key, i): TestKey => ({ key, blocks: [{ times: range(from + i, from + i + 1_000), encoding: 'raw' }] }),
      );
    const sink = new Told(() => true);
    await read([{ keys: file(0) }, { keys: file(500) }], sink);
    expect([...sink.keys.keys()]).to.deep.equal(names);
    for (const [i, name] of names.entries()) {
      const points = sink.keys.get(name)?.points ?? [];
      expect([points.length, points[0], points.at(-1)], name).to.deep.equal([1_500, BigInt(i), BigInt(i + 1_499)]);
    }
  });

  it('refuses any damage with a code, and never hangs', async () => {
    const keys: TestKey[] = ['a#!~#f', 'b,t=1#!~#g'].map((key) => ({
      key,
      blocks: (['raw', 'packed', 'run'] as const).map((encoding, i) => ({
        encoding,
        times: range(100 * i, 100 * i + 20).map((t) => t * 1000n),
      })),
    }));
    const whole = tsmFile(keys);
    const tombstones = tombstoneFile([{ key: 'a#!~#f', min: 0n, max: 5n }]);
    const flip = (bytes: Buffer, at: number, mask: number) => {
      const copy = Buffer.from(bytes);
      copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ mask;
      return copy;
    };
    const damages = fc.oneof(
      fc
        .tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))
        .map(([at, mask]) => ({ tsm: flip(whole, at, mask), tombstones })),
      fc
        .tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))
        .map(([at, mask]) => ({ tsm: whole, tombstones: flip(tombstones, at, mask) })),
      fc.nat({ max: whole.length - 1 }).map((length) => ({ tsm: whole.subarray(0, length), tombstones })),
      fc
        .nat({ max: tombstones.length - 1 })
        .map((length) => ({ tsm: whole, tombstones: tombstones.subarray(0, length) })),
    );
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(damages, async (given) => {
        try {
          await readBytes([given], new Told());
        } catch (error) {
          expect(error).to.be.instanceOf(FiredrillError).and.include({ code: 'ARTIFACT_FORMAT' });
          refused += 1;
        }
      }),
      { numRuns: 400 },
    );
    expect(refused).to.be.greaterThan(200);
  });

  const refusals: [string, Buffer, RegExp][] = [
    ['a flipped value byte', changed(oneKey([1n]), (b) => b.writeUInt8(0, 22)), /CRC/],
    ['another magic', changed(oneKey([1n]), (b) => b.writeUInt8(0, 0)), /no TSM file/],
    ['an index beyond the end', changed(oneKey([1n]), (b) => b.writeUInt8(9, b.length - 3)), /outside/],
    ['an empty file', Buffer.alloc(0), /too short/],
    ['keys out of order', tsmFile([...oneKey([1n]), { key: 'a#!~#v', blocks: [{ times: [1n] }] }]), /not in order/],
    ['a key without blocks', tsmFile([{ key: 'a', blocks: [] }]), /no block/],
  ];
  for (const [what, bytes, why] of refusals) {
    it(`refuses ${what}`, async () => {
      const error = await readBytes([{ tsm: bytes }], new Told()).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error).to.include({ code: 'ARTIFACT_FORMAT' });
      expect(error?.message).to.match(why);
    });
  }

  it('refuses an index that lies about times, though no CRC covers it', async () => {
    for (const at of [0, 8]) {
      const bytes = tsmFile(oneKey(range(5, 9)));
      const entry = bytes.length - 8 - 28;
      bytes.writeBigInt64BE(bytes.readBigInt64BE(entry + at) + (at === 0 ? -1n : 1n), entry + at);
      const error = await readBytes([{ tsm: bytes }], new Told()).catch((thrown: Error) => thrown);
      expect((error as Error).message).to.match(/does not begin and end when its index says/);
    }
  });
});

function changed(keys: TestKey[], change: (bytes: Buffer) => void): Buffer {
  const bytes = tsmFile(keys);
  change(bytes);
  return bytes;
}
