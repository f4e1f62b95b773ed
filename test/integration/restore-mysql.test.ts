import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Composed } from '../../src/cli/context.ts';
import { type RestoreOptions, type RestoreOutcome, runRestore } from '../../src/cli/restore.ts';
import type { AnyEngine } from '../../src/engines/engine.ts';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import { openSource } from '../../src/engines/mysql/source.ts';
import { setNameOf } from '../../src/model/backup-set.ts';
import type { OwnCheck } from '../../src/model/own-check.ts';
import { composedOf } from '../support/composed.ts';
import { sampleDatabases, sampleSql } from '../support/mysql-sample.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { mysqlVault, troublesOf } from '../support/mysql-vault.ts';
import { type DatabaseState, stateOf } from '../support/mysql-workload.ts';
import { rejectionOf } from '../support/rejection.ts';
import { scratchFolder } from '../support/scratch.ts';

const administrator = "CREATE USER adm@'%' IDENTIFIED BY 'to-back-up'; GRANT ALL ON *.* TO adm@'%' WITH GRANT OPTION;";

/** Asked in the pod before anything is carried. */
const customers: OwnCheck = {
  name: 'all customers',
  question: { sql: 'SELECT COUNT(*) FROM shop.customers' },
  ...{ expectation: { equals: 3 }, withinMs: 30_000 },
};

