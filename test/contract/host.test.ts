import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { dockerHost } from '../../src/hosts/docker.ts';
import type { Host } from '../../src/hosts/host.ts';
import { localHost } from '../../src/hosts/local.ts';
import { sleepingContainer } from '../support/container.ts';
import { scratchFolder } from '../support/scratch.ts';
import { startSshd } from '../support/sshd.ts';
import { hostContract, type OpenHost } from './host.ts';

const graceMs = 2_000;

hostContract('local', () => openHere(localHost({ graceMs })));

hostContract('ssh', async () => {
  const sshd = await startSshd();
  return openHere(sshd.host({ graceMs }), sshd);
});

hostContract('docker', () => openContainer());

// Its ports are reached from within.
hostContract('docker without a network', () => openContainer({ NetworkMode: 'none' }));

async function openContainer(network: { NetworkMode?: string } = {}): Promise<OpenHost> {
  const HostConfig = { ReadonlyRootfs: true, Tmpfs: { '/tmp': 'rw,size=64m' }, Init: true, ...network };
  const container = await sleepingContainer('host', { HostConfig });
  const host = dockerHost({ container: container.name, graceMs });
  const greetingPort = 4000;
  const greeter = host.run({ tool: 'perl', args: ['-MIO::Socket::INET', '-e', greeterScript(greetingPort)] });
  await once(greeter.stdout, 'data');
  return {
    host,
    greetingPort,
    folder: '/tmp',
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await container[Symbol.asyncDispose]();
    },
  };
}

/** For hosts whose tools run on this machine. */
async function openHere(host: Host, server?: AsyncDisposable): Promise<OpenHost> {
  const scratch = await scratchFolder();
  const greeter = createServer((socket) => socket.end('hello'));
  greeter.listen(0, '127.0.0.1');
  await once(greeter, 'listening');
  return {
    host,
    greetingPort: (greeter.address() as AddressInfo).port,
    folder: scratch.path,
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      greeter.close();
      await server?.[Symbol.asyncDispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

function greeterScript(port: number): string {
  return `$| = 1; my $s = IO::Socket::INET->new(Listen => 5, LocalPort => ${port}, ReuseAddr => 1) or die; print "listening";
    while (my $c = $s->accept) { print $c "hello"; close $c }`;
}
