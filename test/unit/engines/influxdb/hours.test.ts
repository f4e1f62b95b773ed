import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { comparedDays, composeHours, HourTally, hoursFrom, toldDays } from '../../../../src/engines/influxdb/hours.ts';
import { dayOf, hourName, hourOf } from '../../../../src/engines/influxdb/instants.ts';
import { ShardTally } from '../../../../src/engines/influxdb/shard-tally.ts';
import { readShard } from '../../../../src/engines/influxdb/tsm/read-shard.ts';
import { noTombstones } from '../../../../src/engines/influxdb/tsm/tombstones.ts';
import { TsmFile } from '../../../../src/engines/influxdb/tsm/tsm-file.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import { type TestKey, tsmFile } from '../../../support/tsm-bytes.ts';

const ns = (instant: string) => BigInt(Date.parse(instant)) * 1_000_000n;
const dumpedAt = ns('2026-11-22T01:30:00Z');
const hourNs = 3_600_000_000_000n;

/** What a shard with one data file counts. */
async function tallied(keys: readonly TestKey[], at = dumpedAt) {
  await using scratch = await scratchFolder();
  await writeFile(join(scratch.path, '1.tsm'), tsmFile(keys));
  const tally = new ShardTally('days', at);
  const tsm = await TsmFile.open(join(scratch.path, '1.tsm'));
  await readShard([{ tsm, tombstones: noTombstones }], tally).finally(() => tsm.close());
  return tally.measurements();
}

describe('hours of points', () => {
  it('are numbered from 1970 on, and before it', () => {
    expect([0n, hourNs - 1n, hourNs, -1n, -hourNs, -hourNs - 1n].map(hourOf)).to.deep.equal([0, 0, 1, -1, -1, -2]);
    expect(hourName(hourOf(dumpedAt))).to.equal('2026-11-22T01:00:00Z');
    expect(
      hoursFrom(
        new Map([
          [-1, 5],
          [0, 6],
        ]),
      ),
    ).to.deep.equal({
      '1969-12-31': [...Array(23).fill(0), 5],
      '1970-01-01': [6, ...Array(23).fill(0)],
    });
  });

  it('are told of seven days before the dump, and compared of these and its own', () => {
    const days = comparedDays(dumpedAt);
    expect([days.length, days[0], days.at(-1)]).to.deep.equal([8, '2026-11-15', '2026-11-22']);
    const tally = new HourTally(dumpedAt);
    const tells = ['2026-11-14T23:59:59.999Z', '2026-11-15T00:00:00Z', '2026-11-30T23:59:59Z', '2026-12-01T00:00:00Z'];
    expect(tells.map((each) => tally.tells(ns(each)))).to.deep.equal([false, true, true, false]);
    expect(tally.add(ns('2026-11-14T00:00:00Z'), 7)).to.equal(0);
    expect(tally.facts()).to.deep.equal({});
  });

  it('of an unchanged shard hold for every later member of the week', () => {
    // Told when the full was dumped, compared six days and some hours later.
    for (const later of [1n, 24n, 6n * 24n + 22n]) {
      const { start, end } = toldDays(dumpedAt);
      const days = comparedDays(dumpedAt + later * hourNs).map((day) => dayOf(ns(`${day}T00:00:00Z`)));
      expect(
        days.every((day) => day >= start && day < end),
        `${later} h later`,
      ).to.equal(true);
    }
  });

  it('are counted in an archive, of all fields and series together, whatever blocks the points lie in', async () => {
    // From three weeks before the dump to three weeks after it, often close together.
    const time = fc
      .oneof(fc.integer({ min: -500, max: 500 }), fc.double({ min: -1, max: 1, noNaN: true }))
      .map((hours) => dumpedAt + BigInt(Math.round(hours * 3_600_000)) * 1_000_000n);
    const times = fc
      .uniqueArray(time, { minLength: 1, maxLength: 40 })
      .map((all) => all.sort((a, b) => (a < b ? -1 : 1)));
    const names = ['cpu,host=a#!~#n', 'cpu,host=a#!~#v', 'cpu,host=b#!~#v', 'mem#!~#v'];
    await fc.assert(
      fc.asyncProperty(fc.tuple(times, times, times, times), fc.integer({ min: 1, max: 9 }), async (series, size) => {
        const keys = names.map((key, k) => {
          const all = series[k] ?? [];
          const blocks = Array.from({ length: Math.ceil(all.length / size) }, (_, i) => ({
            times: all.slice(i * size, (i + 1) * size),
          }));
          return { key, blocks };
        });
        const [cpu, mem] = await tallied(keys);
        const expected = (all: readonly bigint[]) => {
          const counts = new Map<number, number>();
          const { start, end } = toldDays(dumpedAt);
          for (const at of all.filter((each) => dayOf(each) >= start && dayOf(each) < end)) {
            counts.set(hourOf(at), (counts.get(hourOf(at)) ?? 0) + 1);
          }
          return hoursFrom(counts);
        };
        expect(cpu?.hours).to.deep.equal(expected([series[0], series[1], series[2]].flat()));
        expect(mem?.hours).to.deep.equal(expected(series[3]));
        expect(cpu?.fields.map(({ points }) => points)).to.deep.equal([
          series[0].length,
          series[1].length + series[2].length,
        ]);
      }),
      { numRuns: 60 },
    );
  });

  it('add up over shards, and are not told where one part does not tell them', () => {
    const one = { '2026-11-21': [1, ...Array(23).fill(0)] };
    const two = { '2026-11-20': Array(24).fill(2), '2026-11-21': [4, ...Array(23).fill(1)] };
    expect(composeHours([one, two])).to.deep.equal({
      '2026-11-20': Array(24).fill(2),
      '2026-11-21': [5, ...Array(23).fill(1)],
    });
    expect(Object.keys(composeHours([one, two]) ?? {})).to.deep.equal(['2026-11-20', '2026-11-21']);
    expect(composeHours([one, undefined])).to.equal(undefined);
    expect(composeHours([{}, {}])).to.deep.equal({});
  });
});
