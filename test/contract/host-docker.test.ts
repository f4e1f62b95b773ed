import { expect } from 'chai';
import { dockerHost } from '../../src/hosts/docker.ts';
import { dockerClient } from '../../src/hosts/docker-client.ts';
import { outputOf } from '../../src/hosts/output.ts';
import { collect } from '../../src/kit/streams.ts';
import { sleepingContainer } from '../support/container.ts';
import { rejectionOf } from '../support/rejection.ts';
import { scratchFolder } from '../support/scratch.ts';

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

  it('has nothing to connect to in a container without network, and says so', async () => {
    await using container = await sleepingContainer('host-docker', { HostConfig: { NetworkMode: 'none' } });
    const host = dockerHost({ container: container.name });
    const failure = await rejectionOf(host.connect({ port: 80 }));
    expect(failure.code).to.equal('SOURCE_UNREACHABLE');
    expect(failure.message).to.equal(`docker:${container.name} has no address of its own (network mode none)`);
    const socket = await rejectionOf(host.connect({ socketPath: '/run/x.sock' }));
    expect(socket.code).to.equal('SOURCE_UNREACHABLE');
  });
});
