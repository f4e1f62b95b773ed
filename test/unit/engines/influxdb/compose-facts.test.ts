import { expect } from 'chai';
import { composeMeasurements, composeNewest } from '../../../../src/engines/influxdb/compose-facts.ts';
import type { FieldFacts, ShardFacts } from '../../../../src/engines/influxdb/facts.ts';
import { shardDiscontinuity, storedIn } from '../../../../src/engines/influxdb/position.ts';
import type { Manifest } from '../../../../src/model/manifest.ts';
import { rejectionOf } from '../../../support/rejection.ts';

const at = (day: number) => `2026-11-${day}T01:00:00.000000000Z`;

function field(day: number, change: Partial<FieldFacts> = {}): FieldFacts {
  const days = { [`2026-11-${day}`]: 10 };
  return { name: 'usage', types: ['float'], series: 3, points: 10, first: at(day), last: at(day), days, ...change };
}

function shard(id: number, fields: FieldFacts[], change: Partial<ShardFacts> = {}): ShardFacts {
  return {
    ...{ id, policy: 'days', start: `${id}`, end: `${id + 1}`, files: [], tombstones: 0, contentSha256: '' },
    measurements: [{ policy: 'days', name: 'cpu', tagKeys: ['host'], fields }],
    newest: { at: fields[0]?.last ?? '', basis: 'days.cpu' },
    ...change,
  };
}

describe('facts of an increment', () => {
  it('add up points and days, and know bounds of the series', () => {
    const [cpu, ...others] = composeMeasurements([
      shard(1, [field(20)]),
      shard(2, [field(21, { series: 4, points: 7 })]),
    ]);
    expect(others).to.deep.equal([]);
    expect(cpu?.fields).to.deep.equal([
      {
        ...{ name: 'usage', types: ['float'], series: 4, seriesAtMost: 7, points: 17, first: at(20), last: at(21) },
        days: { '2026-11-20': 10, '2026-11-21': 10 },
      },
    ]);
  });

  it('add up hours, where all shards tell them', () => {
    const hours = { '2026-11-20': Array<number>(24).fill(1) };
    const told = shard(1, [field(20)]);
    for (const each of told.measurements) each.hours = hours;
    expect(composeMeasurements([told, told])[0]?.hours).to.deep.equal({ '2026-11-20': Array(24).fill(2) });
    expect(composeMeasurements([told, shard(2, [field(21)])])[0]).to.not.have.property('hours');
  });

  it('are exact for what lies in one shard', () => {
    expect(composeMeasurements([shard(1, [field(20)])])[0]?.fields).to.deep.equal([field(20)]);
  });

  it('count kinds of numbers as one field, and other types apart, as the server does', () => {
    const shards = [
      shard(1, [field(20, { types: ['integer'] })]),
      shard(2, [field(21)]),
      shard(3, [field(22, { types: ['string'] })]),
    ];
    const fields = composeMeasurements(shards)[0]?.fields ?? [];
    expect(fields.map(({ types, points }) => [types, points])).to.deep.equal([
      [['float', 'integer'], 20],
      [['string'], 10],
    ]);
  });

  it('unite tag keys, keep policies apart, and know the newest point', () => {
    const other = shard(2, [field(21)], {
      policy: 'ever',
      measurements: [{ policy: 'ever', name: 'cpu', tagKeys: ['rack'], fields: [field(21)] }],
    });
    const found = composeMeasurements([shard(1, [field(20)]), other]);
    expect(found.map(({ policy }) => policy)).to.deep.equal(['days', 'ever']);
    expect(composeNewest([shard(1, [field(20)]), other])?.at).to.equal(at(21));
    expect(composeNewest([shard(1, [], { newest: null })])).to.equal(null);
  });
});

describe('positions of InfluxDB members', () => {
  const member = (ids: readonly number[], stored: readonly number[], start = 's') =>
    ({
      id: 'x',
      position: { shards: ids.map((id) => ({ id, policy: 'days', start: `${start}${id}` })), stored },
    }) as unknown as Manifest;

  it('go on when shards stay what they are, are new and stored, or are gone', () => {
    expect(shardDiscontinuity(member([1, 2], [1, 2]), member([2, 3], [3]))).to.equal(undefined);
  });

  it('do not when a shard is another one, or a new one was not stored', () => {
    expect(shardDiscontinuity(member([1], [1]), member([1], [1], 'other'))).to.equal(
      'shard 1 is another one than before',
    );
    expect(shardDiscontinuity(member([1], [1]), member([1, 2], []))).to.equal('it lacks shard 2, which came new');
  });

  it('are refused when they make no sense', async () => {
    const strange = { id: 'x', position: { shards: 'all' } } as unknown as Manifest;
    expect(shardDiscontinuity(strange, member([1], [1]))).to.match(/^the position in the manifest of x/);
    expect(await rejectionOf((async () => storedIn(strange))())).to.include({ code: 'MANIFEST_INVALID' });
  });
});
