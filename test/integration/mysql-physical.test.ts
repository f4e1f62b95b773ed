import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import { sandboxOf } from '../../src/engines/mysql/restore.ts';
import type { MysqlSettings } from '../../src/engines/mysql/settings.ts';
import type { MysqlSource } from '../../src/engines/mysql/source.ts';
import type { DrillService } from '../../src/flow/drill-order.ts';
import { dockerHost } from '../../src/hosts/docker.ts';
import type { Host } from '../../src/hosts/host.ts';
import { outputOf } from '../../src/hosts/output.ts';
import type { CheckResult } from '../../src/model/check.ts';
import { testActivity } from '../support/activity.ts';
import { sleepingContainer } from '../support/container.ts';
import { fileCompany } from '../support/firedrill.ts';
import { images } from '../support/images.ts';
import { dumpToMember } from '../support/member.ts';
import { sampleDatabases, sampleSql } from '../support/mysql-sample.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { mysqlVault, troublesOf } from '../support/mysql-vault.ts';
import { withBay } from '../support/pod.ts';
import { restored } from '../support/real-restore.ts';
import { rejectionOf } from '../support/rejection.ts';
import { until } from '../support/until.ts';

const options = ['--gtid-mode=ON', '--enforce-gtid-consistency=ON', '--innodb-directories=/tmp/outside'];
const physical: Partial<MysqlSettings> = { format: 'physical', cloneFolder: '/data' };
const schema = `
  CREATE DATABASE shop; USE shop;
  CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, value varchar(100) UNIQUE, state tinyint NOT NULL DEFAULT 0);
  CREATE TABLE line (id int AUTO_INCREMENT PRIMARY KEY, item int, note text, FOREIGN KEY (item) REFERENCES item (id));
  INSERT INTO item (value) VALUES ('one'), ('two'), ('three');
  INSERT INTO line (item, note) VALUES (1, 'a'), (2, 'b');
`;

const troubles = (results: readonly CheckResult[]) =>
  results
    .filter(({ outcome }) => outcome !== 'pass')
    .map(({ check, outcome, findings }) => ({ check, outcome, findings }));

const fresh = (server: MysqlServer) => server.sql(`DROP DATABASE IF EXISTS shop; ${schema}`);

