import { expect } from 'chai';
import { runDrill } from '../../src/cli/drill.ts';
import { runFindStatement } from '../../src/cli/find-statement.ts';
import { findStatementLines } from '../../src/cli/find-statement-lines.ts';
import type { AnyEngine } from '../../src/engines/engine.ts';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import { composedOf } from '../support/composed.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { mysqlVault, troublesOf } from '../support/mysql-vault.ts';

describe('find-statement and the drill that it proposes, on a real MySQL', function () {
  this.timeout(240_000);
  let server: MysqlServer;

  before(async () => {
    server = await mysqlServer('cli-undo', ['--gtid-mode=ON', '--enforce-gtid-consistency=ON']);
  });
  after(() => server?.[Symbol.asyncDispose]());

  it('finds a dropped table, and the command that it proposes restores to just before', async () => {
    await server.sql('CREATE DATABASE shop; CREATE TABLE shop.orders (id int PRIMARY KEY)');
    await using vault = await mysqlVault(server, ['shop']);
    await vault.backup('full');
    await server.sql(
      'INSERT INTO shop.orders VALUES (1), (2); DROP TABLE shop.orders; CREATE TABLE shop.other (a int PRIMARY KEY)',
    );
    await vault.backup();
    const composed = {
      ...composedOf(vault.vault, mysqlEngine as AnyEngine, ['agama']),
      drillOrder: (name: string, _: readonly string[], moment = {}) => ({ ...vault.order, name, ...moment }),
    };
    const { signal } = new AbortController();
    const found = await runFindStatement(composed, { service: 'agama' }, signal, true);
    expect(found.statements.map((each) => each.kind)).to.deep.equal(['drop']);
    const lines = findStatementLines(found, 200);
    expect(lines[1]).to.match(/^\d{4}-\S+Z +drop +DROP TABLE.*orders/);
    const at = /^next: firedrill drill --service agama --at (before:[0-9a-f-]{36}:\d+)$/.exec(lines.at(-1) ?? '')?.[1];
    expect(at, lines.join('\n')).to.be.a('string');
    const journal = await runDrill(composed, { name: 'undo', services: [], ...(at ? { at } : {}) }, signal, true);
    expect(troublesOf(journal)).to.deep.equal([]);
    expect(journal.verdict.verdict).to.equal('pass');
  });
});
