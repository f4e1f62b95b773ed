import { expect } from 'chai';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import type { CheckResult } from '../../src/model/check.ts';
import { testActivity } from '../support/activity.ts';
import { images } from '../support/images.ts';
import { dumpToMember } from '../support/member.ts';
import { sampleDatabases, sampleSql } from '../support/mysql-sample.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { withBay } from '../support/pod.ts';

const troubles = (results: readonly CheckResult[]) =>
  results
    .filter(({ outcome }) => outcome !== 'pass')
    .map(({ check, outcome, findings }) => ({ check, outcome, findings }));

describe('MySQL round trip', function () {
  this.timeout(180_000);
  let server: MysqlServer;

  before(async () => {
    server = await mysqlServer('mysql-round-trip');
    await server.sql(sampleSql);
  });
  after(() => server?.[Symbol.asyncDispose]());

  it('gives back every type, name, key, program and account', async () => {
    const source = server.source({ databases: sampleDatabases, digestTables: ['types', 'orders'] });
    await using sealed = await dumpToMember(mysqlEngine, source);
    const { member } = sealed;
    expect(troubles(await mysqlEngine.verify(member, testActivity()))).to.deep.equal([]);
    await withBay({ service: 'agama', image: images().mysql }, async (bay) => {
      const activity = testActivity();
      const restored = await mysqlEngine.restore([member], bay, activity);
      expect(restored.engineVersion).to.match(/^\d+\.\d+\.\d+$/);
      expect(activity.natives).to.include.members(['initialise', 'start', 'load']);
      const { results, newest } = await mysqlEngine.check([member], restored, source.settings, activity);
      const all = [...restored.results, ...results];
      expect(troubles(all)).to.deep.equal([]);
      expect(new Set(all.map(({ check }) => check))).to.deep.equal(new Set(mysqlEngine.drills));
      expect(Date.now() - Date.parse(newest?.at ?? '')).to.be.within(0, 180_000);
    });
  });
});
