import { expect } from 'chai';
import { besideFacts } from '../../../../../src/engines/influxdb/carry/cargo.ts';
import type { Facts } from '../../../../../src/engines/influxdb/facts.ts';
import { FiredrillError } from '../../../../../src/kit/errors.ts';

const measurement = (policy: string, name: string) => ({ policy, name, tagKeys: [], fields: [] });
const policy = (name: string, duration: string) => ({
  name,
  duration,
  shardDuration: '24h0m0s',
  replicas: 1,
  isDefault: true,
});
const shard = (id: number, ...measurements: ReturnType<typeof measurement>[]) => ({
  ...{ id, policy: 'brief', start: '', end: '', files: [], tombstones: 0, contentSha256: '', newest: null },
  measurements,
});

const facts: Facts = {
  database: 'telegraf',
  policies: [policy('brief', '72h0m0s'), policy('autogen', '0s')],
  continuousQueries: [{ name: 'cq', query: 'CREATE CONTINUOUS QUERY cq ON telegraf BEGIN x END' }],
  users: [{ name: 'reader', admin: false, grants: ['READ'] }],
  shards: [shard(1, measurement('brief', 'cpu'), measurement('brief', 'mem')), shard(2, measurement('brief', 'mem'))],
  measurements: [measurement('brief', 'cpu'), measurement('brief', 'mem'), measurement('autogen', 'cpu')],
  newest: null,
};

describe('besideFacts', () => {
  it('holds the chosen measurements of every policy, and the shards that have any of them', () => {
    const beside = besideFacts(facts, ['cpu'], '20261124T013007Z');
    expect(beside.database).to.equal('telegraf_restored_20261124T013007Z');
    expect(beside.measurements).to.deep.equal([measurement('brief', 'cpu'), measurement('autogen', 'cpu')]);
    expect(beside.shards.map(({ id }) => id)).to.deep.equal([1]);
  });

  it('ends nothing by age, computes nothing, and lets nobody in', () => {
    const { policies, continuousQueries, users } = besideFacts(facts, ['mem'], '20261124T013007Z');
    expect(policies).to.deep.equal([policy('brief', '0s'), policy('autogen', '0s')]);
    expect([continuousQueries, users]).to.deep.equal([[], []]);
  });

  it('has a name that the server can make a folder of', () => {
    const { database } = besideFacts({ ...facts, database: '𝄞'.repeat(100) }, ['mem'], '20261124T013007Z');
    expect(Buffer.byteLength(database)).to.be.at.most(255);
    expect(database).to.match(/_restored_20261124T013007Z$/);
  });

  it('refuses a measurement that is not there, and says which was meant', () => {
    const refused = (...parts: string[]) => {
      try {
        besideFacts(facts, parts, '20261124T013007Z');
      } catch (error) {
        if (error instanceof FiredrillError) return error;
      }
      return undefined;
    };
    expect(refused('cpu', 'men')).to.include({ code: 'USAGE', hint: 'Measurements are: cpu, mem' });
    expect(refused('men')?.message).to.match(/^there is no measurement men .*; did you mean mem\?$/);
    expect(refused('something-else')?.message).to.match(/at that point of the backup$/);
  });
});
