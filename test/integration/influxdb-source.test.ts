import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';
import { expect } from 'chai';
import { liveNewest } from '../../src/engines/influxdb/captured.ts';
import { factsOf } from '../../src/engines/influxdb/facts.ts';
import { influxdbEngine } from '../../src/engines/influxdb/influxdb.ts';
import { listDatabases, listPolicies, listShards } from '../../src/engines/influxdb/inventory.ts';
import { sourceClient } from '../../src/engines/influxdb/source-client.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import type { Host } from '../../src/hosts/host.ts';
import { outputOf } from '../../src/hosts/output.ts';
import { FiredrillError } from '../../src/kit/errors.ts';
import { Secret } from '../../src/model/secret.ts';
import { testActivity } from '../support/activity.ts';
import { admin, type InfluxdbSource, startInfluxdb } from '../support/influxdb-source.ts';
import { dumpToMember } from '../support/member.ts';
import { rejectionOf } from '../support/rejection.ts';
import { startSshd } from '../support/sshd.ts';

const secret = (value: string) => new Secret({ env: 'TEST' }, value);
const closedPort = 4;

describe('InfluxDB as a source', function () {
  this.timeout(60_000);
  let given: InfluxdbSource;

  before(async () => {
    given = await startInfluxdb({ INFLUXDB_HTTP_AUTH_ENABLED: 'true' });
    const password = admin.password.reveal().replaceAll("'", "\\'");
    await given.query(`CREATE USER ${admin.user} WITH PASSWORD '${password}' WITH ALL PRIVILEGES`);
    await given.query("CREATE USER reader WITH PASSWORD 'reads'");
    for (const name of ['telegraf', 'empty']) await given.query(`CREATE DATABASE ${name}`);
    await given.query('GRANT READ ON telegraf TO reader');
    // Around a Monday's midnight, where a shard ends and the next begins.
    const monday = BigInt(Date.UTC(2026, 10, 16)) * 1_000_000n;
    const lines = Array.from(
      { length: 3000 },
      (_, i) => `cpu,host=h${i % 9} n=${i}i,text="${'x'.repeat(i % 99)}" ${monday + BigInt(i - 1500) * 1_000_000_000n}`,
    );
    await given.write('telegraf', 'autogen', lines);
  });

  after(() => given[Symbol.asyncDispose]());

  /** No dump is left on the source's host. */
  const leftovers = async () =>
    (
      await outputOf(given.host, { tool: 'sh', args: ['-c', 'ls -d /tmp/firedrill* /tmp/tmp.* 2>/dev/null || true'] })
    ).trim();

  afterEach(async () => expect(await leftovers()).to.equal(''));

  const fails = (...args: Parameters<InfluxdbSource['source']>) =>
    rejectionOf(dumpToMember(influxdbEngine, given.source(...args)));

  it('is backed up with a login, which is not in the manifest', async () => {
    await using sealed = await dumpToMember(influxdbEngine, given.source(admin));
    const facts = factsOf(sealed.member.manifest);
    expect(facts.users).to.deep.include({ name: 'admin', admin: true, grants: [] });
    expect(facts.users).to.deep.include({ name: 'reader', admin: false, grants: ['READ'] });
    expect(sealed.member.manifest.source.identity).to.deep.include(
      influxdbEngine.expectedIdentity(given.source().settings),
    );
    expect(sealed.member.manifest.source.identity.hostname).to.match(/^[0-9a-f]{12}$/);
    expect(JSON.stringify(sealed.member.manifest)).not.to.include(JSON.stringify(admin.password.reveal()).slice(1, -1));
    expect(sealed.member.byRole('shard').every((entry) => entry.encoding === 'none')).to.equal(true);
  });

  it('is asked for its newest points, wherever these lie', async () => {
    await given.query('CREATE DATABASE ages WITH DURATION INF SHARD DURATION 1d NAME days');
    await given.query('CREATE RETENTION POLICY "of ever" ON ages DURATION INF REPLICATION 1 SHARD DURATION 52w');
    const at = (daysAgo: number) => BigInt(Date.now() - daysAgo * 86_400_000) * 1_000_000n;
    const write = (policy: string, measurement: string, ...daysAgo: number[]) =>
      given.write(
        'ages',
        policy,
        daysAgo.map((each) => `${measurement} v=1 ${at(each)}`),
      );
    await write('days', 'always', 9, 8, 7, 1, 0);
    await write('days', 'ended\\ once', 9, 8);
    await write('days', 'ahead', -3, -400, 6);
    await write('of ever', 'always', 500, 2);
    await write('of ever', 'sum', 300);
    const policies = await listPolicies(given.client, 'ages');
    const found = await liveNewest(given.client, 'ages', policies, await listShards(given.client, 'ages'));
    const whole = await liveNewest(given.client, 'ages', policies, []);
    const sorted = (all: typeof found) =>
      all.map(({ policy, measurement, at }) => `${policy}.${measurement} ${at}`).sort();
    expect(sorted(found)).to.deep.equal(sorted(whole));
    expect(sorted(found).map((each) => each.split(' 20')[0])).to.deep.equal([
      'days.ahead',
      'days.always',
      'days.ended once',
      'of ever.always',
      'of ever.sum',
    ]);
    const asked = found.find(({ measurement }) => measurement === 'ended once')?.at ?? '';
    expect(Date.parse(asked)).to.be.within(Date.now() - 8.1 * 86_400_000, Date.now() - 8 * 86_400_000);
  });

  it('denies a wrong password, no password, and a user who is no admin', async () => {
    expect(await fails({ user: 'admin', password: secret('wrong') })).to.include({ code: 'SOURCE_DENIED' });
    expect(await fails({})).to.include({ code: 'SOURCE_DENIED' });
    const reader = await fails({ user: 'reader', password: secret('reads') });
    expect(reader).to.include({ code: 'SOURCE_DENIED' });
    expect(reader.hint).to.match(/ALL PRIVILEGES/);
  });

  it('is unreachable soon when nothing listens', async () => {
    const startedMs = performance.now();
    const error = await fails({ ...admin, port: closedPort });
    expect(error.code).to.equal('SOURCE_UNREACHABLE');
    expect(performance.now() - startedMs).to.be.lessThan(10_000);
  });

  it('is unreachable soon when its backup service does not answer, though influxd would try for minutes', async () => {
    const startedMs = performance.now();
    const error = await fails({ ...admin, backupPort: closedPort });
    expect(error.code).to.equal('SOURCE_UNREACHABLE');
    expect(error.message).to.match(/backup service .* port 4/);
    expect(performance.now() - startedMs).to.be.lessThan(20_000);
  });

  it('is unsuitable without the database, and with one that holds nothing', async () => {
    const missing = await fails({ ...admin, database: 'agama' });
    expect(missing).to.include({ code: 'SOURCE_UNSUITABLE' });
    expect(missing.message).to.match(/no database agama/);
    expect(await fails({ ...admin, database: 'empty' })).to.include({ code: 'SOURCE_UNSUITABLE' });
  });

  it('is unsuitable when it is not InfluxDB 1.x', async () => {
    const server = createHttpServer((_, response) => response.setHeader('x-influxdb-version', 'v2.7.1').end()).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const host: Host = {
      ...given.host,
      run: given.host.run.bind(given.host),
      label: 'local',
      connect: async () => connect(port, '127.0.0.1'),
    };
    const error = await rejectionOf(
      influxdbEngine.backupFull({ ...given.source(admin), host }, noSink, testActivity()),
    );
    expect(error).to.include({ code: 'SOURCE_UNSUITABLE' });
    expect(error.message).to.match(/2\.7\.1 is not supported/);
    server.close();
  });

  it('seals nothing when the dump is interrupted, and leaves nothing on its host', async () => {
    const stop = new AbortController();
    const activity = testActivity(stop.signal);
    const told = activity.tell;
    const interrupting = {
      ...activity,
      tell: (event: Parameters<typeof told>[0]) => {
        if (event.text.startsWith('shard')) stop.abort();
      },
    };
    const error = await rejectionOf(dumpToMember(influxdbEngine, given.source(admin), interrupting as typeof activity));
    expect(error).to.include({ code: 'INTERRUPTED' });
  });

  it('seals nothing when the vault cannot write', async () => {
    const full = { add: () => Promise.reject(new FiredrillError('VAULT_WRITE', 'the vault is full')) };
    const failed = await rejectionOf(influxdbEngine.backupFull(given.source(admin), full, testActivity()));
    expect(failed).to.include({ code: 'VAULT_WRITE' });
  });

  /** A host whose influxd writes a backup, does `then` in its folder, and exits as if all were well. */
  const spoiling = (then: string): Host => {
    const { host } = given;
    const run: Host['run'] = (command) => {
      if (!command.args.some((arg) => arg.includes('exec influxd backup'))) return host.run(command);
      const script = `${command.args[1]?.replace('exec influxd', 'influxd')}; cd "$folder" && ${then}`;
      return host.run({ ...command, args: ['-c', script, ...command.args.slice(2)] });
    };
    return { label: host.label, run, connect: (to) => host.connect(to), [Symbol.asyncDispose]: async () => {} };
  };

  it('is told to be incomplete when influxd dies in the middle of a dump', async () => {
    const half = spoiling('for f in *.s*.tar.gz; do truncate -s -100 "$f"; done');
    const error = await rejectionOf(dumpToMember(influxdbEngine, { ...given.source(admin), host: half }));
    expect(error.code).to.equal('BACKUP_INCOMPLETE');
    expect(error.message).to.match(/the dump is not whole: .*\.tar\.gz is damaged/);
  });

  it('is told to be incomplete when what influxd wrote cannot be right, in the first shard or in the last', async () => {
    for (const shard of ['s1', 's2']) {
      const flip =
        'f=$(find look -name "*.tsm" | head -n 1); printf "\\377\\377" | dd of="$f" bs=1 seek=12 conv=notrunc';
      const again = `(cd look && find telegraf -type f -exec tar -cz -b 1 -f - {} +) > "$(ls *.${shard}.tar.gz)"`;
      const bad = spoiling(`mkdir look && tar -xzf ./*.${shard}.tar.gz -C look && ${flip} && ${again} && rm -r look`);
      const error = await rejectionOf(dumpToMember(influxdbEngine, { ...given.source(admin), host: bad }));
      expect(error.code).to.equal('BACKUP_INCOMPLETE');
      expect(error.message).to.match(new RegExp(`${shard}\\.tar\\.gz is damaged: the CRC of the block`));
    }
  });

  it('is told to be incomplete when shards are not in the dump', async () => {
    const { host } = given;
    const run: Host['run'] = (command) => {
      if (!command.args.some((arg) => arg.includes('cat "$1"/*.manifest'))) return host.run(command);
      return host.run({ ...command, args: ['-c', 'echo \'{"meta":{"fileName":"x.meta"},"files":null}\''] });
    };
    const lacking: Host = {
      label: host.label,
      run,
      connect: (to) => host.connect(to),
      [Symbol.asyncDispose]: async () => {},
    };
    const error = await rejectionOf(dumpToMember(influxdbEngine, { ...given.source(admin), host: lacking }));
    expect(error.code).to.equal('BACKUP_INCOMPLETE');
    expect(error.message).to.match(/lacks shards 1, 2 of database telegraf/);
  });

  it('is diagnosed: all is well', async () => {
    const found = await influxdbEngine.diagnose(given.source(admin), testActivity());
    expect(found.filter((each) => !each.ok)).to.deep.equal([]);
    expect(found).to.have.length(6);
  });

  it('is diagnosed: each problem with its advice', async () => {
    const advice = async (...args: Parameters<InfluxdbSource['source']>) =>
      (await influxdbEngine.diagnose(given.source(...args), testActivity()))
        .filter((each) => !each.ok)
        .map((each) => each.advice ?? '')
        .join('\n');
    expect(await advice({ ...admin, password: secret('wrong') })).to.match(/ALL PRIVILEGES/);
    expect(await advice({ ...admin, port: closedPort })).to.match(/start InfluxDB, or mend `port` \(4\)/);
    expect(await advice({ ...admin, backupPort: closedPort })).to.match(/bind-address = "127\.0\.0\.1:4"/);
    expect(await advice({ ...admin, database: 'agama' })).to.match(/mend `database`/);
    const host: Host = {
      ...given.host,
      label: 'bare',
      connect: (to) => given.host.connect(to),
      run: (command) => given.host.run({ ...command, tool: 'influxd-is-not-here' }),
      [Symbol.asyncDispose]: async () => {},
    };
    const bare = await influxdbEngine.diagnose({ ...given.source(admin), host }, testActivity());
    expect(bare.find((each) => each.advice?.includes('install influxd'))?.ok).to.equal(false);
  });

  it('is reached through an ssh tunnel', async () => {
    // sshd lets nobody connect but to its own loopback: there a relay leads to the container.
    const relay = createServer((socket) => {
      given.host.connect({ port: 8086 }).then(
        (onward) => pipeline(socket, onward, socket, () => {}),
        () => socket.destroy(),
      );
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => relay.once('listening', resolve));
    const { port } = relay.address() as { port: number };
    await using sshd = await startSshd();
    await using tunnel = sshd.host();
    const client = sourceClient({ ...given.source({ ...admin, port }), host: tunnel }, new AbortController().signal);
    expect(await client.ping()).to.match(/^1\./);
    expect(await listDatabases(client)).to.include('telegraf');
    const [count] = await client.query('SELECT COUNT(n) FROM cpu', 'telegraf');
    expect(count?.values[0]?.[1]).to.equal(3000);
    relay.close();
  });

  it('is unreachable when its container is gone', async () => {
    await dockerClient().getContainer(given.container).pause();
    try {
      const impatient = AbortSignal.timeout(2_000);
      const error = await rejectionOf(influxdbEngine.backupFull(given.source(admin), noSink, testActivity(impatient)));
      expect(error.code).to.be.oneOf(['INTERRUPTED', 'SOURCE_UNREACHABLE']);
    } finally {
      await dockerClient().getContainer(given.container).unpause();
    }
  });
});

const noSink = { add: async () => Promise.reject(new Error('nothing is to be stored')) };
