import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { burnedConfig, demoConfig } from '../../scripts/demo/demo-config.ts';
import { prepareFolder } from '../../scripts/demo/demo-folder.ts';
import { readImageChoice } from '../../scripts/image-choice.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { readConfig } from '../../src/config/load.ts';
import { grafanaEngine } from '../../src/engines/grafana/grafana.ts';
import { engines } from '../../src/engines/index.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { drill } from '../../src/flow/drill.ts';
import type { DrillOrder, DrillService } from '../../src/flow/drill-order.ts';
import { ownOwner } from '../../src/kit/owner.ts';
import type { Application } from '../../src/model/application.ts';
import type { Journal } from '../../src/model/journal.ts';
import { journalSchema } from '../../src/model/journal-schema.ts';
import { Secret } from '../../src/model/secret.ts';
import { renderJunit } from '../../src/report/render-junit.ts';
import { testActivity } from '../support/activity.ts';
import { scripted, step, todo } from '../support/application.ts';
import { backedUp, drillFixture } from '../support/drill-fixture.ts';
import { grafanaContainer, sampleFile } from '../support/grafana-source.ts';
import { images } from '../support/images.ts';
import { startInfluxdb } from '../support/influxdb-source.ts';
import { type MysqlServer, mysqlServer } from '../support/mysql-server.ts';
import { mysqlVault, troublesOf } from '../support/mysql-vault.ts';
import { rejectionOf } from '../support/rejection.ts';
import { scratchFolder } from '../support/scratch.ts';

const resultOf = ({ checks }: Journal) => checks.find(({ check }) => check === 'application');
const allOf = (journal: Journal) =>
  journal.checks
    .filter(({ check }) => check === 'application')
    .map(({ service, outcome, findings }) => `${service}: ${outcome}: ${findings[0]?.sentence}`);
const wrote = step('POST', '/items', {}, { body: { kind: 'form', fields: { value: 'buy ${random}' } } });
const readBack = step('GET', '/', { contains: ['buy ${random}'] });

