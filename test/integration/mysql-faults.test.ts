import { expect } from 'chai';
import { mysqlEngine } from '../../src/engines/mysql/mysql.ts';
import { SandboxServer } from '../../src/engines/mysql/sandbox-server.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { outputOf } from '../../src/hosts/output.ts';
import { ownOwner } from '../../src/kit/owner.ts';
import type { CheckId, CheckResult } from '../../src/model/check.ts';
import { podDataFolder } from '../../src/model/sandbox.ts';
import { testActivity } from '../support/activity.ts';
import { images } from '../support/images.ts';
import { dumpToMember, type SealedMember } from '../support/member.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { rewriteAccounts, rewriteArtifact, rewriteRows, rewriteSchema } from '../support/mysql-spoil.ts';
import { withBay } from '../support/pod.ts';
import { rejectionOf } from '../support/rejection.ts';

const seed = `
CREATE DATABASE shop;
USE shop;
CREATE TABLE customers (id int PRIMARY KEY, name varchar(50) NOT NULL);
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, customer int NOT NULL, total int, created timestamp DEFAULT CURRENT_TIMESTAMP,
  KEY (created), CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id));
CREATE TABLE items (id int PRIMARY KEY, label varchar(50), UNIQUE KEY of_label (label));
INSERT INTO customers VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO orders (customer, total) VALUES (1, 10), (2, 20), (1, 30);
INSERT INTO items VALUES (1, 'one'), (2, 'two');
CREATE VIEW totals AS SELECT customer, SUM(total) AS total FROM orders GROUP BY customer;
CREATE VIEW names AS SELECT name FROM customers;
CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN n * 2;
CREATE USER app@'%' IDENTIFIED BY 'secret';
GRANT SELECT, INSERT ON shop.* TO app@'%';
`;