describe('restore into a real MySQL', function () {
  this.timeout(600_000);
  let source: MysqlServer;
  let other: MysqlServer;
  let vault: Awaited<ReturnType<typeof mysqlVault>>;
  let scratch: Awaited<ReturnType<typeof scratchFolder>>;
  let composed: Composed;
  const settings = { databases: [...sampleDatabases], user: 'adm' };
  const stateAt = async (server: MysqlServer, database: string) => {
    const { signal } = new AbortController();
    await using session = await openSource(server.source(settings), { signal });
    // The checksum of one says something else each time, the definition of the other names a tablespace.
    const { types: _, placed: __, ...exact } = await stateOf(session, database);
    return exact as DatabaseState;
  };
  /** Just before the bad statement: the instant, its transaction, and what was there. */
  const lost = { at: new Date(0), gtid: '', shop: {} as DatabaseState };

  before(async () => {
    [source, other] = await Promise.all([
      mysqlServer('restore-source', ['--gtid-mode=ON', '--enforce-gtid-consistency=ON']),
      mysqlServer('restore-target', [
        '--gtid-mode=ON',
        '--enforce-gtid-consistency=ON',
        '--sql-require-primary-key=ON',
      ]),
    ]);
    await source.sql(sampleSql);
    await source.sql(administrator);
    await other.sql(`${administrator} CREATE DATABASE elsewhere; CREATE TABLE elsewhere.kept (id int PRIMARY KEY);
      INSERT INTO elsewhere.kept VALUES (7)`);
    vault = await mysqlVault(source, sampleDatabases);
    scratch = await scratchFolder();
    await vault.backup('full');
    await source.sql("INSERT INTO shop.no_key VALUES (31, '10:31:06')");
    await sleep(1_100);
    lost.at = new Date();
    lost.shop = await stateAt(source, 'shop');
    await sleep(1_100);
    await source.sql('DROP TABLE shop.no_key');
    lost.gtid = await lastGtid(source);
    await source.sql('DELETE FROM shop.audit; CREATE TABLE shop.later (id int PRIMARY KEY)');
    await vault.backup();
    const services = vault.order.services.map((each) => ({ ...each, checks: [customers] }));
    composed = {
      ...composedOf(vault.vault, mysqlEngine as AnyEngine, ['agama']),
      drillOrder: (name, _, moment = {}) => ({ ...vault.order, services, name, ...moment }),
      safetyFolder: join(scratch.path, 'safety'),
      targets: [
        { target: 'other', engine: 'mysql', connect: async () => connected(other) },
        { target: 'master', engine: 'mysql', connect: async () => connected(source) },
      ],
    };
  });
  after(async () => {
    for (const each of [vault, source, other, scratch]) await each?.[Symbol.asyncDispose]();
  });

  const connected = (server: MysqlServer) => ({
    ...server.source(settings),
    [Symbol.asyncDispose]: async () => {},
  });

  const restore = (options: Partial<RestoreOptions>, typed = 'agama'): Promise<RestoreOutcome> => {
    const whole = { service: 'agama', reason: 'deleted-data', replace: false, dryRun: false, unproven: false } as const;
    const { signal } = new AbortController();
    const dialogue = { signal, quiet: true, showPlan: () => {}, typedName: async () => typed };
    return runRestore(composed, { ...whole, ...options }, dialogue);
  };

  it('restores to the instant before a DROP TABLE into an empty server, exactly, and leaves the rest of it alone', async () => {
    const { plan, journal, error } = await restore({ to: 'other', at: lost.at.toISOString() });
    expect(error).to.equal(null);
    expect(journal && troublesOf(journal)).to.deep.equal([]);
    expect(journal?.restore?.checks.flatMap(({ findings }) => findings)).to.deep.equal([]);
    expect(plan).to.deep.include({ target: 'other', replaces: [], point: lost.at.toISOString() });
    expect(journal?.verdict).to.have.property('verdict', 'pass');
    expect(journal?.restore).to.include({ outcome: 'restored', reason: 'deleted-data', safetyCopy: null });
    expect(journal?.restore?.checks.map(({ check }) => check)).to.deep.equal(['schema', 'accounts', 'rows', 'content']);
    expect(journal?.checks.find(({ check }) => check === 'own-checks')).to.include({ outcome: 'pass', lookedAt: 1 });
    expect(await stateAt(other, 'shop')).to.deep.equal(lost.shop);
    expect(await other.sql('SELECT * FROM elsewhere.kept')).to.equal('7\n');
    expect(journal?.notes.join('\n')).to.match(/left alone: .*`adm`@`%`/);
  });

  it('refuses what is there, and replaces it only under its typed name, after a safety copy that can be restored', async () => {
    await other.sql('CREATE TABLE shop.made_since (id int PRIMARY KEY); INSERT INTO shop.made_since VALUES (1)');
    const full = { to: 'other', at: `before:${lost.gtid}` };
    expect(await rejectionOf(restore(full))).to.include({ code: 'TARGET_NOT_EMPTY', exit: 2 });
    expect(await rejectionOf(restore({ ...full, replace: true }, 'agma'))).to.include({ code: 'USAGE', exit: 2 });
    expect(await stateAt(other, 'shop')).to.have.property('made_since');
    const { plan, journal } = await restore({ ...full, replace: true });
    expect(plan.replaces.join('\n')).to.match(
      /^database odd .*: 2 tables.*\ndatabase shop: \d+ tables and views, about/,
    );
    expect(journal?.verdict.verdict).to.equal('pass');
    expect(await stateAt(other, 'shop')).to.deep.equal(lost.shop);
    const where = journal?.restore?.safetyCopy?.where ?? '';
    expect(journal?.restore?.safetyCopy?.goBack).to.match(
      /^firedrill restore agama --to other .*--safety-copy .* --replace$/,
    );
    expect(await readdir(where)).to.include(setNameOf(new Date(), 'UTC'));
    const back = await restore({ to: 'other', safetyCopy: where, replace: true, reason: 'bad-change' });
    expect(back.journal?.restore?.outcome).to.equal('restored');
    expect(await stateAt(other, 'shop')).to.have.property('made_since');
  });

  it('puts one table beside the live data of the source itself', async () => {
    const live = await stateAt(source, 'shop');
    const { plan, journal } = await restore({
      to: 'master',
      at: `before:${lost.gtid}`,
      tables: ['no_key', 'shop.orders'],
    });
    expect(journal?.restore?.checks.flatMap(({ findings }) => findings)).to.deep.equal([]);
    expect(plan).to.deep.include({ parts: ['no_key', 'shop.orders'], replaces: [], lostMs: null });
    expect(journal?.verdict.verdict, journal?.verdict.sentence).to.equal('pass');
    const databases = (await source.sql("SHOW DATABASES LIKE 'shop\\_restored%'")).trim();
    expect(databases).to.match(/^shop_restored_\d{8}T\d{6}Z$/);
    const beside = await stateAt(source, databases);
    expect(Object.keys(beside)).to.deep.equal(['no_key', 'orders']);
    expect(beside.no_key).to.deep.equal(lost.shop.no_key);
    expect(beside.orders).to.include({ rows: lost.shop.orders?.rows, checksum: lost.shop.orders?.checksum });
    expect(await stateAt(source, 'shop')).to.deep.equal(live);
    const { error } = await restore({ to: 'master', tables: ['shop.odrers'] });
    expect(error).to.include({ code: 'USAGE' });
    expect(error?.message).to.match(
      /^nothing was changed at master: there is no table shop\.odrers at that point of the backup; did you mean shop\.orders\?$/,
    );
  });
});

async function lastGtid(server: MysqlServer): Promise<string> {
  const executed = (await server.sql('SELECT @@GLOBAL.gtid_executed')).trim();
  const [uuid = '', range = ''] = executed.split(':');
  return `${uuid}:${range.split('-').at(-1)}`;
}
