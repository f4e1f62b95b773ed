import { expect } from 'chai';
import { factsOf } from '../../../../src/engines/influxdb/facts.ts';
import type { Json } from '../../../../src/kit/json.ts';
import { link } from '../../../support/link.ts';

const facts = {
  database: 'telegraf',
  policies: [],
  continuousQueries: [],
  users: [],
  shards: [
    {
      id: 1,
      policy: 'p',
      start: '',
      end: '',
      files: [],
      tombstones: 0,
      contentSha256: '',
      measurements: [],
      newest: null,
    },
  ],
  measurements: [],
  newest: null,
};
const manifestOf = (identity: Record<string, Json>, change: object = {}) =>
  link(0, null, { facts: { ...facts, ...change }, source: { host: 'local', identity, engineVersion: '1.6.7' } })
    .manifest;

const at = '2026-11-22T01:00:00.000000000Z';
const fieldOf = (type: string) => ({
  ...{ name: 'usage', types: [type], series: 1, points: 1, first: at, last: at, days: { '2026-11-22': 1 } },
});
const ofType = (type: string) =>
  manifestOf(
    { database: 'telegraf' },
    { measurements: [{ policy: 'p', name: 'cpu', tagKeys: [], fields: [fieldOf(type)] }] },
  );

describe('the facts of an InfluxDB backup', () => {
  it('are taken when they are of the database that the manifest names', () => {
    expect(factsOf(manifestOf({ database: 'telegraf' })).database).to.equal('telegraf');
  });

  it('are refused when they are of another one: the configuration is compared with that name only', () => {
    expect(() => factsOf(manifestOf({ database: 'latency' })))
      .to.throw(/says that its source is database "latency", and its facts are of "telegraf"$/)
      .with.property('code', 'MANIFEST_INVALID');
  });

  it('are refused when a type, which questions to a real server hold as it is, is none', () => {
    for (const type of ['float', 'integer', 'boolean', 'string', 'unsigned', 'type 5'])
      expect(factsOf(ofType(type)).measurements[0]?.fields[0]?.types).to.deep.equal([type]);
    for (const type of ['', 'Float', 'float AS "c0" FROM x; DROP DATABASE telegraf --', 'type 5; DROP DATABASE x'])
      expect(() => factsOf(ofType(type)), type)
        .to.throw(/it is no type of a field/)
        .with.property('code', 'MANIFEST_INVALID');
  });
});
