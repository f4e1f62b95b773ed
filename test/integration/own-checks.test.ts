import { expect } from 'chai';
import { grafanaEngine } from '../../src/engines/grafana/grafana.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { drill } from '../../src/flow/drill.ts';
import type { DrillOrder, DrillService } from '../../src/flow/drill-order.ts';
import { systemClock } from '../../src/kit/clock.ts';
import type { Journal } from '../../src/model/journal.ts';
import type { Expectation, OwnCheck } from '../../src/model/own-check.ts';
import { renderJunit } from '../../src/report/render-junit.ts';
import { testActivity } from '../support/activity.ts';
import { backedUp, drillFixture, drillService } from '../support/drill-fixture.ts';
import { grafanaContainer, sampleFile } from '../support/grafana-source.ts';
import { images } from '../support/images.ts';
import { startInfluxdb } from '../support/influxdb-source.ts';
import { mysqlServer } from '../support/mysql-server.ts';
import { mysqlVault, troublesOf } from '../support/mysql-vault.ts';

type Asked = [name: string, question: unknown, expectation: Expectation, withinMs?: number];
const checksOf = (asked: readonly Asked[]): OwnCheck[] =>
  asked.map(([name, question, expectation, withinMs = 60_000]) => ({ name, question, expectation, withinMs }));

const ownOf = ({ checks }: Journal) => checks.find(({ check }) => check === 'own-checks');
const findingsOf = (journal: Journal) =>
  ownOf(journal)?.findings.map(({ sentence, found }) => `${sentence.replace(/^.*“(.*?)”/, '$1')} (${found})`);

