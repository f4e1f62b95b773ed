import { expect } from 'chai';
import { readAccountsOf } from '../../src/engines/mysql/accounts.ts';
import type { AppAccount } from '../../src/engines/mysql/check-app-accounts.ts';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import { sandboxOf } from '../../src/engines/mysql/restore.ts';
import { type CheckResult, isWarning } from '../../src/model/check.ts';
import { Secret } from '../../src/model/secret.ts';
import { testActivity } from '../support/activity.ts';
import { images } from '../support/images.ts';
import { dumpToMember, type SealedMember } from '../support/member.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { rewriteAccounts, rewriteSchema } from '../support/mysql-spoil.ts';
import { withBay } from '../support/pod.ts';

const seed = `
CREATE DATABASE shop;
USE shop;
CREATE TABLE customers (id int PRIMARY KEY, name varchar(50) NOT NULL);
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, total int);
INSERT INTO customers VALUES (1, 'Ann'), (2, 'Bob');
CREATE USER maker@'%' IDENTIFIED BY 'x', former@'%', \`o'dd @ maker\`@'host.example';
GRANT ALL ON shop.* TO maker@'%', \`o'dd @ maker\`@'host.example';
CREATE DEFINER = maker@'%' VIEW names AS SELECT name FROM customers;
CREATE DEFINER = maker@'%' FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN n * 2;
CREATE DEFINER = \`o'dd @ maker\`@'host.example' PROCEDURE tidy() DELETE FROM orders;
CREATE DEFINER = maker@'%' TRIGGER on_order BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = 0;
CREATE DEFINER = maker@'%' EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM orders;
CREATE DEFINER = former@'%' FUNCTION of_former() RETURNS int DETERMINISTIC RETURN 1;
CREATE DEFINER = former@'%' PROCEDURE by_caller() SQL SECURITY INVOKER SELECT 1;
DROP USER former@'%';
CREATE ROLE reader;
GRANT SELECT ON shop.* TO reader;
CREATE USER app@'%' IDENTIFIED BY 'secret';
GRANT SELECT, INSERT ON shop.* TO app@'%';
CREATE USER far@'10.0.0.%' IDENTIFIED BY 'far away';
GRANT reader TO far@'10.0.0.%';
CREATE USER twin@'%' IDENTIFIED BY 'of all', twin@'localhost' IDENTIFIED BY 'of here';
GRANT SELECT ON shop.orders TO twin@'%';
GRANT SELECT ON shop.* TO twin@'localhost';
CREATE USER sealed@'%' IDENTIFIED BY 'by tls' REQUIRE SSL;
CREATE USER card@'%' IDENTIFIED BY 'by card' REQUIRE X509;
GRANT SELECT ON shop.* TO sealed@'%', card@'%';
CREATE USER locked@'%' IDENTIFIED BY 'x' ACCOUNT LOCK;
CREATE USER expired@'%' IDENTIFIED BY 'old' PASSWORD EXPIRE;
GRANT SELECT ON shop.* TO locked@'%', expired@'%';
CREATE USER idle@'%' IDENTIFIED BY 'x', writer@'%' IDENTIFIED BY 'w', caller@'%' IDENTIFIED BY 'c';
GRANT INSERT ON shop.orders TO writer@'%';
GRANT EXECUTE ON FUNCTION shop.twice TO caller@'%';
`;

const secret = (value?: string) => new Secret({ file: 'secrets/app.txt' }, value);
const account = (user: string, password?: string, host = '%'): AppAccount => ({
  ...{ user, host },
  password: password === undefined ? undefined : secret(password),
});

