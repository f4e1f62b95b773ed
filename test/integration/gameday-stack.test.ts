import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { attachStack } from '../../src/cli/gameday/stack.ts';
import type { Stack } from '../../src/flow/gameday/stack.ts';
import { dockerHost } from '../../src/hosts/docker.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { outputOf } from '../../src/hosts/output.ts';
import type { ScenarioCheck } from '../../src/model/scenario.ts';
import { reap, reapStacks } from '../../src/sandbox/reaper.ts';
import { testActivity } from '../support/activity.ts';
import { firedrill } from '../support/firedrill.ts';
import { rejectionOf } from '../support/rejection.ts';
import { leftOf, raisedElsewhere, stackCompany, stackWorld, startRaising } from '../support/stack-company.ts';
import { until } from '../support/until.ts';

const check = (service: string, name: string, question: object, more: Partial<ScenarioCheck> = {}): ScenarioCheck => ({
  ...{ service, name, question, expectation: {}, withinMs: 60_000, asBefore: false },
  ...more,
});
const items = check('agama', 'the items', { sql: 'SELECT id, value FROM shop.item ORDER BY id' }, { asBefore: true });
const enough = check('agama', 'enough', { sql: 'SELECT COUNT(*) FROM shop.item' }, { expectation: { min: 3 } });
const points = check('telegraf', 'points', { influxql: 'SELECT COUNT(idle) FROM cpu' }, { asBefore: true });
const hosts = check(
  'latency',
  'hosts',
  { influxql: 'SHOW TAG VALUES FROM cpu WITH KEY = host' },
  { expectation: { rows: 5 } },
);
const dashboards = check(
  'grafana',
  'dashboards',
  { http: '/api/search?type=dash-db' },
  { asBefore: true, expectation: { contains: 'uid' } },
);
const all = [items, enough, points, hosts, dashboards];