describe('own checks of MySQL', function () {
  this.timeout(180_000);

  it('are asked of the restored data, at its own instant, by somebody who cannot change it', async () => {
    await using server = await mysqlServer('own-checks');
    await server.sql(`
      CREATE DATABASE shop;
      CREATE TABLE shop.orders (id int AUTO_INCREMENT PRIMARY KEY, total decimal(10,2), created timestamp DEFAULT CURRENT_TIMESTAMP, KEY (created));
      INSERT INTO shop.orders (total) VALUES (10), (20.5), (NULL);
      DELIMITER //
      CREATE FUNCTION shop.write_it() RETURNS int READS SQL DATA BEGIN INSERT INTO shop.orders (total) VALUES (1); RETURN 1; END//
    `);
    await using vault = await mysqlVault(server, ['shop']);
    const { manifest } = await vault.backup('full');
    const now = manifest.dataAt.replace('T', ' ').replace('Z', '');
    const [service] = vault.order.services as [DrillService];
    const drilled = (asked: readonly Asked[]) => vault.drilled({ services: [{ ...service, checks: checksOf(asked) }] });

    const good = await drilled([
      ['three orders', { sql: 'SELECT COUNT(*) FROM shop.orders' }, { equals: 3 }],
      ['the sum, to the cent', { sql: 'SELECT SUM(total) FROM shop.orders;' }, { equals: 30.5, min: 30, max: 31 }],
      ['no negative total', { sql: 'SELECT id FROM shop.orders WHERE total < 0' }, { rows: 0 }],
      ['tables by name', { sql: 'SHOW TABLES FROM shop' }, { contains: 'orders', rows: 1 }],
      ['the data is its own present', { sql: 'SELECT NOW(3)' }, { equals: now }],
      ['two columns of one name', { sql: 'SELECT 1 AS a, 2 AS a' }, { contains: '1\t2' }],
    ]);
    expect(troublesOf(good)).to.deep.equal([]);
    expect(ownOf(good)).to.include({ outcome: 'pass', expected: 6, lookedAt: 6 });
    expect(ownOf(good)?.comparisons[0]).to.deep.equal({ what: 'three orders', expected: '3', found: '3' });
    expect(good.verdict.verdict).to.equal('pass');

    const bad = await drilled([
      ['four orders', { sql: 'SELECT COUNT(*) FROM shop.orders' }, { min: 4 }],
      ['bad SQL', { sql: 'SELECT COUNT(* FROM shop.orders' }, { min: 1 }],
      ['no such table', { sql: 'SELECT COUNT(*) FROM shop.none' }, { min: 0 }],
      ['a function that writes', { sql: 'SELECT shop.write_it()' }, { equals: 1 }],
      ['what is not in the backup', { sql: 'SELECT COUNT(*) FROM mysql.user' }, { min: 1 }],
      ['a file of the server', { sql: "SELECT LOAD_FILE('/etc/hostname')" }, { min: 0 }],
      ['for ever', { sql: 'SELECT SLEEP(300)' }, { equals: 0 }, 1_500],
      ['a definition, whatever the configuration let through', { sql: 'CREATE TABLE shop.mine (id int)' }, { rows: 0 }],
      ['one value of 400 MB', { sql: "SELECT REPEAT('x', 400000000)" }, { contains: 'x' }],
      [
        'many of 1 MB',
        { sql: "SELECT REPEAT('x', 1000000) FROM shop.orders a, shop.orders b, shop.orders c" },
        { rows: 27 },
      ],
      ['nothing was changed', { sql: 'SELECT COUNT(*) FROM shop.orders' }, { equals: 3 }],
      [
        'nobody goes on working',
        { sql: "SELECT COUNT(*) FROM performance_schema.processlist WHERE INFO REGEXP '^SELECT (SLEEP|REPEAT)'" },
        { equals: 0 },
      ],
    ]);
    expect(bad.exitStatus).to.equal(3);
    expect(ownOf(bad)).to.include({ outcome: 'fail', expected: 12, lookedAt: 12 });
    const said = findingsOf(bad) ?? [];
    expect(said[0]).to.equal('four orders does not hold (3)');
    expect(said[1]).to.match(/^bad SQL got no answer: agama: the restored server said: .*\(1064\) \(none\)$/);
    expect(said[2]).to.match(/^no such table got no answer: .*\(1146\)/);
    expect(said[3]).to.match(/^a function that writes got no answer: .*READ ONLY transaction.*\(1792\)/);
    expect(said[4]).to.match(/^what is not in the backup got no answer: .*\(1142\)/);
    expect(said[5]).to.equal('a file of the server does not hold (NULL)');
    expect(said[6]).to.equal('for ever got no answer: it took longer than 1.5 s (none)');
    expect(said[7]).to.match(
      /^a definition, whatever the configuration let through got no answer: .*one statement that only reads/,
    );
    expect(said[8]).to.equal('one value of 400 MB got no answer: the answer is larger than 16.0 MiB (none)');
    expect(said[9]).to.equal('many of 1 MB got no answer: the answer is larger than 16.0 MiB (none)');
    expect(said).to.have.length(10);
    expect(bad.checks.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check)).to.deep.equal([
      'own-checks',
    ]);
    expect(renderJunit(bad)).to.match(/own check “bad SQL” got no answer/);
  });
});

/** A vault with a backup of one source, and its drill with own checks. */
async function drilledWith(asked: readonly Asked[], service: DrillService, order: DrillOrder) {
  const quiet = { quietMs: null, objectives: { rpoMs: 86_400_000, retentionDays: 28 } };
  return drill({ ...order, services: [{ ...service, ...quiet, checks: checksOf(asked) }] }, testActivity());
}