describe('an application on what a drill has restored', function () {
  this.timeout(300_000);
  let server: MysqlServer;
  let vault: Awaited<ReturnType<typeof mysqlVault>>;

  before(async () => {
    server = await mysqlServer('application');
    await server.sql(`
      CREATE DATABASE agama;
      CREATE TABLE agama.item (id INT AUTO_INCREMENT PRIMARY KEY, value VARCHAR(255) NOT NULL UNIQUE, state INT NOT NULL DEFAULT 0);
      INSERT INTO agama.item (value) VALUES ('Buy milk'), ('<b>Osta piima</b>');
      CREATE DATABASE other;
      CREATE TABLE other.item (id INT PRIMARY KEY);
      CREATE USER todo_app@'%' IDENTIFIED BY 'p@ss of todo', reporter@'10.%' IDENTIFIED BY 'of the reporter';
      GRANT SELECT, INSERT, UPDATE ON agama.* TO todo_app@'%';
      GRANT SELECT ON agama.* TO reporter@'10.%';
    `);
    vault = await mysqlVault(server, ['agama', 'other']);
    await vault.backup('full');
  });

  after(async () => {
    await vault?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const drilled = (applications: readonly Application[], change: Partial<DrillOrder> = {}) =>
    vault.drilled({ applications, ...change });

  it('lists, adds, finishes and finds again what it has written, by TCP, with an account made for it', async () => {
    const journal = await drilled([
      todo({
        steps: [
          step('GET', '/', {
            contains: ['Things to do', 'Buy milk', '&lt;b&gt;Osta'],
            notContains: ['<b>Osta', '${random}'],
          }),
          step('GET', '/api/items', { at: '/total', equals: 2 }),
          wrote,
          readBack,
          step('GET', '/api/items', { at: '/items/0/value', equals: 'buy ${random}' }),
          step('POST', '/done', { status: 303 }, { body: { kind: 'form', fields: { value: 'buy ${random}' } } }),
          step('GET', '/', { contains: ['<del>buy ${random}</del>'] }),
          step('POST', '/done', { status: 404 }, { body: { kind: 'form', fields: { value: 'nothing' } } }),
        ],
      }),
    ]);
    expect(troublesOf(journal)).to.deep.equal([]);
    expect(journal.verdict.verdict).to.equal('pass');
    expect(resultOf(journal)).to.include({ outcome: 'pass', service: 'todo', expected: 9, lookedAt: 9 });
    const [record] = journal.applications ?? [];
    expect(record).to.deep.include({ application: 'todo', services: ['agama'], steps: { expected: 8, taken: 8 } });
    expect(record?.image?.id).to.match(/^sha256:/);
    expect(record?.readyMs).to.be.greaterThan(0);
    // After the restore time, and after all checks.
    const phase = journal.phases.find((each) => each.phase === 'application');
    const checked = journal.phases.filter((each) => each.phase === 'check').map((each) => each.endMs);
    expect(phase?.startMs).to.be.at.least(Math.max(journal.rto.usedMs ?? 0, ...checked));
    expect(phase?.service).to.equal('todo');
    expect(journalSchema.safeParse(JSON.parse(JSON.stringify(journal))).data).to.deep.equal(
      JSON.parse(JSON.stringify(journal)),
    );
    expect(renderJunit(journal)).to.match(/classname="firedrill.todo"/);
  });

  it("passes the steps of the demo's own configuration, by its own account and by one made for it", async () => {
    await using scratch = await scratchFolder();
    const { recipient, publicPem } = await prepareFolder(scratch.path);
    const choice = readImageChoice();
    if (!choice) throw new Error('no images were chosen');
    const source = { name: 'a', id: '0', address: '172.18.0.2' };
    const sources = { agama: source, influxdb: source, grafana: source };
    const applicationsIn = async (name: string, text: string) => {
      await writeFile(join(scratch.path, name), text);
      const { config } = await readConfig(join(scratch.path, name), engines, readEnvironment({}));
      return config.applications.map((each) => ({ ...each, application: name.replace('.yaml', '') }));
    };
    const own = await applicationsIn('own.yaml', demoConfig(choice, sources, recipient));
    const made = await applicationsIn('made.yaml', burnedConfig(choice, sources, publicPem));
    expect(own[0]?.logins.agama).to.include({ user: 'agama_app', host: '%' });
    // Here the account has another name and password.
    const login = { user: 'todo_app', host: '%', password: new Secret({ env: 'X' }, 'p@ss of todo') };
    const journal = await drilled([...own.map((each) => ({ ...each, logins: { agama: login } })), ...made]);
    expect(allOf(journal)).to.deep.equal(['own: pass: undefined', 'made: pass: undefined']);
    expect(journal.verdict.verdict).to.equal('pass');
  });

  it('comes by the socket where it is told only that, and the server listens on no port then', async () => {
    const answer = `
      const client = await require('/srv/todo/node_modules/mysql2/promise').createConnection({
        socketPath: process.env.SOCKET, user: process.env.DB_USER, password: process.env.DB_PASSWORD });
      const [[variable]] = await client.query("SHOW VARIABLES LIKE 'skip_networking'");
      const [rows] = await client.query('SELECT value FROM agama.item ORDER BY id');
      response.end(JSON.stringify({ variable, rows }));`;
    const env = { SOCKET: '${agama.socket}', DB_USER: '${agama.user}', DB_PASSWORD: '${agama.password}' };
    const steps = [
      step('GET', '/', { at: '/variable/Value', equals: 'ON' }),
      step('GET', '/', { at: '/rows/0/value', equals: 'Buy milk' }),
    ];
    const journal = await drilled([scripted(answer, { env, steps })]);
    expect(troublesOf(journal)).to.deep.equal([]);
    expect(resultOf(journal)?.outcome).to.equal('pass');
  });

  it('may write data, and define, grant or read of other databases nothing', async () => {
    const answer = `
      if (request.url !== '/?') return response.end();
      const { MYSQL_HOST: host, MYSQL_PORT: port, MYSQL_USER: user, MYSQL_PASSWORD: password } = process.env;
      const client = await require('/srv/todo/node_modules/mysql2/promise').createConnection({ host, port, user, password });
      const tried = [];
      for (const sql of ['DELETE FROM agama.item WHERE id = 1', 'DROP TABLE agama.item', 'CREATE TABLE agama.x (i int)',
        'SELECT * FROM mysql.user', 'CREATE USER x', 'SET GLOBAL local_infile = ON', "SELECT LOAD_FILE('/etc/passwd') AS f"])
        tried.push(await client.query(sql).then(([rows]) => (rows[0] ? rows[0].f ?? 'NULL' : 'done'), (error) => error.errno));
      tried.push(await require('/srv/todo/node_modules/mysql2/promise').createConnection({ host, port, user: 'root', password: '' })
        .then(() => 'in', (error) => error.errno));
      response.end(tried.join());`;
    const { env } = todo();
    const steps = [step('GET', '/?', { contains: ['done,1142,1142,1142,1227,1227,NULL,1045'] })];
    const journal = await drilled([scripted(answer, { env, steps })]);
    expect(troublesOf(journal)).to.deep.equal([]);
    expect(resultOf(journal)?.outcome).to.equal('pass');
  });

  it('logs in with its own restored account, or with the rights of one of another host, and not with a wrong password', async () => {
    const login = (application: string, user: string, host: string, password: string) => ({
      ...todo(),
      application,
      logins: { agama: { user, host, password: new Secret({ env: 'X' }, password) } },
      steps: [step('GET', '/', { contains: ['Buy milk'] }), wrote, readBack],
    });
    const journal = await drilled([
      login('own', 'todo_app', '%', 'p@ss of todo'),
      login('reports', 'reporter', '10.%', 'of the reporter'),
      login('wrong', 'todo_app', '%', 'another'),
      login('gone', 'nobody', '%', 'x'),
      { ...todo(), application: 'made' },
      { ...todo(), application: 'made-too' },
    ]);
    expect(journal.exitStatus).to.equal(3);
    const said = allOf(journal);
    expect(said[2]).to.match(
      /^wrong: fail: wrong: the application's account `todo_app`@`%` cannot log in: .*\(1045\)$/,
    );
    expect([...said.slice(0, 2), ...said.slice(3)]).to.deep.equal([
      'own: pass: undefined',
      'reports: fail: reports: step 2, POST /items, did not answer as it must',
      "gone: fail: gone: the application's account `nobody`@`%` is not there after the restore",
      'made: pass: undefined',
      'made-too: pass: undefined',
    ]);
    const reports = journal.checks.find(({ service }) => service === 'reports');
    expect(reports?.findings[0]?.found).to.match(/^status 500\nits last words:.*INSERT command denied/s);
    expect(JSON.stringify(journal)).to.not.contain('of the reporter');
  });
});

describe('an application that does not work', function () {
  this.timeout(600_000);
  let server: MysqlServer;
  let vault: Awaited<ReturnType<typeof mysqlVault>>;

  before(async () => {
    server = await mysqlServer('application-bad');
    await server.sql(
      'CREATE DATABASE agama; CREATE TABLE agama.things (id INT PRIMARY KEY); INSERT INTO agama.things VALUES (1)',
    );
    vault = await mysqlVault(server, ['agama']);
    await vault.backup('full');
  });

  after(async () => {
    await vault?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  /** All of them in one pod, one after the other. */
  const drilled = (applications: readonly Application[], change: Partial<DrillOrder> = {}) =>
    vault.drilled({ applications, ...change });
  it('fails the drill, and blames the application: the schema lacks its table', async () => {
    const journal = await drilled([todo({ withinMs: 15_000 })]);
    expect(journal.exitStatus).to.equal(3);
    expect(journal.verdict.sentence).to.match(
      /^The restored data passed its checks, and the application does not work on it: todo: it was not ready within 15\.0 s: GET \/health answers with status 500\.$/,
    );
    expect(resultOf(journal)?.findings[0]?.found).to.match(/its last words:\n.*Table 'agama\.item' doesn't exist/s);
    expect(journal.checks.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check)).to.deep.equal([
      'application',
    ]);
    // Nothing is said against the backup: no older point is tried.
    expect(journal.lastGood).to.deep.equal([]);
    expect(journal.rto.usedMs).to.be.greaterThan(0);
  });

  it('is told apart by what it does, and leaves nothing behind', async () => {
    const named = (application: string, each: Application): Application => ({ ...each, application });
    const short = { steps: [step('GET', '/page', { contains: ['well'] })] };
    const ready = "if (request.url === '/') return response.end('ready');";
    const journal = await drilled([
      named('answers-500', scripted(`${ready} response.writeHead(500).end('no')`, short)),
      named(
        'endless',
        scripted(
          `${ready} const much = Buffer.alloc(1 << 20, 120); for (let i = 0; i < 1024 && !response.destroyed; i += 1) if (!response.write(much)) await new Promise((go) => { response.once('drain', go); response.once('close', go); }); response.end()`,
          { ...short, steps: [step('GET', '/page', {}, { withinMs: 20_000 })] },
        ),
      ),
      named('never-ready', scripted('response.writeHead(503).end()', { ...short, withinMs: 15_000 })),
      named(
        'never-there',
        todo({ ...short, withinMs: 4_000, env: {}, command: ['-e', 'setInterval(() => {}, 1000)'] }),
      ),
      named(
        'ends',
        todo({ ...short, env: {}, command: ['-e', "console.error('I cannot \\u001b[31mgo on'); process.exit(7)"] }),
      ),
      named('works', scripted(`${ready} response.end('well')`, short)),
    ]);
    expect(allOf(journal)).to.deep.equal([
      'answers-500: fail: answers-500: step 1, GET /page, did not answer as it must',
      'endless: fail: endless: step 1, GET /page, got no answer: its answer is longer than 4.0 MiB',
      'never-ready: fail: never-ready: it was not ready within 15.0 s: GET / answers with status 503',
      'never-there: fail: never-there: it was not ready within 4.0 s: nobody answers on its port',
      'ends: fail: ends: it ended with status 7 before it was ready',
      'works: pass: undefined',
    ]);
    const ends = journal.checks.find(({ service }) => service === 'ends');
    expect(ends?.findings[0]?.found).to.equal('its last words:\nI cannot \\x1b[31mgo on');
    const others = journal.checks.filter(({ check }) => check !== 'application');
    expect(others.filter(({ outcome }) => outcome !== 'pass')).to.deep.equal([]);
    const left = await vault.order.docker.listContainers({
      all: true,
      filters: { label: [`firedrill.drill`], name: ['application-'] },
    });
    expect(left.filter(({ Labels }) => Labels['firedrill.drill']?.startsWith(journal.drill.id))).to.deep.equal([]);
  });

  it('cannot reach the world, nor write to anything but memory, and is not root', async () => {
    const answer = `
      const { connect } = require('node:net');
      const { writeFileSync } = require('node:fs');
      const reach = (host, port) => new Promise((done) => connect({ host, port, timeout: 3000 })
        .on('connect', () => done('reached')).on('error', (e) => done(e.code)).on('timeout', () => done('timeout')));
      const write = (path) => { try { writeFileSync(path, 'x'); return 'written'; } catch (e) { return e.code; } };
      response.end(JSON.stringify({
        world: await reach('192.0.2.1', 443), gateway: await reach(process.env.GATEWAY, 22), name: await reach('example.com', 80),
        root: write('/srv/todo/x'), tmp: write('/tmp/x'), cache: write('/var/cache/x'), sockets: write('/run/services/agama/x'),
        uid: process.getuid(), caps: require('node:fs').readFileSync('/proc/self/status', 'utf8').match(/CapEff:\\s*(\\w+)/)[1],
      }));`;
    const env = { GATEWAY: '172.17.0.1', SOCKET: '${agama.socket}' };
    const steps = Object.entries({
      ...{ world: 'ENETUNREACH', gateway: 'ENETUNREACH', root: 'EROFS', tmp: 'written', cache: 'written' },
      ...{ sockets: 'EROFS', uid: 10_001, caps: '0000000000000000' },
    }).map(([key, equals]) => step('GET', '/', { at: `/${key}`, equals }));
    const noName = step('GET', '/', { notContains: ['"name":"reached"'] });
    const tmpfs = { '/var/cache': 1024 ** 2 };
    const journal = await drilled([scripted(answer, { env, tmpfs, steps: [...steps, noName] })]);
    expect(allOf(journal), troublesOf(journal).join('\n')).to.deep.equal(['todo: pass: undefined']);
  });

  it('makes the drill inconclusive where the drill could not look: killed for memory, no image', async () => {
    const hungry = scripted(
      "if (request.url === '/') return response.end(); globalThis.kept = Array.from({ length: 400 }, () => Buffer.alloc(1 << 20, 1)); response.end('well')",
      {
        limits: { memoryBytes: 96 * 1024 ** 2, pids: 64, cpus: 1 },
        steps: [step('GET', '/eat')],
      },
    );
    const named = (application: string, each: Application): Application => ({ ...each, application });
    const journal = await drilled([
      named('hungry', hungry),
      named('absent', todo({ image: 'firedrill-no-such-application:1' })),
      named(
        'no-secret',
        todo({ logins: { agama: { user: 'a', host: '%', password: new Secret({ env: 'NOT_SET' }) } } }),
      ),
      named('ends-well', todo({ command: ['-e', ''], tmpfs: { '/etc': 1024 ** 2 }, user: '10001', withinMs: 5_000 })),
    ]);
    expect(allOf(journal)).to.deep.equal([
      'hungry: inconclusive: hungry: the container of the application hungry was killed; its memory limit is 96.0 MiB',
      'absent: inconclusive: absent: image firedrill-no-such-application:1 cannot be used: it is not on this machine, and drill.pull is never',
      'no-secret: inconclusive: no-secret: the secret in environment variable NOT_SET was not read',
      'ends-well: fail: ends-well: it ended with status 0 before it was ready',
    ]);
    const hints = journal.checks.find(({ service }) => service === 'hungry')?.findings;
    expect(hints?.[0]?.next).to.match(/^Raise applications\.hungry\.limits\.memory/);
    expect(journal.applications?.[1]?.image).to.equal(null);
    const alone = await drilled([hungry]);
    expect(alone.exitStatus).to.equal(4);
  });

  it('is removed with the pod when the drill is interrupted while it runs', async () => {
    const stop = new AbortController();
    const silent = scripted("if (request.url === '/') response.end()", {
      steps: [step('GET', '/never', {}, { withinMs: 120_000 })],
    });
    const activity = {
      ...testActivity(),
      signal: stop.signal,
      tell: ({ text }: { text: string }) => void (text === 'GET /never' && setTimeout(() => stop.abort(), 500)),
    };
    const interrupted = await rejectionOf(drill({ ...vault.order, applications: [silent] }, activity));
    expect(interrupted).to.include({ code: 'INTERRUPTED' });
    const filters = { label: [`firedrill.owner=${ownOwner()}`] };
    expect(await vault.order.docker.listContainers({ all: true, filters })).to.deep.equal([]);
    expect((await vault.order.docker.listVolumes({ filters })).Volumes ?? []).to.deep.equal([]);
  });

  it('is not tried on data that did not come back, nor without its service, and no other check changes', async () => {
    const service = vault.order.services[0];
    if (!service) throw new Error('no service');
    const check = {
      ...{ name: 'more', question: { sql: 'SELECT COUNT(*) FROM agama.things' }, withinMs: 10_000 },
      expectation: { equals: 2 },
    };
    const journal = await drilled([todo()], { services: [{ ...service, checks: [check] }], walkBack: 0 });
    expect(allOf(journal)).to.deep.equal(['todo: not-run: todo was not tried, because agama had not come back well']);
    expect(journal.checks.find((each) => each.check === 'self-check')?.outcome).to.equal('pass');
    expect(journal.verdict.sentence).to.match(/^The backup is not good: agama: own check/);
    const other = await drilled([scripted('response.end()', { env: { X: '${shop.host}' } })]);
    expect(allOf(other)).to.deep.equal([]);
    expect(other.notes).to.include('todo was not tried: shop took no part in this drill');
    expect(other.verdict.verdict).to.equal('pass');
  });
});

describe('an application on other engines', function () {
  this.timeout(300_000);
  const ask =
    "(await fetch('http://' + process.env.AT + '/query?db=' + process.env.DB + '&q=' + encodeURIComponent(q)))";

  it('comes to InfluxDB by TCP, reads and writes there', async () => {
    await using influxdb = await startInfluxdb();
    await using given = await drillFixture();
    await influxdb.query('CREATE DATABASE telegraf');
    await influxdb.write('telegraf', 'autogen', [`cpu,host=a usage=7 ${Date.now() - 60_000}000000`]);
    const source = influxdb.source();
    const backed = await backedUp(influxdbEngine, source, given.vault, images().influxdb);
    const service: DrillService = { ...backed.service, quietMs: null };
    const answer = `
      const url = new URL(request.url, 'http://x');
      if (request.method === 'POST') {
        let line = ''; for await (const part of request) line += part;
        const written = await fetch('http://' + process.env.AT + '/write?db=' + process.env.DB, { method: 'POST', body: line });
        return response.writeHead(written.status).end();
      }
      const q = url.searchParams.get('q') ?? 'SHOW DATABASES';
      response.end(await ${ask}.text());`;
    const env = { AT: '${telegraf.host}:${telegraf.port}', DB: '${telegraf.database}' };
    const steps = [
      step('GET', '/?q=SELECT%20usage%20FROM%20cpu', { contains: [',7]'] }),
      step('POST', '/', { status: 204 }, { body: { kind: 'text', text: 'note text="${random}"' } }),
      step('GET', '/?q=SELECT%20text%20FROM%20note', { contains: ['"${random}"'] }),
    ];
    const journal = await drill(
      { ...given.order, services: [service], applications: [scripted(answer, { env, steps })] },
      testActivity(),
    );
    expect(troublesOf(journal)).to.deep.equal([]);
    expect(resultOf(journal)).to.include({ outcome: 'pass', expected: 4, lookedAt: 4 });
  });

  it('comes to Grafana by its socket', async () => {
    await using grafana = await grafanaContainer({ database: sampleFile('7.5.5') });
    await using given = await drillFixture();
    const { source } = grafana;
    const backed = await backedUp(grafanaEngine, source, given.vault, images().grafana);
    const service: DrillService = { ...backed.service, quietMs: null };
    const answer = `
      const { SOCKET: socketPath, LOGIN: auth } = process.env;
      require('node:http').get({ socketPath, path: '/api/dashboards/uid/nginx', auth }, (from) => from.pipe(response));`;
    const env = { SOCKET: '${grafana.socket}', LOGIN: '${grafana.user}:${grafana.password}' };
    const steps = [step('GET', '/', { at: '/dashboard/uid', equals: 'nginx' })];
    const journal = await drill(
      { ...given.order, services: [service], applications: [scripted(answer, { env, steps })] },
      testActivity(),
    );
    expect(resultOf(journal)?.findings).to.deep.equal([]);
    expect(resultOf(journal)).to.include({ outcome: 'pass', expected: 2, lookedAt: 2 });
  });
});
