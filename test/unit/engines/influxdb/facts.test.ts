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
const manifestOf = (identity: Record<string, Json>) =>
  link(0, null, { facts, source: { host: 'local', identity, engineVersion: '1.6.7' } }).manifest;

describe('the facts of an InfluxDB backup', () => {
  it('are taken when they are of the database that the manifest names', () => {
    expect(factsOf(manifestOf({ database: 'telegraf' })).database).to.equal('telegraf');
  });

  it('are refused when they are of another one: the configuration is compared with that name only', () => {
    expect(() => factsOf(manifestOf({ database: 'latency' })))
      .to.throw(/says that its source is database "latency", and its facts are of "telegraf"$/)
      .with.property('code', 'MANIFEST_INVALID');
  });
});