describe('the physical format of MySQL', function () {
  this.timeout(600_000);
  let server: MysqlServer;

  before(async () => {
    server = await mysqlServer('mysql-physical', options);
    await server.sql("INSTALL PLUGIN clone SONAME 'mysql_clone.so'");
    await server.sql(sampleSql);
    await server.sql('CREATE DATABASE of_others; CREATE TABLE of_others.secret (id int PRIMARY KEY)');
  });
  after(() => server?.[Symbol.asyncDispose]());

  const clonesLeft = async () => {
    const { host } = server.source();
    return (await outputOf(host, { tool: 'ls', args: ['-1', '/data'] }))
      .split('\n')
      .filter((name) => name.includes('clone'));
  };

  it('gives back every type, name, key, program and account, and nothing of other databases', async () => {
    const source = server.source({ ...physical, databases: sampleDatabases, digestTables: ['types', 'orders'] });
    await using sealed = await dumpToMember(mysqlEngine, source);
    const { member } = sealed;
    expect(await clonesLeft()).to.deep.equal([]);
    expect(troubles(await mysqlEngine.verify(member, testActivity()))).to.deep.equal([]);
    await withBay({ service: 'agama', image: images().mysql }, async (bay) => {
      const activity = testActivity();
      const restored = await mysqlEngine.restore([member], bay, activity);
      expect(activity.natives).to.deep.equal(['unpack', 'start without accounts', 'start']);
      const { results } = await mysqlEngine.check([member], restored, source.settings, activity);
      const all = [...restored.results, ...results];
      expect(troubles(all)).to.deep.equal([]);
      expect(new Set(all.map(({ check }) => check))).to.deep.equal(new Set(mysqlEngine.drills));
      await using session = await sandboxOf(restored).connect();
      expect(await session.rows("SHOW DATABASES LIKE 'of_others'")).to.deep.equal([]);
    });
  });

  it('knows the pages of compressed tables, and those that an old server has written', async () => {
    await fresh(server);
    const rows =
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i, REPEAT(UUID(), 9) FROM n';
    const forms = { plain: '', zipped: 'ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=4', holes: "COMPRESSION='zlib'" };
    for (const algorithm of ['innodb', 'crc32']) {
      await server.sql(`SET GLOBAL innodb_checksum_algorithm = ${algorithm}`);
      for (const [name, options] of Object.entries(forms)) {
        const table = `shop.${name}_${algorithm}`;
        await server.sql(`CREATE TABLE ${table} (id int PRIMARY KEY, note text) ${options}; INSERT INTO ${table} ${rows};
          USE shop; FLUSH TABLES ${name}_${algorithm} FOR EXPORT; UNLOCK TABLES`);
      }
    }
    await using sealed = await dumpToMember(mysqlEngine, server.source({ ...physical, databases: ['shop'] }));
    expect(troubles(await mysqlEngine.verify(sealed.member, testActivity()))).to.deep.equal([]);
  });

  it('goes on with increments, to their end and to an instant', async () => {
    await fresh(server);
    await using vault = await mysqlVault(server, ['shop'], physical);
    await vault.backup('full');
    await server.sql(`USE shop; INSERT INTO item (value) VALUES ('four'); UPDATE item SET state = 2 WHERE id < 3; DELETE FROM line WHERE id = 1;
      CREATE EVENT hourly ON SCHEDULE EVERY 1 HOUR DO DELETE FROM item WHERE id < 0; CREATE USER IF NOT EXISTS clerk@'%' IDENTIFIED BY 'pw'; GRANT SELECT ON shop.* TO clerk@'%';`);
    expect(await vault.backup()).to.include({ promoted: null });
    await server.sql("USE shop; INSERT INTO item (value) VALUES ('wanted')");
    await sleep(50);
    const good = new Date();
    await sleep(50);
    await server.sql('USE shop; DROP TABLE line');
    expect(await vault.backup()).to.include({ promoted: null });
    const newest = await vault.drilled();
    expect(troublesOf(newest)).to.deep.equal([]);
    expect(newest.verdict.verdict).to.equal('pass');
    expect(newest.services[0]?.members).to.have.length(3);
    const between = await vault.drilled({ asOf: good });
    expect(troublesOf(between)).to.deep.equal([]);
    expect(between.verdict.verdict).to.equal('pass');
    const lines = await vault.restored(new Date(), { at: good }, (session) =>
      session.value('SELECT COUNT(*) FROM shop.line'),
    );
    expect(lines).to.equal('1');
  });

  it('makes writers wait at the end of a clone only, and holds just what they had written by then', async () => {
    await fresh(server);
    await server.sql(`USE shop; SET sql_log_bin = 0;
      CREATE TABLE large (id int AUTO_INCREMENT PRIMARY KEY, content longblob); INSERT INTO large (content) VALUES (REPEAT(RANDOM_BYTES(1000), 10000));
      ${'INSERT INTO large (content) SELECT content FROM large LIMIT 16;'.repeat(6)}
      CREATE TABLE moved (id int PRIMARY KEY, amount int NOT NULL);
      INSERT INTO moved WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i, 0 FROM n;
      SET sql_log_bin = 1;
      DELIMITER //
      CREATE PROCEDURE move() BEGIN DECLARE n int DEFAULT 0;
        WHILE (SELECT COUNT(*) FROM item) > 0 DO UPDATE moved SET amount = amount + 1 WHERE id = 1 + n % 100; SET n = n + 1; DO SLEEP(0.005); END WHILE; END//
      DELIMITER ;`);
    await using vault = await mysqlVault(server, ['shop'], physical);
    const writing = server.sql('CALL shop.move()');
    const full = await vault.backup('full');
    await server.sql('DELETE FROM shop.line; DELETE FROM shop.item');
    await writing;
    const { lockMs } = full.manifest.position as { lockMs: number };
    expect(full.manifest.artifacts.reduce((sum, { contentBytes }) => sum + contentBytes, 0)).to.be.greaterThan(400e6);
    expect(lockMs).to.be.within(0, Date.parse(full.manifest.finishedAt) - Date.parse(full.manifest.startedAt));
    expect(await vault.backup()).to.include({ promoted: null });
    const journal = await vault.drilled();
    expect(troublesOf(journal)).to.deep.equal([]);
    const alone = await vault.drilled({ asOf: new Date(full.manifest.dataAt) });
    expect(troublesOf(alone)).to.deep.equal([]);
  });

  it('gives back one table beside the live ones, as after a logical full', async () => {
    await fresh(server);
    await server.sql(
      "CREATE USER IF NOT EXISTS adm@'%' IDENTIFIED BY 'to-back-up'; GRANT ALL ON *.* TO adm@'%' WITH GRANT OPTION",
    );
    await using vault = await mysqlVault(server, ['shop'], physical);
    await vault.backup('full');
    await server.sql('DELETE FROM shop.line; DELETE FROM shop.item');
    const [service] = vault.order.services as [DrillService];
    const target = server.source({ databases: ['shop'], user: 'adm' });
    await restored(vault, service, target, { parts: ['item'] });
    const place = (
      await server.sql(
        "SELECT TABLE_SCHEMA FROM information_schema.TABLES WHERE TABLE_NAME = 'item' AND TABLE_SCHEMA <> 'shop'",
      )
    ).trim();
    expect(await server.sql(`SELECT value FROM ${place}.item ORDER BY id; DROP DATABASE ${place}`)).to.equal(
      'one\ntwo\nthree\n',
    );
  });

  it('leaves nothing at the source when it is stopped or killed, and goes on after a killed one', async () => {
    await using company = await fileCompany();
    await writeFile(join(company.folder, 'firedrill.yaml'), configOf(server.container.name));
    const order = { main: 'real', env: { TEST_MYSQL: 'to-back-up' } } as const;
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const { child, ended } = company.start(['backup', '--full'], order);
      await until('the clone is being made', async () => (await clonesLeft()).length > 0 || undefined, 60_000);
      child.kill(signal);
      const { status, stderr } = await ended;
      expect(status, stderr).to.equal(signal === 'SIGINT' ? 130 : null);
      expect(await clonesLeft()).to.have.length(signal === 'SIGINT' ? 0 : 1);
    }
    const next = await company.run(['backup', '--full'], order);
    expect(next.status, next.stderr).to.equal(0);
    expect(await clonesLeft()).to.deep.equal([]);
  });

  describe('is refused', () => {
    const refusal = async (settings: Partial<MysqlSettings>, change: Partial<MysqlSource> = {}) => {
      const source = { ...server.source({ ...physical, ...settings }), ...change };
      const failure = await rejectionOf(dumpToMember(mysqlEngine, source));
      expect(failure.hint).not.to.equal('');
      expect(await clonesLeft()).to.deep.equal([]);
      return failure;
    };

    it('where the plugin is missing, which the doctor says too', async () => {
      await server.sql('UNINSTALL PLUGIN clone');
      try {
        const failure = await refusal({});
        expect(failure).to.include({ code: 'SOURCE_UNSUITABLE' });
        expect(failure.message).to.equal('agama: the clone plugin is not installed');
        const found = await mysqlEngine.diagnose(server.source(physical), testActivity());
        expect(found.find(({ what }) => what === failure.message)?.advice).to.match(/INSTALL PLUGIN clone/);
      } finally {
        await server.sql("INSTALL PLUGIN clone SONAME 'mysql_clone.so'");
      }
      const found = await mysqlEngine.diagnose(server.source(physical), testActivity());
      expect(found.filter(({ ok }) => ok).map(({ what }) => what)).to.include(
        'agama: the server can clone itself into /data',
      );
    });

    it('without the privilege, the folder, or room in it', async () => {
      await server.sql("REVOKE BACKUP_ADMIN ON *.* FROM backup@'%'");
      try {
        expect(await refusal({})).to.include({ code: 'SOURCE_DENIED' });
      } finally {
        await server.sql("GRANT BACKUP_ADMIN ON *.* TO backup@'%'");
      }
      expect((await refusal({ cloneFolder: '/data/nowhere' })).message).to.match(
        /there is no folder \/data\/nowhere on docker:/,
      );
      expect((await refusal({ cloneFolder: '/dev/shm' })).message).to.match(
        /a clone needs \d.* in \/dev\/shm .*, and there are /,
      );
      const inside = await refusal({ cloneFolder: '/data/db' });
      expect(inside).to.include({ code: 'SOURCE_UNSUITABLE' });
      expect(inside.message).to.match(/made no clone of itself: /);
    });

    it('where the server runs elsewhere', async () => {
      await using other = await sleepingContainer('mysql-elsewhere');
      await using elsewhere = dockerHost({ container: other.id, label: 'docker:elsewhere' });
      const { host } = server.source();
      const mixed = {
        ...elsewhere,
        label: elsewhere.label,
        run: elsewhere.run.bind(elsewhere),
        connect: host.connect.bind(host),
      };
      const failure = await refusal({}, { host: mixed as Host });
      expect(failure.message).to.match(/^agama: the server does not run on docker:elsewhere, but elsewhere/);
    });

    it('where a table lies outside of the data folder', async () => {
      await server.sql(
        "CREATE DATABASE outer_one; CREATE TABLE outer_one.t (id int PRIMARY KEY) DATA DIRECTORY = '/tmp/outside'",
      );
      try {
        const failure = await refusal({});
        expect(failure).to.include({ code: 'SOURCE_UNSUITABLE' });
        expect(failure.message).to.match(
          /outer_one\/t\.ibd lies outside of the server's data folder, and cannot be cloned$/,
        );
      } finally {
        await server.sql('DROP DATABASE outer_one');
      }
    });
  });
});

function configOf(container: string): string {
  return `version: 1
keys: { private: keys/signing.key, public: [keys/signing.pub], ledger: keys/ledger.key }
vaults:
  onsite: { kind: directory, folder: vault }
services:
  agama:
    engine: mysql
    reach: { docker: ${container} }
    rpo: 1h
    retention: 7d
    settings: { databases: [shop], user: backup, password: { env: TEST_MYSQL }, format: physical, cloneFolder: /data }
drill:
  pull: never
`;
}