describe('the stack of a game day', function () {
  this.timeout(600_000);
  const id = `20261129T000000Z-test-${process.pid}`;
  const activity = testActivity();
  let company: Awaited<ReturnType<typeof stackCompany>>;
  let stack: Stack;
  const run = (...args: string[]) =>
    firedrill(['--config', stack.configFile, ...args], { cwd: company.folder, main: 'real' });
  const statements = (service: string, text: string) => stack.act({ do: 'statements', service, text }, activity);
  const sqlAt = (container: string | null | undefined, text: string) =>
    outputOf(dockerHost({ container: container ?? '' }), {
      tool: 'mysql',
      args: ['-N', '-e', text],
      env: { HOME: '/root' },
    });
  const holding = async (checks: ScenarioCheck[], before?: Awaited<ReturnType<Stack['ask']>>) =>
    (await stack.ask(checks, before, activity)).map(({ name, holds }) => (holds ? name : `not: ${name}`));

  before(async () => {
    company = await stackCompany();
    const services = ['agama', 'telegraf', 'latency', 'grafana'];
    const folder = join(company.folder, 'gamedays', id);
    stack = await raisedElsewhere({ ...company, id, folder, services, replicas: ['agama'] });
  });
  after(async () => {
    await stack?.dispose();
    await company?.[Symbol.asyncDispose]();
  });

  it('is there after the process that raised it was killed, sealed from the world, and is spared by drills', async () => {
    expect(stack.services.map(({ service }) => service)).to.deep.equal(['agama', 'telegraf', 'latency', 'grafana']);
    const [agama, telegraf, , grafana] = stack.services;
    expect(agama).to.include({ engine: 'mysql', container: `firedrill-${id}-agama`, standIn: false });
    expect(agama?.engineVersion).to.match(/^9\.7/);
    expect(telegraf?.engineVersion).to.match(/^1\.6/);
    expect(grafana).to.include({ replica: null, standIn: /-stand-in/.test(grafana?.engineVersion ?? '') });
    expect(stack.isolation.every(({ ok }) => ok)).to.equal(true);
    const tried = stack.isolation.map(({ what }) => what);
    expect(tried).to.include.members(['routes', '192.0.2.10:3306', 'the name db2.example.com']);
    const there = await leftOf(id);
    expect(there).to.have.lengthOf(6 + 5);
    await reap(dockerClient(), new Date(Date.now() + 90 * 86_400_000));
    expect(await leftOf(id)).to.have.members(there);
  });

  it('has a configuration, keys and vaults of its own, and secrets that nobody else may read', async () => {
    const text = await readFile(stack.configFile, 'utf8');
    expect(text).to.contain(`docker: firedrill-${id}-agama`);
    expect(text).to.contain(join(company.folder, 'secrets/app.txt')).and.not.contain('mail').and.not.contain('targets');
    for (const name of [
      'firedrill.yaml',
      'secrets/agama.txt',
      'secrets/grafana.txt',
      'keys/signing.key',
      'stack.json',
    ]) {
      expect((await stat(join(stack.folder, name))).mode & 0o077, name).to.equal(0);
    }
    const checked = await run('config', 'check');
    expect(checked.status, checked.stderr).to.equal(0);
  });

  it('answers as the company did, and its replica follows', async () => {
    expect(await holding(all)).to.deep.equal(all.map(({ name }) => name));
    await statements('agama', "INSERT INTO shop.item (value) VALUES ('since')");
    await statements('telegraf', 'INSERT cpu,host=new idle=1\nINSERT cpu,host=newer idle=2\nSELECT * FROM cpu LIMIT 1');
    expect((await stack.ask([points], undefined, activity))[0]?.found).to.equal('52');
    const count = () => sqlAt(stack.services[0]?.replica, 'SELECT COUNT(*) FROM shop.item');
    await until('the replica has followed', async () => ((await count()).trim() === '4' ? true : undefined), 60_000);
    const refused = await rejectionOf(statements('telegraf', 'DROP EVERYTHING'));
    expect(refused.code).to.equal('TOOL_FAILED');
    expect(await rejectionOf(statements('grafana', 'SELECT 1'))).to.include({ code: 'USAGE', exit: 2 });
  });

  it('is backed up and copied; a lost table is restored by the ordinary command', async () => {
    const before = await stack.ask(all, undefined, activity);
    await stack.act({ do: 'backup', services: ['agama', 'telegraf', 'latency', 'grafana'], full: true }, activity);
    await statements('agama', 'INSERT INTO shop.orders VALUES (3, 1)');
    await stack.act({ do: 'backup', services: ['agama'], full: false }, activity);
    await stack.act({ do: 'sync' }, activity);
    await statements('agama', 'DROP TABLE shop.orders, shop.item');
    const [lost, refused] = await stack.ask([items, enough], before, activity);
    expect(lost).to.include({ holds: false, expected: 'an answer' });
    expect(refused?.found).to.match(/^no answer: .*shop\.item' doesn't exist/);
    const how = ['--to', 'source', '--reason', 'deleted-data', '--replace', '--confirm', 'agama'];
    const restored = await run('restore', 'agama', ...how);
    expect(restored.status, restored.stderr + restored.stdout).to.equal(0);
    expect(await holding(all, before)).to.deep.equal(all.map(({ name }) => name));
    await statements('agama', "UPDATE shop.item SET value = 'stone' WHERE id = 1");
    expect(await holding([items, enough], before)).to.deep.equal(['not: the items', 'enough']);
  });

  it('loses a data folder: the server fails again and again, and the machine can be entered', async () => {
    const text = 'rm -rf /var/lib/mysql/data; kill -KILL $(cat /run/firedrill/pid)';
    await stack.act({ do: 'script', service: 'agama', text }, activity);
    await sleep(4_000);
    const [asked] = await stack.ask([enough], undefined, activity);
    expect(asked?.found).to.match(/^no answer: cannot connect to port 3306 of docker:.*: Connection refused/);
    const host = dockerHost({ container: stack.services[0]?.container ?? '' });
    const said = await outputOf(host, { tool: 'server', args: ['status'] });
    expect(said).to.match(/^it is to run \(process \d+\)$/m);
  });

  it('loses machines and a vault; empty machines take their place, and are restored from the other vault', async () => {
    for (const replica of [false, true]) await stack.act({ do: 'lose', service: 'agama', replica }, activity);
    await stack.act({ do: 'lose', service: 'grafana', replica: false }, activity);
    await stack.act({ do: 'lose-vault', vault: 'onsite' }, activity);
    expect(await readdir(join(stack.folder, 'onsite'))).to.deep.equal([]);
    expect((await run('list')).status).to.equal(1);
    const [gone] = await stack.ask([enough], undefined, activity);
    expect(gone?.found).to.match(/^no answer: docker:.* does not exist$/);
    // Another process, later.
    stack = await attachStack(stack.folder, stackWorld);
    for (const service of ['agama', 'grafana']) {
      await stack.rebuild(service, activity);
      const restored = await run('restore', service, '--to', 'source', '--reason', 'hardware', '--from', 'offsite');
      expect(restored.status, restored.stderr + restored.stdout).to.equal(0);
    }
    await stack.act({ do: 'script', service: 'grafana', text: 'server start' }, activity);
    await until(
      'Grafana answers',
      async () => ((await holding([dashboards]))[0] === 'dashboards' ? true : undefined),
      60_000,
    );
    expect(await holding([enough, dashboards])).to.deep.equal(['enough', 'dashboards']);
    const count = () => sqlAt(stack.services[0]?.replica, 'SELECT COUNT(*) FROM shop.orders').catch(() => '');
    await until(
      'the new replica has followed',
      async () => ((await count()).trim() === '3' ? true : undefined),
      60_000,
    );
  });

  it('has an increment that is silently corrupt, which a restore does not believe', async () => {
    await stack.act({ do: 'corrupt', service: 'agama', vault: 'offsite' }, activity);
    const how = ['--to', 'source', '--reason', 'hardware', '--from', 'offsite', '--replace', '--confirm', 'agama'];
    const refused = await run('restore', 'agama', ...how);
    expect(refused.status, refused.stderr + refused.stdout).to.equal(3);
    expect(await holding([enough])).to.deep.equal(['enough']);
    const none = stack.act({ do: 'corrupt', service: 'agama', vault: 'elsewhere' }, activity);
    expect(await rejectionOf(none)).to.include({ code: 'USAGE' });
  });

  it('leaves no container and no volume when it is disposed of, and tells each; safe twice', async () => {
    const said = await stack.dispose();
    expect(
      said.every(({ ok }) => ok),
      JSON.stringify(said),
    ).to.equal(true);
    const removed = said.map(({ what }) => what);
    expect(removed).to.include.members([`container firedrill-${id}-agama`, `volume firedrill-${id}-agama-replica`]);
    expect(await leftOf(id)).to.deep.equal([]);
    expect(await stack.dispose()).to.deep.equal([]);
    expect(await rejectionOf(attachStack(stack.folder, stackWorld))).to.include({ code: 'USAGE' });
  });

  describe('one that nobody wants any more', () => {
    const orderOf = (name: string, expires?: string) => {
      const folder = join(company.folder, 'gamedays', `${id}-${name}`);
      const common = { ...company, id: `${id}-${name}`, folder, services: ['latency'], replicas: [] };
      return expires === undefined ? common : { ...common, expires };
    };
    /** Ends the process that raises it as soon as there is so much to leave behind. */
    const brokenOff = async (name: string, signal: 'SIGTERM' | 'SIGKILL', enough: number) => {
      const order = orderOf(name);
      const { child } = startRaising(order);
      const ended = once(child, 'close');
      await until('enough of it', async () => ((await leftOf(order.id)).length >= enough ? true : undefined), 60_000);
      child.kill(signal);
      await ended;
      return order.id;
    };

    it('is removed at once when its raising is interrupted', async () => {
      expect(await leftOf(await brokenOff('interrupted', 'SIGTERM', 2))).to.deep.equal([]);
    });

    it('is removed by the next drill when the process that was raising it was killed', async () => {
      // All three: what a killed process had only asked for, Docker makes at a time of its own.
      const left = await brokenOff('killed', 'SIGKILL', 3);
      expect(await leftOf(left)).to.not.deep.equal([]);
      await reap(dockerClient(), new Date());
      expect(await leftOf(left)).to.deep.equal([]);
    });

    it('is removed when its time is over', async () => {
      const expires = new Date(Date.now() + 3_600_000);
      const order = orderOf('expired', expires.toISOString());
      const raised = await raisedElsewhere(order);
      await reapStacks(dockerClient(), new Date(expires.getTime() - 1_000));
      expect(await leftOf(order.id)).to.have.lengthOf(3);
      await reapStacks(dockerClient(), new Date(expires.getTime() + 1_000));
      expect(await leftOf(order.id)).to.deep.equal([]);
      expect(await rejectionOf(attachStack(raised.folder, stackWorld))).to.include({ code: 'SANDBOX_FAILED' });
    });
  });
});
