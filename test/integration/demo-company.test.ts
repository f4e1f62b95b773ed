import { expect } from 'chai';
import { changeAgama, sql } from '../../scripts/demo/agama.ts';
import type { DemoSources } from '../../scripts/demo/demo-config.ts';
import type { DemoContext } from '../../scripts/demo/demo-context.ts';
import { removeAll } from '../../scripts/demo/demo-docker.ts';
import { lockDemo } from '../../scripts/demo/demo-lock.ts';
import { startCompany } from '../../scripts/demo/run-demo.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { images } from '../support/images.ts';

const scale = 0.01;
const docker = dockerClient();
const context: DemoContext = {
  docker,
  images: images(),
  secrets: { agamaApp: 'app-secret', agamaBackup: 'backup-secret', influxAdmin: 'admin-secret' },
  scale,
  until: new Date(),
  signal: new AbortController().signal,
};

const ask = async (statement: string) => (await sql(context, [`${statement};`])).trim();
const rows = async (statement: string) => (await ask(statement)).split('\n').map((line) => line.split('\t'));

describe('the demo company', function () {
  this.timeout(180_000);

  let sources: DemoSources;
  let lock: AsyncDisposable;
  before(async () => {
    lock = await lockDemo();
    // Not when the file is loaded: other tests may have run for minutes since.
    context.until = new Date();
    sources = await startCompany(context);
  });
  after(async () => {
    await removeAll(docker);
    await lock[Symbol.asyncDispose]();
  });

  describe('agama', () => {
    it('has more than a million rows at full size, and one empty table', async () => {
      const names = (
        await ask(
          "SELECT table_name FROM information_schema.tables WHERE table_schema = 'agama' AND table_type = 'BASE TABLE'",
        )
      ).split('\n');
      const counts = Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, Number(await ask(`SELECT COUNT(*) FROM agama.${name}`))])),
      );
      const growing = ['customers', 'addresses', 'orders', 'order_lines', 'payments', 'audit_log'];
      expect(growing.reduce((sum, name) => sum + counts[name] / scale, 0)).to.be.within(1_005_000, 1_200_000);
      expect(counts).to.include({ import_queue: 0, products: 2000, pickup_places: 600 });
      expect(Math.min(...names.filter((name) => name !== 'import_queue').map((name) => counts[name]))).to.be.above(19);
    });

    it('has a child for no parent that is missing', async () => {
      const keys =
        await rows(`SELECT table_name, column_name, referenced_table_name FROM information_schema.key_column_usage
        WHERE table_schema = 'agama' AND referenced_table_name IS NOT NULL`);
      expect(keys).to.have.length(7);
      for (const [table, column, parent] of keys) {
        const orphans = `SELECT COUNT(*) FROM agama.${table} c LEFT JOIN agama.${parent} p ON p.id = c.${column} WHERE p.id IS NULL AND c.${column} IS NOT NULL`;
        expect(await ask(orphans), `${table}.${column}`).to.equal('0');
      }
    });

    it('ends now, and reaches back more than a year', async () => {
      const [ages] = await rows(`SELECT TIMESTAMPDIFF(SECOND, (SELECT MAX(placed_at) FROM agama.orders), NOW(6)),
        TIMESTAMPDIFF(SECOND, (SELECT MAX(received_at) FROM agama.payments), NOW(6)),
        TIMESTAMPDIFF(DAY, (SELECT MIN(placed_at) FROM agama.orders), NOW(6)),
        (SELECT COUNT(*) FROM agama.orders WHERE placed_at > NOW(6)) + (SELECT COUNT(*) FROM agama.payments WHERE received_at > NOW(6))`);
      const [order, payment, days, future] = (ages ?? []).map(Number);
      expect(order).to.be.within(0, 300);
      expect(payment).to.be.within(0, 300);
      expect(days).to.be.within(395, 401);
      expect(future).to.equal(0);
    });

    it('has every kind of object and column that a backup can lose', async () => {
      const kinds =
        await ask(`SELECT GROUP_CONCAT(DISTINCT data_type ORDER BY data_type) FROM information_schema.columns
        WHERE table_schema = 'agama' AND table_name NOT IN (SELECT table_name FROM information_schema.views WHERE table_schema = 'agama')`);
      expect(kinds.split(',')).to.include.members(
        'bigint,binary,bit,char,date,datetime,decimal,double,enum,geometry,json,longtext,mediumblob,point,set,smallint,text,time,timestamp,tinyint,varbinary,varchar,year'.split(
          ',',
        ),
      );
      const count = async (table: string, column: string) =>
        Number(await ask(`SELECT COUNT(*) FROM information_schema.${table} WHERE ${column} = 'agama'`));
      expect(await count('views', 'table_schema')).to.equal(3);
      expect(await count('triggers', 'trigger_schema')).to.equal(2);
      expect(await count('routines', 'routine_schema')).to.equal(2);
      expect(await count('events', 'event_schema')).to.equal(1);
      expect(
        await ask(
          "SELECT GROUP_CONCAT(DISTINCT index_type ORDER BY 1) FROM information_schema.statistics WHERE table_schema = 'agama'",
        ),
      ).to.equal('BTREE,FULLTEXT,SPATIAL');
      expect(
        await ask(
          "SELECT GROUP_CONCAT(DISTINCT generation_expression <> '' , extra ORDER BY extra SEPARATOR ';') FROM information_schema.columns WHERE table_schema = 'agama'",
        ),
      )
        .to.match(/STORED GENERATED/)
        .and.match(/VIRTUAL GENERATED/);
    });

    it('fills more than one partition, and leaves gaps in the numbers', async () => {
      const filled = await ask(
        "SELECT COUNT(*) FROM information_schema.partitions WHERE table_schema = 'agama' AND table_name = 'audit_log' AND table_rows > 0",
      );
      expect(Number(filled)).to.be.above(3);
      expect(await ask('SELECT COUNT(*) FROM agama.orders WHERE id % 101 = 0')).to.equal('0');
      expect(Number(await ask('SELECT MAX(id) FROM agama.item'))).to.equal(20_000);
    });

    it('holds text of many scripts unharmed, and emoji', async () => {
      const names = await ask('SELECT value FROM agama.item');
      for (const script of ['Han', 'Arabic', 'Cyrillic', 'Latin']) {
        expect(names, script).to.match(new RegExp(`\\p{Script=${script}}`, 'u'));
      }
      expect(names).to.match(/🥛/);
      expect(await ask("SELECT COUNT(*) > 0 FROM agama.customers WHERE preferences ->> '$.emoji' = '👩‍🚒'")).to.equal(
        '1',
      );
    });

    it('works as an application: an order goes through routine and triggers into the binary log', async () => {
      const before = await ask('SELECT COUNT(*) FROM agama.audit_log');
      const log = await ask('SELECT @@gtid_executed');
      await changeAgama(context, 'sunday.sql', new Date());
      expect(Number(await ask('SELECT COUNT(*) FROM agama.audit_log')) - Number(before)).to.equal(2);
      expect(await ask('SELECT @@gtid_executed')).to.not.equal(log);
      expect(await ask('SELECT COUNT(*) > 0 FROM agama.best_customers')).to.equal('1');
      expect(await ask('SELECT @@log_bin, @@gtid_mode')).to.equal('1\tON');
    });

    it('has accounts that may do what they must, and no more', async () => {
      const grants = await ask("SHOW GRANTS FOR firedrill@'%'");
      expect(grants)
        .to.match(/SELECT.*BACKUP_ADMIN/s)
        .and.not.match(/UPDATE|SUPER|ALL PRIVILEGES|(INSERT|DELETE).* ON (?!`agama`.`firedrill_heartbeat`)/);
      expect(
        await ask(
          "SELECT COUNT(*) FROM mysql.user WHERE user IN ('agama_app', 'reporter', 'anna', 'former', 'support', 'firedrill')",
        ),
      ).to.equal('6');
      expect(
        await ask('SELECT from_user, to_user FROM mysql.default_roles JOIN mysql.role_edges ON to_user = user'),
      ).to.equal('support\tanna');
    });
  });

  describe('telegraf and latency', () => {
    async function ask(database: string, q: string) {
      const url = `http://${sources.influxdb.address}:8086/query?${new URLSearchParams({ db: database, q, epoch: 'ms' })}`;
      const authorization = `Basic ${Buffer.from('admin:admin-secret').toString('base64')}`;
      const answer = await fetch(url, { headers: { authorization } });
      const { results } = (await answer.json()) as {
        results: [{ series?: { name: string; values: unknown[][] }[]; error?: string }];
      };
      expect(results[0].error).to.equal(undefined);
      return results[0].series ?? [];
    }

    const pointsOf = async (database: string, source: string, field: string) =>
      Number((await ask(database, `SELECT COUNT(${field}) FROM ${source}`))[0]?.values[0]?.[1]);

    it('hold more than three million points at full size', async () => {
      const counts = await Promise.all([
        pointsOf('telegraf', 'cpu', 'usage_user'),
        pointsOf('telegraf', 'mem', 'used'),
        pointsOf('telegraf', 'disk', 'used'),
        pointsOf('telegraf', 'net', 'bytes_sent'),
        pointsOf('telegraf', 'syslog', 'message'),
        pointsOf('latency', 'four_weeks.ping', 'loss'),
      ]);
      expect(counts.reduce((sum, each) => sum + each, 0) / scale).to.be.within(3_050_000, 3_300_000);
    });

    it('end now, and roll hours up into a policy that is not the default one', async () => {
      for (const [database, source] of [
        ['telegraf', 'cpu'],
        ['latency', 'ping'],
      ] as const) {
        const newest = (await ask(database, `SELECT * FROM ${source} ORDER BY time DESC LIMIT 1`))[0]?.values[0]?.[0];
        expect(newest, database).to.equal(context.until.getTime());
      }
      const hours = await pointsOf('telegraf', 'half_year.cpu_hourly', 'usage_idle');
      expect(hours).to.be.above(1000);
      const policies = (await ask('telegraf', 'SHOW RETENTION POLICIES'))[0]?.values.map(([name, duration]) => [
        name,
        duration,
      ]);
      expect(policies).to.deep.equal([
        ['autogen', '0s'],
        ['half_year', '4368h0m0s'],
      ]);
      expect(JSON.stringify(await ask('telegraf', 'SHOW CONTINUOUS QUERIES'))).to.contain('cpu_hourly');
    });

    it('ask for a login', async () => {
      const answer = await fetch(`http://${sources.influxdb.address}:8086/query?q=SHOW+DATABASES`);
      expect(answer.status).to.equal(401);
    });
  });

  it('has a Grafana with the sample’s dashboards, and its configuration', async () => {
    const login = { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` };
    const answer = await fetch(`http://${sources.grafana.address}:3000/api/search?type=dash-db`, { headers: login });
    expect(await answer.json()).to.have.length(12);
  });

  it('publishes no port and stands on a network of its own', async () => {
    for (const { id, name } of Object.values(sources)) {
      const { NetworkSettings, HostConfig } = await docker.getContainer(id).inspect();
      expect(Object.keys(NetworkSettings.Networks), name).to.deep.equal(['firedrill-demo']);
      expect(HostConfig.PortBindings ?? {}, name).to.deep.equal({});
    }
  });
});