describe('own checks of InfluxDB', function () {
  this.timeout(180_000);

  it('are asked of the restored database, with the instant of its data as now()', async () => {
    await using influxdb = await startInfluxdb();
    await using given = await drillFixture();
    await influxdb.query('CREATE DATABASE telegraf');
    const ms = Date.now() - 1_800_000;
    const lines = Array.from({ length: 1_500 }, (_, i) => `cpu,host=h${i % 3} usage=${i} ${ms + i}000000`);
    await influxdb.write('telegraf', 'autogen', lines);
    const text = 'x'.repeat(60_000);
    const long = Array.from(
      { length: 600 },
      (_, i) => `log,part=${Math.floor(i / 150)} text="${text}" ${ms + i}000000`,
    );
    for (let i = 0; i < long.length; i += 50) await influxdb.write('telegraf', 'autogen', long.slice(i, i + 50));
    const source = influxdb.source();
    const { service, manifest } = await backedUp(influxdbEngine, source, given.vault, images().influxdb);
    const lag = Math.round((Date.parse(manifest.dataAt) - ms) / 1000);
    const journal = await drilledWith(
      [
        ['all points', { influxql: 'SELECT COUNT(usage) FROM cpu' }, { equals: 1_500 }],
        ['of the last hour', { influxql: 'SELECT COUNT(usage) FROM cpu WHERE time > now() - 1h' }, { equals: 1_500 }],
        [
          'before the data',
          { influxql: `SELECT COUNT(usage) FROM cpu WHERE time > now() - ${lag - 60}s` },
          { rows: 0 },
        ],
        ['three hosts', { influxql: 'SHOW TAG VALUES WITH KEY = host' }, { rows: 3, contains: 'h2' }],
        ['one of each host', { influxql: 'SELECT LAST(usage) FROM cpu GROUP BY host' }, { rows: 3, min: 1_497 }],
        ['too few', { influxql: 'SELECT COUNT(usage) FROM cpu' }, { min: 1_501 }],
        ['bad InfluxQL', { influxql: 'SELECT COUNT(usage FROM cpu' }, { min: 0 }],
        ['no such measurement', { influxql: 'SELECT COUNT(usage) FROM gone' }, { min: 0 }],
        ['36 MB', { influxql: 'SELECT text FROM log' }, { rows: 600 }],
        ['36 MB in parts', { influxql: 'SELECT text FROM log GROUP BY part' }, { rows: 600 }],
        ['more than is counted', { influxql: 'SELECT usage FROM cpu' }, { rows: 1_000 }],
        ['whatever the configuration let through', { influxql: 'DROP MEASUREMENT cpu' }, { rows: 0 }],
        ['nothing was changed', { influxql: 'SELECT COUNT(usage) FROM cpu' }, { equals: 1_500 }],
      ],
      service,
      given.order,
    );
    expect(ownOf(journal), troublesOf(journal).join('\n')).to.include({ outcome: 'fail', expected: 13, lookedAt: 13 });
    const said = findingsOf(journal) ?? [];
    expect(said[0]).to.equal('too few does not hold (1500)');
    expect(said[1]).to.match(/^bad InfluxQL got no answer: InfluxDB could not do it: .*error parsing query/);
    expect(said[2]).to.equal('no such measurement does not hold (no value)');
    expect(said[3]).to.equal('36 MB got no answer: one chunk of the answer is too large (none)');
    expect(said[4]).to.equal('36 MB in parts got no answer: the answer is larger than 16.0 MiB (none)');
    expect(said[5]).to.equal('more than is counted does not hold (more than 1,000 rows)');
    expect(said[6]).to.match(/^whatever the configuration let through got no answer: .*SELECT or SHOW/);
    expect(said).to.have.length(7);
    expect(journal.checks.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check)).to.deep.equal([
      'own-checks',
    ]);
  });
});

