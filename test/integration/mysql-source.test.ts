import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import type { MysqlSource } from '../../src/engines/mysql/source.ts';
import { backUp } from '../../src/flow/backup.ts';
import type { ArtifactSink } from '../../src/model/member.ts';
import { directoryVault } from '../../src/vault/directory.ts';
import { testActivity } from '../support/activity.ts';
import { closedPort } from '../support/file-engine.ts';
import { dumpToMember, testKeys } from '../support/member.ts';
import { backupPassword, type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { artifactOf, contentOf } from '../support/mysql-spoil.ts';
import { rejectionOf } from '../support/rejection.ts';
import { scratchFolder } from '../support/scratch.ts';

const accounts = 200;
const seed = `
CREATE DATABASE shop;
USE shop;
SET SESSION cte_max_recursion_depth = 100000;
CREATE TABLE accounts_a (id int PRIMARY KEY, amount int NOT NULL);
CREATE TABLE accounts_b LIKE accounts_a;
INSERT INTO accounts_a WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${accounts}) SELECT i, 100 FROM n;
INSERT INTO accounts_b SELECT * FROM accounts_a;
CREATE TABLE long_one (id int PRIMARY KEY, note text);
INSERT INTO long_one WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i, REPEAT(UUID(), 20) FROM n;
CREATE TABLE events (id int PRIMARY KEY, at datetime, due datetime);
INSERT INTO events VALUES (1, UTC_TIMESTAMP() - INTERVAL 90 MINUTE, '2099-01-01'), (2, UTC_TIMESTAMP() - INTERVAL 1 HOUR, NULL), (3, '0000-00-00' + INTERVAL 0 DAY, NULL);
DELIMITER //
CREATE PROCEDURE transfer(n int) BEGIN
  WHILE n > 0 DO
    START TRANSACTION;
    UPDATE accounts_a SET amount = amount - 1 WHERE id = 1 + n % ${accounts};
    UPDATE accounts_b SET amount = amount + 1 WHERE id = 1 + n % ${accounts};
    COMMIT;
    SET n = n - 1;
  END WHILE;
END//
DELIMITER ;
`;

describe('MySQL as a source', function () {
  this.timeout(120_000);
  let server: MysqlServer;

  before(async () => {
    server = await mysqlServer('mysql-source');
    await server.sql(`SET sql_mode = '';${seed}`);
  });
  after(() => server?.[Symbol.asyncDispose]());

  const sessionsOfBackup = async () =>
    (await server.sql("SELECT id FROM performance_schema.processlist WHERE user = 'backup'")).trim();

  /** Backs up as the flow does, and asserts that nothing is in the vault and nobody is logged in afterwards. */
  const failing = async (source: MysqlSource, activity = testActivity()) => {
    await using scratch = await scratchFolder();
    const vault = directoryVault('onsite', scratch.path);
    const failure = await rejectionOf(
      backUp({ engine: mysqlEngine, source, vault, signingKey: testKeys.privateKey, timeZone: 'UTC' }, activity),
    );
    expect(await vault.list()).to.deep.include({ members: [] });
    for (let tries = 0; (await sessionsOfBackup()) !== '' && tries < 50; tries += 1) await sleep(100);
    expect(await sessionsOfBackup(), 'sessions left behind').to.equal('');
    return failure;
  };

  it('is dumped as it is at one instant, while others write', async () => {
    const writing = server.sql('CALL shop.transfer(20000)');
    await using sealed = await dumpToMember(mysqlEngine, server.source());
    const amounts = async (table: string) => {
      const rows = (await contentOf(sealed.member, artifactOf(sealed.member, table))).split('\n').slice(0, -2);
      return rows.map((row) => Number(row.split('\t')[1]));
    };
    const [a, b] = [await amounts('accounts_a'), await amounts('accounts_b')];
    await writing;
    expect([a.length, b.length]).to.deep.equal([accounts, accounts]);
    const moved = a.map((amount) => 100 - amount);
    expect(moved.reduce((sum, n) => sum + n)).to.be.greaterThan(0);
    // Each transaction moves between rows of the same id: every pair of the snapshot balances.
    expect(b.map((amount) => amount - 100)).to.deep.equal(moved);
    expect(sealed.member.manifest.position).to.have.property('gtidExecuted');
    const { lockMs } = sealed.member.manifest.position as { lockMs: number };
    expect(lockMs).to.be.within(0, 30_000);
  });

  it('tells its newest event, but no future one', async () => {
    await using sealed = await dumpToMember(mysqlEngine, server.source({ newest: ['events.due', 'events.at'] }));
    const { newest } = sealed.member.manifest.facts as unknown as { newest: { at: string; column: string } };
    expect(newest.column).to.equal('at');
    expect(Date.now() - Date.parse(newest.at)).to.be.within(3_600_000, 3_900_000);
    const failure = await failing(server.source({ newest: ['events.nothing'] }));
    expect(failure).to.include({ code: 'SOURCE_UNSUITABLE' });
    expect(failure.message).to.match(/events\.nothing/);
    const digest = await failing(server.source({ digestTables: ['nothing'] }));
    expect(digest).to.include({ code: 'SOURCE_UNSUITABLE' });
    expect(digest.message).to.match(/no table nothing/);
  });

  it('refuses a wrong password, and says so without it', async () => {
    const failure = await failing(server.source({ password: backupPassword('not-the-password') }));
    expect(failure).to.include({ code: 'SOURCE_DENIED' });
    expect(`${failure.message} ${failure.detail.join()} ${failure.hint}`).not.to.include('not-the-password');
  });

  it('says that it cannot meet a demand for TLS', async () => {
    await server.sql('SET GLOBAL require_secure_transport = ON');
    try {
      const failure = await failing(server.source());
      expect(failure).to.include({ code: 'SOURCE_DENIED' });
      expect(failure.hint).to.match(/demands TLS/);
    } finally {
      await server.sql('SET GLOBAL require_secure_transport = OFF');
    }
  });

  it('says which grant is missing, and how to give it', async () => {
    for (const privilege of ['BACKUP_ADMIN', 'RELOAD', 'REPLICATION CLIENT']) {
      await server.sql(`REVOKE ${privilege} ON *.* FROM backup@'%'`);
      try {
        const failure = await failing(server.source());
        expect(failure, privilege).to.include({ code: 'SOURCE_DENIED' });
        expect(failure.hint).to.match(/GRANT SELECT, .*BACKUP_ADMIN.* ON \*\.\* TO 'backup'/);
        const found = await mysqlEngine.diagnose(server.source(), testActivity());
        expect(
          found
            .filter(({ ok }) => !ok)
            .map(({ what }) => what)
            .join(),
        ).to.include(`lacks ${privilege}`);
      } finally {
        await server.sql(`GRANT ${privilege} ON *.* TO backup@'%'`);
      }
    }
  });

  it('takes grants by an active role for what they are', async () => {
    await server.sql(`CREATE ROLE keeper; CREATE USER by_role@'%' IDENTIFIED BY 'to-back-up';
      GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, RELOAD, REPLICATION CLIENT, BACKUP_ADMIN, SHOW_ROUTINE ON *.* TO keeper;
      GRANT keeper TO by_role@'%'; SET DEFAULT ROLE keeper TO by_role@'%';`);
    await using sealed = await dumpToMember(mysqlEngine, server.source({ user: 'by_role' }));
    expect(sealed.member.byRole('data').length).to.be.greaterThan(3);
  });

  it('does not hide accounts and routines that its account may not see', async () => {
    await server.sql(`CREATE USER narrow@'%' IDENTIFIED BY 'to-back-up'; GRANT RELOAD, REPLICATION CLIENT, BACKUP_ADMIN ON *.* TO narrow@'%';
      GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON shop.* TO narrow@'%';`);
    const failure = await failing(server.source({ user: 'narrow' }));
    expect(failure).to.include({ code: 'SOURCE_DENIED' });
    await server.sql("GRANT SELECT ON mysql.* TO narrow@'%'");
    const hidden = await failing(server.source({ user: 'narrow' }));
    expect(hidden).to.include({ code: 'SOURCE_DENIED' });
    expect(hidden.message).to.match(/narrow lacks SELECT, SHOW VIEW, TRIGGER, EVENT, SHOW_ROUTINE on \*\.\*/);
  });

  it('refuses tables that know no snapshot, and databases that are not there', async () => {
    await server.sql('CREATE TABLE shop.torn (id int) ENGINE=MyISAM');
    try {
      const failure = await failing(server.source());
      expect(failure).to.include({ code: 'SOURCE_UNSUITABLE' });
      expect(failure.message).to.match(/^agama: table shop\.torn is of engine MyISAM/);
    } finally {
      await server.sql('DROP TABLE shop.torn');
    }
    const missing = await failing(server.source({ databases: ['shop', 'gone'] }));
    expect(missing).to.include({ code: 'SOURCE_UNSUITABLE' });
    expect(missing.message).to.match(/no database gone/);
  });

  it('refuses a replica that stands still', async () => {
    await server.sql(
      "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_USER = 'x', SOURCE_PASSWORD = 'y'",
    );
    try {
      const failure = await failing(server.source());
      expect(failure).to.include({ code: 'SOURCE_UNSUITABLE' });
      expect(failure.message).to.match(/replica that stands still: its receiver says No/);
    } finally {
      await server.sql('RESET REPLICA ALL');
    }
  });

  it('is not backed up when a value cannot be sent whole', async () => {
    await server.sql(`CREATE TABLE shop.wide (id int PRIMARY KEY, note longtext);
      INSERT INTO shop.wide VALUES (1, REPEAT('\\t', 1500000)); SET GLOBAL max_allowed_packet = 2097152;`);
    try {
      const failure = await failing(server.source());
      expect(failure).to.include({ code: 'BACKUP_INCOMPLETE' });
      expect(failure.message).to.match(/table shop\.wide holds a value that the server would not send whole/);
    } finally {
      await server.sql('SET GLOBAL max_allowed_packet = DEFAULT; DROP TABLE shop.wide');
    }
  });

  /** Lets `strike` happen when the rows of the long table have begun to flow. */
  const inMidDump = (
    source: MysqlSource,
    activity: ReturnType<typeof testActivity>,
    strike: () => Promise<unknown>,
  ) => {
    const striking = (sink: ArtifactSink): ArtifactSink => ({
      add: async (name, role, encoding, content) => {
        if (role === 'data') {
          await new Promise((resolve) => content.once('readable', resolve).once('close', resolve));
          await strike();
        }
        return sink.add(name, role, encoding, content);
      },
    });
    return {
      ...mysqlEngine,
      backupFull: (_: unknown, sink: ArtifactSink) => mysqlEngine.backupFull(source, striking(sink), activity),
    };
  };

  it('is not backed up when a reader is killed in the middle', async () => {
    const kill = `SELECT GROUP_CONCAT('KILL ', id SEPARATOR '; ') FROM performance_schema.processlist
      WHERE user = 'backup' AND info LIKE 'SELECT %long_one%'`;
    const source = server.source();
    const engine = inMidDump(source, testActivity(), async () => {
      const statement = (await server.sql(kill)).trim();
      // A session may have ended by itself meanwhile.
      if (statement !== 'NULL') await server.sql(statement).catch(() => {});
    });
    await using scratch = await scratchFolder();
    const vault = directoryVault('onsite', scratch.path);
    const order = { engine, source, vault, signingKey: testKeys.privateKey, timeZone: 'UTC' };
    const failure = await rejectionOf(backUp(order, testActivity()));
    expect(failure).to.include({ code: 'BACKUP_INCOMPLETE' });
    expect((await vault.list()).members).to.deep.equal([]);
  });

  it('is left alone at once when the backup is interrupted', async () => {
    const stop = new AbortController();
    const activity = testActivity(stop.signal);
    const source = server.source();
    const engine = inMidDump(source, activity, async () => stop.abort());
    await using scratch = await scratchFolder();
    const vault = directoryVault('onsite', scratch.path);
    const order = { engine, source, vault, signingKey: testKeys.privateKey, timeZone: 'UTC' };
    const failure = await rejectionOf(backUp(order, activity));
    expect(failure).to.include({ code: 'INTERRUPTED' });
    expect((await vault.list()).members).to.deep.equal([]);
    // Nobody holds the lock any more.
    await server.sql('CREATE TABLE shop.after_all (id int); DROP TABLE shop.after_all');
  });

  it('is unreachable where nobody listens', async () => {
    const failure = await failing(server.source({ port: await closedPort() }));
    expect(failure).to.include({ code: 'SOURCE_UNREACHABLE' });
  });

  it('has views that it cannot use itself: they are named and left out', async () => {
    await server.sql(
      'CREATE TABLE shop.base (id int); CREATE VIEW shop.broken AS SELECT id FROM shop.base; DROP TABLE shop.base',
    );
    try {
      await using sealed = await dumpToMember(mysqlEngine, server.source());
      expect(sealed.member.manifest.facts).to.deep.include({ brokenViews: ['shop.broken'] });
      const found = await mysqlEngine.diagnose(server.source(), testActivity());
      expect(found.find(({ ok }) => !ok)?.what).to.match(/view shop\.broken cannot be used/);
    } finally {
      await server.sql('DROP VIEW shop.broken');
    }
  });

  it('is found in order by the doctor', async () => {
    const found = await mysqlEngine.diagnose(server.source(), testActivity());
    expect(found.filter(({ ok }) => !ok)).to.deep.equal([]);
    expect(found.length).to.be.at.least(6);
    const denied = await mysqlEngine.diagnose(server.source({ password: backupPassword('wrong') }), testActivity());
    expect(denied.at(-1)).to.deep.include({ ok: false });
  });
});
