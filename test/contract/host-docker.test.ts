import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { dockerHost } from '../../src/hosts/docker.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import type { Host } from '../../src/hosts/host.ts';
import { outputOf } from '../../src/hosts/output.ts';
import { collect } from '../../src/kit/streams.ts';
import { sleepingContainer, type TestContainer } from '../support/container.ts';
import { rejectionOf } from '../support/rejection.ts';
import { scratchFolder } from '../support/scratch.ts';
import { until } from '../support/until.ts';

describe('docker host', function () {
  this.timeout(30_000);

  it('says HOST_UNREACHABLE when the container is killed in the middle of a run', async () => {
    await using container = await sleepingContainer('host-docker');
    await using host = dockerHost({ container: container.name });
    const running = host.run({ tool: 'sh', args: ['-c', 'echo started; sleep 3000'] });
    await running.stdout[Symbol.asyncIterator]().next();
    await container.kill();
    const failure = await rejectionOf(running.done);
    expect(failure.code).to.equal('HOST_UNREACHABLE');
    expect(failure.message).to.equal(`docker:${container.name} stopped while a tool ran in it`);
    expect(await rejectionOf(collect(running.stdout, 100, 'test'))).to.equal(failure);
  });

  it('says HOST_UNREACHABLE when the container was stopped, and when there is none', async () => {
    await using container = await sleepingContainer('host-docker');
    await container.kill();
    const stopped = await rejectionOf(outputOf(dockerHost({ container: container.name }), { tool: 'echo', args: [] }));
    expect(stopped.code).to.equal('HOST_UNREACHABLE');
    expect(stopped.message).to.equal(`docker:${container.name} is not running`);
    const none = await rejectionOf(outputOf(dockerHost({ container: 'no-such-one' }), { tool: 'echo', args: [] }));
    expect(none.code).to.equal('HOST_UNREACHABLE');
    expect(none.message).to.equal('docker:no-such-one does not exist');
  });

  it('says DOCKER_UNAVAILABLE when there is no engine', async () => {
    await using scratch = await scratchFolder();
    const client = dockerClient({ dockerHost: `unix://${scratch.path}/docker.sock` });
    const host = dockerHost({ container: 'x', client });
    expect((await rejectionOf(outputOf(host, { tool: 'echo', args: [] }))).code).to.equal('DOCKER_UNAVAILABLE');
    expect((await rejectionOf(host.connect({ port: 80 }))).code).to.equal('DOCKER_UNAVAILABLE');
  });

  it('runs tools as the user it was told, without capabilities, on a read-only root, and ends them', async () => {
    const hardened = {
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      NetworkMode: 'none',
    };
    await using container = await sleepingContainer('host-docker', { HostConfig: hardened });
    await using host = dockerHost({ container: container.id, user: '10001:0', label: 'bay:agama' });
    expect(host.label).to.equal('bay:agama');
    expect(await outputOf(host, { tool: 'id', args: ['-u'] })).to.equal('10001\n');
    const failure = await rejectionOf(host.run({ tool: 'sleep', args: ['3000'], deadlineMs: 1_000 }).done);
    expect(failure.code).to.equal('DEADLINE');
    const left = await outputOf(host, { tool: 'sh', args: ['-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'] });
    expect(left).to.not.contain('sleep 3000');
  });

  it('says what the kernel says where nobody listens in a container without network; its unix sockets are out of reach', async () => {
    await using container = await sleepingContainer('host-docker', { HostConfig: { NetworkMode: 'none' } });
    const host = dockerHost({ container: container.name });
    const failure = await rejectionOf(host.connect({ port: 80 }));
    expect(failure.code).to.equal('SOURCE_UNREACHABLE');
    expect(failure.message).to.equal(`cannot connect to port 80 of docker:${container.name}: Connection refused`);
    const socket = await rejectionOf(host.connect({ socketPath: '/run/x.sock' }));
    expect(socket.code).to.equal('SOURCE_UNREACHABLE');
  });

  describe('a connection into a container without an address', () => {
    let holder: TestContainer;
    let withoutPerl: TestContainer;
    let server: Host;
    before(async () => {
      holder = await sleepingContainer('host-docker', { HostConfig: { NetworkMode: 'none', Init: true } });
      const HostConfig = { NetworkMode: `container:${holder.id}`, Init: true, Binds: ['/dev/null:/usr/bin/perl:ro'] };
      withoutPerl = await sleepingContainer('host-docker', { HostConfig });
      server = dockerHost({ container: holder.id });
      const echo = server.run({ tool: 'perl', args: ['-MIO::Socket::INET', '-e', echoScript] });
      await once(echo.stdout, 'data');
    });
    after(async () => {
      for (const each of [server, withoutPerl, holder]) await each?.[Symbol.asyncDispose]();
    });

    it('carries many bytes both ways as they are, and tells the server that no more will come', async () => {
      const bytes = randomBytes(24 * 1024 * 1024);
      const connection = await server.connect({ port });
      connection.end(bytes);
      expect(sha256(await collect(connection, bytes.length + 1, 'test'))).to.equal(sha256(bytes));
    });

    it('waits for whoever reads slowly, and loses nothing', async () => {
      const bytes = randomBytes(6 * 1024 * 1024);
      const connection = await server.connect({ port });
      connection.end(bytes);
      await sleep(500);
      const hash = createHash('sha256');
      for await (const chunk of connection) {
        hash.update(chunk as Buffer);
        if (Math.random() < 0.05) await sleep(5);
      }
      expect(hash.digest('hex')).to.equal(sha256(bytes));
    });

    it('does with bash alone where there is no perl, and leaves no process when it is destroyed', async () => {
      await using host = dockerHost({ container: withoutPerl.id });
      const bytes = randomBytes(8 * 1024 * 1024);
      const connection = await host.connect({ port });
      connection.write(bytes);
      const found: Buffer[] = [];
      let left = bytes.length;
      for await (const chunk of connection) {
        found.push(chunk as Buffer);
        left -= (chunk as Buffer).length;
        // Leaving the loop destroys the connection.
        if (left <= 0) break;
      }
      expect(sha256(Buffer.concat(found))).to.equal(sha256(bytes));
      const running = () => outputOf(host, { tool: 'sh', args: ['-c', 'cat /proc/[0-9]*/comm'] });
      await until('the end of the relay', async () => (/bash|^cat\n.*cat/s.test(await running()) ? undefined : true));
      const refused = await rejectionOf(host.connect({ port: 1 }));
      expect(refused).to.include({ code: 'SOURCE_UNREACHABLE' });
      expect(refused.message).to.match(/^cannot connect to port 1 of docker:\w+: Connection refused$/);
    });

    it('is given up in the midst of an answer, and other tools there end all the same', async () => {
      const connection = await server.connect({ port });
      connection.write(randomBytes(8 * 1024 * 1024));
      await once(connection, 'data');
      connection.destroy();
      expect(await outputOf(server, { tool: 'echo', args: ['on'], deadlineMs: 60_000 })).to.equal('on\n');
    });

    it('says that the tool is missing, and not the server, where there is neither perl nor bash', async () => {
      const Binds = ['/dev/null:/usr/bin/perl:ro', '/dev/null:/usr/bin/bash:ro'];
      const HostConfig = { NetworkMode: `container:${holder.id}`, Binds };
      await using bare = await sleepingContainer('host-docker', { HostConfig });
      await using host = dockerHost({ container: bare.id });
      const failure = await rejectionOf(host.connect({ port }));
      expect(failure).to.include({
        code: 'TOOL_MISSING',
        message: 'there is neither perl nor bash to reach it from within',
      });
    });

    it('ends when the server ends it, and when the container is killed it breaks', async () => {
      const greeted = await server.connect({ port });
      greeted.write('bye');
      expect((await collect(greeted, 10, 'test')).toString()).to.equal('bye');
      const broken = await server.connect({ port });
      broken.write('x');
      await once(broken, 'data');
      const failure = rejectionOf(collect(broken, 10, 'test'));
      await holder.kill();
      expect(await failure).to.have.property('code', 'HOST_UNREACHABLE');
    });
  });
});

const port = 4000;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Gives back what it is sent until there is no more; `bye` is the last word. */
const echoScript = `$| = 1; $SIG{CHLD} = 'IGNORE';
  my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1', LocalPort => ${port}, ReuseAddr => 1) or die; print "listening";
  while (my $c = $s->accept) {
    next if fork;
    while (sysread($c, my $b, 65536)) {
      for (my $at = 0; $at < length $b;) { $at += syswrite($c, $b, length($b) - $at, $at) or exit }
      last if $b eq 'bye';
    }
    exit;
  }`;
