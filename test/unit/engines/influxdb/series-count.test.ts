import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { FieldFacts, MeasurementFacts } from '../../../../src/engines/influxdb/facts.ts';
import { SeriesCount } from '../../../../src/engines/influxdb/series-count.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const [float, integer, text] = [0, 1, 3];
const names = ['float', 'integer', 'boolean', 'string'];

interface Held {
  host: number;
  field: string;
  type: number;
}

/** What would be composed of shards: bounds in place of numbers. */
function composed(policy: string, fields: readonly (readonly [name: string, type: number])[]): MeasurementFacts {
  const at = '2026-11-22T01:00:00.000000000Z';
  const field = (name: string, type: number): FieldFacts => ({
    ...{ name, types: [names[type] ?? ''], series: 1, seriesAtMost: 99, points: 99, first: at, last: at, days: {} },
  });
  return { policy, name: 'cpu', tagKeys: ['host'], fields: fields.map(([name, type]) => field(name, type)) };
}

async function counted(shards: readonly { policy: string; held: readonly Held[] }[], whole: MeasurementFacts[]) {
  await using scratch = await scratchFolder();
  const count = new SeriesCount(await mkdtemp(join(scratch.path, 'keys-')));
  for (const { policy, held } of shards) {
    const series = await count.beginShard(policy);
    const keys = held.map(({ host, field, type }) => ({ key: Buffer.from(`cpu,host=h${host}#!~#${field}`), type }));
    for (const { key, type } of keys.sort((a, b) => Buffer.compare(a.key, b.key))) await series.add(key, type);
    await series.close();
  }
  const exact = await count.exact(whole);
  return exact.flatMap(({ policy, fields }) =>
    fields.map(({ name, types, series, seriesAtMost }) => [policy, name, types[0], series, seriesAtMost]),
  );
}

describe('the series of a database', () => {
  it('count once, in however many shards they lie', async () => {
    const one = { host: 1, field: 'usage', type: float };
    const two = { host: 2, field: 'usage', type: float };
    const shards = [
      { policy: 'days', held: [one, two] },
      { policy: 'days', held: [two, { host: 3, field: 'usage', type: integer }] },
      { policy: 'ever', held: [one] },
    ];
    const whole = [composed('days', [['usage', float]]), composed('ever', [['usage', float]])];
    expect(await counted(shards, whole)).to.deep.equal([
      ['days', 'usage', 'float', 3, undefined],
      ['ever', 'usage', 'float', 1, undefined],
    ]);
  });

  it('count apart where a field is a number in one shard and a text in another, and a number of any type as one', async () => {
    const shards = [float, integer, text].map((type) => ({
      policy: 'days',
      held: [{ host: 1, field: 'usage', type }],
    }));
    const whole = [
      composed('days', [
        ['usage', integer],
        ['usage', text],
      ]),
    ];
    expect(await counted(shards, whole)).to.deep.equal([
      ['days', 'usage', 'integer', 1, undefined],
      ['days', 'usage', 'string', 1, undefined],
    ]);
  });

  it('are as many as there are different ones, whatever lies where', async () => {
    const key = fc.record({
      host: fc.integer({ min: 0, max: 300 }),
      field: fc.constantFrom('a', 'b'),
      type: fc.constant(float),
    });
    const shard = fc.uniqueArray(key, { maxLength: 300, selector: ({ host, field }) => `${host} ${field}` });
    await fc.assert(
      fc.asyncProperty(fc.array(shard, { maxLength: 4 }), async (parts) => {
        const shards = parts.map((held) => ({ policy: 'days', held }));
        const whole = [
          composed('days', [
            ['a', float],
            ['b', float],
          ]),
        ];
        const different = (field: string) =>
          new Set(parts.flatMap((held) => held.filter((each) => each.field === field).map(({ host }) => host))).size;
        expect(await counted(shards, whole)).to.deep.equal([
          ['days', 'a', 'float', different('a'), undefined],
          ['days', 'b', 'float', different('b'), undefined],
        ]);
      }),
      { numRuns: 50 },
    );
  });
});
