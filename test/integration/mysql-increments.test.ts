import { expect } from 'chai';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import { findStatements } from '../../src/flow/find-statements.ts';
import { testActivity } from '../support/activity.ts';
import { trusted } from '../support/member.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { mysqlVault, troublesOf } from '../support/mysql-vault.ts';

const schema = `
  CREATE DATABASE shop; USE shop;
  CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, value varchar(100) UNIQUE, state tinyint NOT NULL DEFAULT 0);
  CREATE TABLE line (id int AUTO_INCREMENT PRIMARY KEY, item int, note text, FOREIGN KEY (item) REFERENCES item (id));
  INSERT INTO item (value) VALUES ('one'), ('two'), ('three');
  INSERT INTO line (item, note) VALUES (1, 'a'), (2, 'b');
`;

const fresh = async (server: MysqlServer) => server.sql(`DROP DATABASE IF EXISTS shop; ${schema}`);
/** Each transaction is told from the next one by milliseconds. */
const instant = async (server: MysqlServer) => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  const at = new Date();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await server.sql('SELECT 1');
  return at;
};

describe('MySQL increments', function () {
  this.timeout(240_000);
  let server: MysqlServer;

  before(async () => {
    server = await mysqlServer('mysql-increments', ['--gtid-mode=ON', '--enforce-gtid-consistency=ON']);
  });
  after(() => server?.[Symbol.asyncDispose]());

  it('give back rows, tables, programs, events and accounts that came after the full', async () => {
    await fresh(server);
    await using vault = await mysqlVault(server, ['shop']);
    await vault.backup('full');
    await server.sql(`USE shop; INSERT INTO item (value) VALUES ('four'); UPDATE item SET state = 2 WHERE id < 3; DELETE FROM line WHERE id = 1;
      CREATE TABLE added (id int PRIMARY KEY, at timestamp(6) DEFAULT CURRENT_TIMESTAMP(6)); INSERT INTO added (id) VALUES (1), (2);`);
    const first = await vault.backup();
    expect(first).to.include({ promoted: null });
    await server.sql(`USE shop; ALTER TABLE item ADD COLUMN note varchar(20) DEFAULT 'x', ADD KEY (state); INSERT INTO item (value, note) VALUES ('five', '😀');
      CREATE VIEW busy AS SELECT * FROM item WHERE state > 0; CREATE PROCEDURE nothing() SELECT 1;
      CREATE EVENT hourly ON SCHEDULE EVERY 1 HOUR DO DELETE FROM line; CREATE EVENT off_one ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM line;
      CREATE TRIGGER upper_value BEFORE INSERT ON item FOR EACH ROW SET NEW.note = UPPER(NEW.note);
      CREATE USER IF NOT EXISTS clerk@'%' IDENTIFIED BY 'pw'; GRANT SELECT ON shop.* TO clerk@'%'; GRANT PROCESS ON *.* TO clerk@'%';
      DROP TABLE added; SET SESSION binlog_transaction_compression = ON; INSERT INTO item (value) VALUES ('six');`);
    await vault.backup();
    const journal = await vault.drilled();
    expect(troublesOf(journal)).to.deep.equal([]);
    expect(journal.verdict.verdict).to.equal('pass');
    expect(journal.services[0]?.members).to.have.length(3);
    const replay = journal.native.find((each) => each.label === 'apply binary logs');
    expect(replay?.bytes).to.be.greaterThan(1_000);
    expect(journal.notes.join()).to.match(/agama: apply binary logs: [\d.]+ KiB in [\d.]+ s, \d+ s per GiB/);
  });

  it('go on where nothing happened for a while', async () => {
    await fresh(server);
    await using vault = await mysqlVault(server, ['shop']);
    await vault.backup('full');
    const idle = [await vault.backup(), await vault.backup()];
    expect(idle.map((each) => each.promoted)).to.deep.equal([null, null]);
    const journal = await vault.drilled();
    expect(troublesOf(journal)).to.deep.equal([]);
    expect(journal.services[0]?.members).to.have.length(3);
  });

  it('restores to an instant, and to just before one bad statement', async () => {
    await fresh(server);
    await using vault = await mysqlVault(server, ['shop']);
    await vault.backup('full');
    await server.sql("USE shop; INSERT INTO item (value) VALUES ('wanted')");
    const good = await instant(server);
    await server.sql('USE shop; DROP TABLE line');
    await server.sql("USE shop; INSERT INTO item (value) VALUES ('after')");
    await vault.backup();
    const found = await Array.fromAsync(
      findStatements(
        {
          ...{ vault: vault.vault, trusted, engine: mysqlEngine, service: 'agama', minRows: 1 },
          from: new Date(good.getTime() - 60_000),
          to: new Date(Date.now() + 60_000),
        },
        testActivity(),
      ),
    );
    const drop = found.find((each) => each.kind === 'drop' && each.what.includes('`line`'));
    expect(drop?.name).to.match(/^[0-9a-f-]{36}:\d+$/);
    for (const change of [{ asOf: good }, { before: drop?.name ?? '' }]) {
      const journal = await vault.drilled(change);
      expect(troublesOf(journal), JSON.stringify(change)).to.deep.equal([]);
      expect(journal.verdict.verdict).to.equal('pass');
      expect(journal.notes.join()).to.match(/agama: schema, accounts, rows, content were not compared/);
    }
  });

  it('makes a new full, and says why, when the source has no way on', async () => {
    await fresh(server);
    await using vault = await mysqlVault(server, ['shop']);
    await vault.backup('full');
    await server.sql('FLUSH BINARY LOGS; FLUSH BINARY LOGS');
    await server.sql('PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY');
    await server.sql("USE shop; INSERT INTO item (value) VALUES ('later')");
    const purged = await vault.backup();
    expect(purged.manifest.kind).to.equal('full');
    expect(purged.promoted).to.match(
      /^the source has no binary log binlog\.\d+ any more: it was purged, or the logs were reset$/,
    );
    await server.sql('RESET BINARY LOGS AND GTIDS');
    const reset = await vault.backup();
    expect(reset.promoted).to.match(/^the source no longer knows of transactions .*: its logs were reset$/);
    const next = await vault.backup();
    expect(next.promoted).to.equal(null);
  });
});