describe('MySQL, whether a restored service can be used', function () {
  this.timeout(180_000);
  let server: MysqlServer;
  let sealed: SealedMember;

  before(async () => {
    server = await mysqlServer('mysql-semantics');
    await server.sql(seed);
  });
  after(() => server?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    sealed = await dumpToMember(mysqlEngine, server.source());
  });
  afterEach(() => sealed?.[Symbol.asyncDispose]());

  const semanticsOf = async (appAccounts: AppAccount[] = []): Promise<CheckResult> => {
    const member = await sealed.reopen();
    return withBay({ service: 'agama', image: images().mysql }, async (bay) => {
      const restored = await mysqlEngine.restore([member], bay, testActivity());
      await using session = await sandboxOf(restored).connect();
      const accounts = () => readAccountsOf(session, ['shop']);
      const before = await accounts();
      const { settings } = server.source({ appAccounts });
      const { results } = await mysqlEngine.check([member], restored, settings, testActivity());
      expect(await accounts(), 'the accounts after the check').to.deep.equal(before);
      const semantics = results.find(({ check }) => check === 'semantics');
      if (!semantics) throw new Error('there is no result');
      return semantics;
    });
  };
  const failures = ({ findings }: CheckResult) =>
    findings.filter((each) => !isWarning(each)).map(({ sentence }) => sentence.replace('agama: ', ''));
  const warnings = ({ findings }: CheckResult) =>
    findings.filter(isWarning).map(({ sentence }) => sentence.replace('agama: ', ''));
  const formerIsGone =
    'function shop.of_former is defined by `former`@`%`, and there is no such account after the restore: it was so at the source';

  it('warns of a definer that was gone at the source already, and asks for none where the caller counts', async () => {
    const result = await semanticsOf();
    expect(result.outcome).to.equal('pass');
    expect(warnings(result)).to.deep.equal([formerIsGone]);
    // Three tables and views; two functions, a procedure, a trigger, an event and a view with definers.
    expect(result).to.include({ expected: 9, lookedAt: 9 });
  });

  it('names each definer that was lost between the dump and the restore', async () => {
    await rewriteSchema(sealed, (schema) => {
      const ghost = (text: string) => text.replace(/DEFINER=\S+@\S+/, 'DEFINER=`ghost`@`10.9.9.9`');
      const [db] = schema.databases;
      for (const each of [db?.functions, db?.triggers, db?.events, schema.views].flat()) {
        if (each) each.create = ghost(each.create);
      }
    });
    await rewriteAccounts(sealed, (document) => {
      document.accounts = document.accounts.filter(({ user }) => !user.includes('odd') && !user.includes("o'dd"));
    });
    const result = await semanticsOf();
    const lost = (what: string, who = '`ghost`@`10.9.9.9`') =>
      `${what} is defined by ${who}, and there is no such account after the restore`;
    expect(failures(result)).to.deep.equal([
      lost('event shop.nightly'),
      lost('function shop.of_former'),
      lost('function shop.twice'),
      lost('procedure shop.tidy', "`o'dd @ maker`@`host.example`"),
      lost('trigger shop.on_order'),
      lost('view shop.names'),
    ]);
  });

  it('logs in as the applications do, also those that come from another host, over TLS, or by a role', async () => {
    const result = await semanticsOf([
      ...[account('app', 'secret'), account('far', 'far away', '10.0.0.%'), account('twin', 'of all')],
      ...[account('twin', 'of here', 'localhost'), account('sealed', 'by tls'), account('writer', 'w')],
      ...[account('caller', 'c'), account('app')],
    ]);
    expect(failures(result)).to.deep.equal([]);
    expect(warnings(result)).to.deep.equal([formerIsGone]);
    expect(result).to.include({ expected: 17, lookedAt: 17 });
    expect(result.comparisons.map(({ what, found }) => `${what} ${found}`)).to.deep.equal([
      'account `app`@`%` logs in and reads 2 tables',
      'account `far`@`10.0.0.%` logs in and reads 2 tables',
      'account `twin`@`%` logs in and reads 1 table',
      'account `twin`@`localhost` logs in and reads 2 tables',
      'account `sealed`@`%` logs in and reads 2 tables',
      'account `writer`@`%` logs in; it may read no table',
      'account `caller`@`%` logs in; it may read no table',
      'account `app`@`%` is there, open, with rights',
    ]);
  });

  it('names an account that is missing, locked, expired, without rights, or of another password', async () => {
    const result = await semanticsOf([
      ...[account('gone', 'x'), account('App'), account('app', 'secret', 'localhost'), account('locked', 'x')],
      ...[account('locked'), account('expired', 'old'), account('idle', 'x'), account('idle')],
      ...[account('app', 'Secret'), account('twin', 'of here'), account('far', 'far', '10.0.0.%')],
    ]);
    const what = (who: string, problem: string) => `the application's account ${who} ${problem}`;
    expect(failures(result)).to.deep.equal([
      what('`gone`@`%`', 'is not there after the restore'),
      what('`App`@`%`', 'is not there after the restore'),
      what('`app`@`localhost`', 'is not there after the restore'),
      what('`locked`@`%`', 'is locked'),
      what('`locked`@`%`', 'is locked'),
      what('`expired`@`%`', 'cannot log in with its password'),
      what('`idle`@`%`', 'has no rights in the databases of the backup'),
      what('`idle`@`%`', 'has no rights in the databases of the backup'),
      what('`app`@`%`', 'cannot log in with its password'),
      what('`twin`@`%`', 'cannot log in with its password'),
      what('`far`@`10.0.0.%`', 'cannot log in with its password'),
    ]);
    expect(result.findings[8]?.found).to.match(
      /Access denied for user 'app'@'localhost' \(using password: YES\) \(1045\)/,
    );
    expect(JSON.stringify(result)).to.not.match(/Secret"|of here"|far away/);
  });

  it('says which login it could not try, and why', async () => {
    const unknown = { user: 'app', host: '%', password: secret() };
    const result = await semanticsOf([unknown, account('card', 'by card')]);
    expect(result.outcome).to.equal('pass');
    expect(warnings(result)).to.deep.equal([
      formerIsGone,
      'whether `app`@`%` can log in was not tried: its password (file secrets/app.txt) is not known on this machine',
      'whether `card`@`%` can log in was not tried: it needs a certificate of its own',
    ]);
  });

  it('finds the password of an account that was changed in the backup', async () => {
    await rewriteAccounts(sealed, ({ accounts }) => {
      const [app, idle] = ['app', 'idle'].map((name) => accounts.find(({ user }) => user === name));
      const hash = / AS (0x[0-9A-F]+) /.exec(idle?.create ?? '')?.[1] ?? '';
      if (app) app.create = app.create.replace(/ AS 0x[0-9A-F]+ /, ` AS ${hash} `);
    });
    const result = await semanticsOf([account('app', 'secret')]);
    expect(failures(result)).to.deep.equal(["the application's account `app`@`%` cannot log in with its password"]);
  });
});