describe('MySQL backups that are not good', function () {
  this.timeout(180_000);
  let server: MysqlServer;
  let sealed: SealedMember;

  before(async () => {
    server = await mysqlServer('mysql-faults');
    await server.sql(seed);
  });
  after(() => server?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    sealed = await dumpToMember(mysqlEngine, server.source({ digestTables: ['items'] }));
  });
  afterEach(() => sealed?.[Symbol.asyncDispose]());

  const inBay = <T>(work: Parameters<typeof withBay<T>>[1]) =>
    withBay({ service: 'agama', image: images().mysql }, work);

  const drilled = async () => {
    const member = await sealed.reopen();
    return inBay(async (bay) => {
      const restored = await mysqlEngine.restore([member], bay, testActivity());
      const { results } = await mysqlEngine.check([member], restored, server.source().settings, testActivity());
      return [...restored.results, ...results];
    });
  };

  const sentences = (results: readonly CheckResult[], check: CheckId) =>
    results.filter((each) => each.check === check).flatMap(({ findings }) => findings.map(({ sentence }) => sentence));

  it('are found out by the right check though their manifests fit them byte for byte', async () => {
    await rewriteRows(sealed, 'orders', (rows) => rows.slice(1).map((row) => row.replace(/^2\t2/, '2\t7')));
    await rewriteRows(sealed, 'items', (rows) => rows.map((row) => row.replace('two', 'too')));
    await rewriteSchema(sealed, (schema) => {
      schema.views = schema.views
        .filter(({ name }) => name !== 'totals')
        .map((view) => ({ ...view, create: view.create.replace(/DEFINER=\S+/, 'DEFINER=`ghost`@`10.9.9.9`') }));
      for (const db of schema.databases) for (const f of db.functions) f.create = f.create.replace('n * 2', 'n * 3');
    });
    await rewriteAccounts(sealed, ({ accounts }) => {
      const app = accounts.find(({ user }) => user === 'app');
      if (app) app.grants = app.grants.map((grant) => grant.replace(', INSERT', ''));
    });
    const results = await drilled();
    const found = 'agama: table shop.orders has 2 rows after the restore, it had 3 when it was dumped';
    expect(sentences(results, 'rows')).to.deep.equal([found]);
    expect(sentences(results, 'completeness')).to.deep.equal([
      'agama: the artifact of table shop.orders holds 2 rows, the dump had 3',
    ]);
    expect(sentences(results, 'content')).to.have.members([
      'agama: the content of table shop.items is not what was dumped',
      'agama: the content of table shop.orders is not what was dumped',
    ]);
    expect(sentences(results, 'schema')).to.have.members([
      'agama: function shop.twice is not as it was when it was dumped',
      'agama: view shop.totals is missing after the restore',
      'agama: view shop.names is not as it was when it was dumped',
    ]);
    expect(sentences(results, 'accounts')).to.deep.equal([
      'agama: account `app`@`%` is not as it was when it was dumped',
    ]);
    expect(sentences(results, 'semantics')).to.have.members([
      'agama: view shop.names is defined by `ghost`@`10.9.9.9`, and there is no such account after the restore',
      'agama: 1 rows of table shop.orders point to no row of shop.customers (foreign key `of_customer`)',
    ]);
    expect(JSON.stringify(results), 'a hash of a password').not.to.match(/0x24/);
    expect(sentences(results, 'restore-run')).to.deep.equal([]);
  });

  it('are refused when two rows of a small table, which is loaded into its keys, share what is unique', async () => {
    await rewriteRows(sealed, 'items', (rows) => rows.map((row) => row.replace('two', 'one')));
    const failure = await rejectionOf(drilled());
    expect(failure).to.include({ code: 'RESTORE_FAILED' });
    expect(failure.message).to.match(
      /table shop\.items could not be loaded: .*Duplicate entry 'one' for key '.*of_label'/,
    );
  });

  it('are refused when what was there is gone: tables, and an account that nobody had', async () => {
    await sealed.reseal(({ facts }) => {
      const known = facts as unknown as {
        tables: { name: string }[];
        objects: { name: string }[];
        accounts: unknown[];
      };
      known.objects = known.objects.filter(({ name }) => name !== 'shop.twice');
      known.accounts.pop();
    });
    const results = await drilled();
    expect(sentences(results, 'schema')).to.deep.equal([
      'agama: function shop.twice is there after the restore, but was not when it was dumped',
    ]);
    expect(sentences(results, 'accounts').join()).to.match(
      /is there after the restore, but was not when it was dumped/,
    );
  });

  it('are refused offline when a table is cut, of another dump, or counts other rows', async () => {
    const artifact = 'table-00003.tsv';
    const good = (await sealed.reopen()).manifest;
    const cases: [(content: string) => string, RegExp][] = [
      [(text) => text.slice(0, -40), /table shop\.orders: its end mark is missing/],
      [(text) => text.replace(/^.*\n/, ''), /table shop\.orders: its end mark counts 3 rows, 2 come before it/],
      [
        (text) => text.replace(/end [0-9a-f]{8}/, 'end 00000000'),
        /table shop\.orders: its end mark is of another dump/,
      ],
    ];
    expect((good.facts as unknown as { tables: { artifact: string }[] }).tables[2]?.artifact).to.equal(artifact);
    for (const [change, sentence] of cases) {
      await using each = await dumpToMember(mysqlEngine, server.source());
      const failure = await rejectionOf(
        mysqlEngine.verify(await rewriteArtifact(each, artifact, change), testActivity()),
      );
      expect(failure).to.include({ code: 'ARTIFACT_INCOMPLETE' });
      expect(failure.message).to.match(sentence);
    }
  });

  it('are refused when the manifest lists tables and artifacts that do not belong together', async () => {
    type Known = { tables: { artifact: string }[] };
    const cases: [(facts: Known) => void, RegExp][] = [
      [({ tables }) => tables.pop(), /artifact table-00003\.tsv belongs to no table/],
      [({ tables }) => Object.assign(tables[0] ?? {}, { artifact: 'table-00009.tsv' }), /belongs to no table/],
      [({ tables }) => tables.push({ ...(tables[0] as Known['tables'][0]) }), /share an artifact/],
    ];
    for (const [change, sentence] of cases) {
      await using each = await dumpToMember(mysqlEngine, server.source());
      const member = await each.reseal(({ facts }) => change(facts as unknown as Known));
      const failure = await rejectionOf(mysqlEngine.verify(member, testActivity()));
      expect(failure.code).to.equal('ARTIFACT_INCOMPLETE');
      expect(failure.message).to.match(sentence);
    }
  });

  it('end the restore when an artifact breaks off in the middle of the load', async () => {
    const artifact = 'table-00003.tsv';
    const member = await rewriteArtifact(sealed, artifact, (text) => text.slice(0, text.lastIndexOf('\\end')));
    const failure = await rejectionOf(inBay((bay) => mysqlEngine.restore([member], bay, testActivity())));
    expect(failure.code).to.equal('ARTIFACT_INCOMPLETE');
    expect(failure.message).to.match(/agama: table shop\.orders: its end mark is missing/);
  });

  it('end the restore when a value does not fit its column', async () => {
    const member = await rewriteRows(sealed, 'orders', (rows) => rows.map((row) => row.replace(/^1\t1/, '1\tx1')));
    const failure = await rejectionOf(inBay((bay) => mysqlEngine.restore([member], bay, testActivity())));
    expect(failure.code).to.equal('RESTORE_FAILED');
    expect(failure.message).to.match(/table shop\.orders could not be loaded: .*Incorrect integer value/);
  });

  it('end the restore when the schema has an error', async () => {
    const member = await rewriteSchema(sealed, ({ views }) => {
      for (const view of views) view.create = view.create.replace('`customers`', '`nobody`');
    });
    const failure = await rejectionOf(inBay((bay) => mysqlEngine.restore([member], bay, testActivity())));
    expect(failure.code).to.equal('RESTORE_FAILED');
    expect(failure.message).to.match(/view shop\.names could not be made again: .*nobody/);
  });

  /** Lets `strike` happen just before a stage's native work. */
  const striking = (stage: string, strike: () => Promise<unknown>, signal?: AbortSignal) => {
    const base = testActivity(signal);
    const native = async <T>(label: string, work: () => Promise<T>) => {
      if (label === stage) await strike();
      return base.native(label, work);
    };
    return { ...base, native };
  };

  it('are not blamed when their server was killed from outside', async () => {
    const docker = dockerClient();
    const kill = async () => {
      const filters = { label: ['firedrill.drill'], name: ['agama-server'] };
      const own = (await docker.listContainers({ filters })).filter(
        ({ Labels }) => Labels['firedrill.owner'] === ownOwner(),
      );
      await Promise.all(own.map(({ Id }) => docker.getContainer(Id).kill()));
    };
    const member = await sealed.reopen();
    for (const stage of ['make tables', 'load']) {
      const failure = await rejectionOf(inBay((bay) => mysqlEngine.restore([member], bay, striking(stage, kill))));
      expect(failure, stage).to.include({ code: 'SANDBOX_FAILED' });
    }
  });

  it('are let go at once when the drill is interrupted', async () => {
    const stop = new AbortController();
    const member = await sealed.reopen();
    const activity = striking('load', async () => stop.abort(), stop.signal);
    const failure = await rejectionOf(inBay((bay) => mysqlEngine.restore([member], bay, activity)));
    expect(failure).to.include({ code: 'INTERRUPTED' });
  });

  it('get no hostile statement past the judge of their schema and accounts', async () => {
    const hostile = [
      "SELECT 1 INTO OUTFILE '/tmp/x'",
      'SET GLOBAL max_connections = 1',
      'CREATE TABLE x SELECT twice(1), " VIEW "',
    ];
    for (const statement of hostile) {
      const members = [
        () => rewriteSchema(sealed, ({ views: [view] }) => Object.assign(view ?? {}, { create: statement })),
        () =>
          rewriteSchema(sealed, ({ databases: [db] }) => Object.assign(db?.functions[0] ?? {}, { create: statement })),
        () => rewriteSchema(sealed, ({ databases: [db] }) => Object.assign(db?.tables[0] ?? {}, { create: statement })),
        () => rewriteAccounts(sealed, ({ accounts: [first] }) => Object.assign(first ?? {}, { create: statement })),
        () => rewriteAccounts(sealed, ({ accounts: [first] }) => Object.assign(first ?? {}, { grants: [statement] })),
        () =>
          rewriteSchema(sealed, ({ databases: [db] }) => Object.assign(db ?? {}, { charset: `utf8mb4; ${statement}` })),
      ];
      for (const make of members) {
        const failure = await rejectionOf(mysqlEngine.verify(await make(), testActivity()));
        expect(failure.code, statement).to.equal('ARTIFACT_FORMAT');
        await sealed[Symbol.asyncDispose]();
        sealed = await dumpToMember(mysqlEngine, server.source());
      }
    }
  });

  it('could do nothing to the server or its files by their definitions', async () => {
    await inBay(async (bay) => {
      const sandbox = await SandboxServer.start(bay, { lowerCaseTableNames: 0, pageSizeBytes: 16_384 }, testActivity());
      const login = await sandbox.createRestorer(['shop', 'a_b']);
      await using own = await sandbox.connect();
      await own.runAll(['CREATE DATABASE shop', 'CREATE DATABASE axb', 'CREATE TABLE axb.t (a int)']);
      await using restorer = await sandbox.connectAs(login);
      await restorer.run('CREATE TABLE shop.t (a text)');
      const folder = `${podDataFolder}/sort`;
      const denied = [
        `SELECT 1 INTO OUTFILE '${folder}/x'`,
        `SELECT 1 INTO DUMPFILE '${folder}/x'`,
        `LOAD DATA INFILE '${folder}/x' INTO TABLE shop.t`,
        "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE shop.t",
        'SET GLOBAL max_connections = 1',
        'SET PERSIST max_connections = 1',
        'SHUTDOWN',
        "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'",
        'CREATE USER evil',
        "ALTER USER 'mysql.sys'@'localhost' IDENTIFIED BY 'x'",
        'DROP TABLE axb.t',
        'SELECT * FROM mysql.user',
        'SET GLOBAL event_scheduler = ON',
        'SELECT 1; SELECT 2',
        '/*!50000 SET GLOBAL max_connections = 1 */',
        `/*!80000 SELECT 1 INTO OUTFILE '${folder}/x' */`,
        'GRANT FILE ON *.* TO CURRENT_USER()',
        'GRANT SUPER ON *.* TO CURRENT_USER() WITH GRANT OPTION',
        "CREATE FUNCTION shop.f RETURNS STRING SONAME 'udf.so'",
        "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST '192.0.2.1')",
        `CREATE TABLE shop.d (a int) DATA DIRECTORY = '${folder}'`,
        "CLONE LOCAL DATA DIRECTORY = '/tmp/clone'",
        'RESTART',
        '\\! touch /tmp/x',
        'system touch /tmp/x',
        'delimiter //',
        `CREATE TABLE shop.${'n'.repeat(65)} (a int)`,
      ];
      for (const sql of denied) expect((await rejectionOf(restorer.run(sql))).code, sql).to.equal('RESTORE_FAILED');
      expect((await rejectionOf(own.run('SET GLOBAL event_scheduler = ON'))).message).to.match(/event.scheduler/i);
      await restorer.run("CREATE EVENT shop.e ON SCHEDULE EVERY 1 SECOND DO INSERT INTO shop.t VALUES ('ran')");
      expect(await own.value("SELECT LOAD_FILE('/etc/hostname')")).to.equal(null);
      expect(await outputOf(sandbox.server.host, { tool: 'ls', args: [folder] })).to.equal('');
      expect(await own.value('SELECT COUNT(*) FROM shop.t')).to.equal('0');
    });
  });
});