describe('own checks of Grafana', function () {
  this.timeout(120_000);

  it("are asked of the restored server's API", async () => {
    await using grafana = await grafanaContainer({ database: sampleFile('7.5.5') });
    await using given = await drillFixture();
    const { source } = grafana;
    const { service } = await backedUp(grafanaEngine, source, given.vault, images().grafana);
    const journal = await drilledWith(
      [
        ['twelve dashboards', { http: '/api/search?type=dash-db' }, { rows: 12, contains: 'nginx' }],
        ['its uid', { http: '/api/dashboards/uid/nginx', at: '/dashboard/uid' }, { equals: 'nginx' }],
        ['its version', { http: '/api/dashboards/uid/nginx', at: '/meta/version' }, { min: 1 }],
        ['the other organisation', { http: '/api/org', at: '/name', org: 2 }, { equals: 'Lab' }],
        ['a dashboard that is not there', { http: '/api/dashboards/uid/none' }, { contains: 'x' }],
        ['a part that is not there', { http: '/api/dashboards/uid/nginx', at: '/dashboard/none' }, { equals: 'x' }],
        ['thirteen', { http: '/api/search?type=dash-db' }, { rows: 13 }],
      ],
      service,
      given.order,
    );
    expect(ownOf(journal)).to.include({ outcome: 'fail', expected: 7, lookedAt: 7 });
    expect(findingsOf(journal)).to.deep.equal([
      'a dashboard that is not there got no answer: the restored Grafana answered 404 (Dashboard not found) to /api/dashboards/uid/none (none)',
      'a part that is not there does not hold (no value)',
      'thirteen does not hold (12 rows)',
    ]);
    expect(journal.checks.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check)).to.deep.equal([
      'own-checks',
    ]);
  });
});

describe('own checks in the flows', function () {
  this.timeout(120_000);
  const nights = ['a', 'ab', 'abc', 'abcd'];
  const at = (day: number) => `2026-11-${22 + day}T01:30:00Z`;
  const activity = () => {
    const now = () => new Date(Math.max(Date.now(), Date.parse('2026-11-30T00:00:00Z')));
    return { ...testActivity(), clock: { ...systemClock, now } };
  };
  async function week(checks: readonly Asked[], change: Partial<DrillOrder> = {}) {
    const given = await drillFixture();
    for (const [day, text] of nights.entries())
      await given.backUpAt('agama', at(day), text, day === 0 ? 'full' : 'incremental');
    const objectives = { rpoMs: 86_400_000, retentionDays: 56 };
    const services = [{ ...drillService('agama'), objectives, checks: checksOf(checks) }];
    const asOf = new Date(Date.parse(at(3)) + 3_000_000);
    return { ...given, order: { ...given.order, services, asOf, ...change } };
  }
  const text = { part: 'text' };

  it('look for the last point at which they hold', async () => {
    await using given = await week([['before the bad change', text, { equals: 'ab' }]]);
    const journal = await drill(given.order, activity());
    expect(journal.exitStatus).to.equal(3);
    // A chain is bisected for the newest point that is good after one that is.
    expect(journal.excursions.map(({ member, verdict }) => `${member} ${verdict}`)).to.deep.equal([
      'incr-20261123T013000Z pass',
      'incr-20261124T013000Z fail',
    ]);
    expect(journal.lastGood[0]?.good?.member).to.equal('incr-20261123T013000Z');
    expect(journal.verdict.sentence).to.match(
      /own check “before the bad change” does not hold.*agama can be restored to 2026-11-23/,
    );
  });

  it('are not asked of older points that are restored by policy: these are of another time', async () => {
    await using given = await week([['of today', text, { equals: 'abcd' }]], { also: ['random'] });
    const journal = await drill(given.order, activity());
    expect(journal.verdict, JSON.stringify(journal.checks)).to.include({ verdict: 'pass' });
    expect(journal.excursions.map(({ reason, verdict }) => [reason, verdict])).to.deep.equal([['random', 'pass']]);
  });

  it('mean by now the instant of the newest restored member', async () => {
    await using given = await week([['now', { part: 'now' }, { equals: new Date(at(3)).toISOString() }]]);
    expect((await drill(given.order, activity())).verdict.verdict).to.equal('pass');
  });

  it('are missed when the service did not come back', async () => {
    await using given = await week([['mine', text, { equals: 'abcd' }]]);
    const [service] = given.order.services as [DrillService];
    const engine = { ...service.engine, check: () => Promise.reject(new TypeError('a fault of ours')) };
    const journal = await drill({ ...given.order, services: [{ ...service, engine }] }, activity());
    expect(journal.exitStatus).to.equal(4);
    expect(ownOf(journal)).to.include({ outcome: 'not-run' });
  });
});
