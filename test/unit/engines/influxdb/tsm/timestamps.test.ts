import { expect } from 'chai';
import fc from 'fast-check';
import {
  countTimestamps,
  decodeTimestamps,
  firstTimestamp,
} from '../../../../../src/engines/influxdb/tsm/timestamps.ts';
import { FiredrillError } from '../../../../../src/kit/errors.ts';
import { timestampBlock } from '../../../../support/tsm-bytes.ts';

const first = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
const withDeltas = (deltas: fc.Arbitrary<bigint[]>) =>
  fc.tuple(first, deltas).map(([start, steps]) => {
    const times = [start];
    for (const step of steps) times.push((times.at(-1) ?? 0n) + step);
    return times;
  });
const narrow = (bits: number) => fc.array(fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }), { maxLength: 300 });

describe('timestamps of a TSM block', () => {
  const same = (times: bigint[], encoding: 'raw' | 'packed' | 'run') => {
    const block = timestampBlock({ times, encoding });
    expect([...decodeTimestamps(block)]).to.deep.equal(times);
    expect(countTimestamps(block)).to.equal(times.length);
    expect(firstTimestamp(block)).to.equal(times[0]);
  };

  it('are decoded when they are raw', () => {
    fc.assert(fc.property(withDeltas(narrow(50)), (times) => same(times, 'raw')));
  });

  it('are decoded from words of every width', () => {
    for (const bits of [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 52]) {
      fc.assert(
        fc.property(withDeltas(narrow(bits)), (times) => same(times, 'packed')),
        { numRuns: 20 },
      );
    }
  });

  it('are decoded from runs of ones, which have no bits', () => {
    for (const n of [120, 121, 240, 241, 500])
      same(
        Array.from({ length: n }, (_, i) => 7n + BigInt(i)),
        'packed',
      );
  });

  it('are decoded when a decimal exponent was taken out', () => {
    const times = [5n, 1_000_000_005n, 4_000_000_005n, 4_010_000_005n];
    expect((timestampBlock({ times, encoding: 'packed' })[0] ?? 0) & 15).to.equal(7);
    same(times, 'packed');
  });

  it('are decoded from a run', () => {
    const runs = fc.tuple(first, fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.integer({ min: 2, max: 2000 }));
    const check = ([start, step, n]: [bigint, bigint, number]) =>
      same(
        Array.from({ length: n }, (_, i) => start + step * BigInt(i)),
        'run',
      );
    fc.assert(fc.property(runs, check));
  });

  it('refuses what the server never writes, and does not hang on it', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc
        .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 }))
        .map(([b, r]) => Uint8Array.of(b, ...r)),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        try {
          const n = countTimestamps(Buffer.from(bytes));
          expect(decodeTimestamps(Buffer.from(bytes)).length).to.equal(n);
        } catch (error) {
          expect(error).to.be.instanceOf(FiredrillError).and.include({ code: 'ARTIFACT_FORMAT' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses a run that claims to be endless', () => {
    const block = Buffer.concat([
      timestampBlock({ times: [1n], encoding: 'run' }).subarray(0, 10),
      Buffer.alloc(9, 0xff),
    ]);
    expect(() => countTimestamps(Buffer.concat([block, Buffer.from([1])]))).to.throw(/claims/);
  });
});
