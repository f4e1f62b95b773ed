import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dockerClient } from '../../../src/hosts/docker-client.ts';

/** A service of this machine that whoever reaches it can post to, such as a pager. `await using` stops it. */
export interface Sink extends AsyncDisposable {
  /** As a container with a network reaches it. */
  url: string;
  messages(): number;
}

export async function startSink(): Promise<Sink> {
  let messages = 0;
  const server = createServer((request, response) => {
    messages += 1;
    request.resume();
    response.end();
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${await addressOnBridge()}:${port}/hook`,
    messages: () => messages,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** This machine's, on the network that Docker gives a container by default. */
async function addressOnBridge(): Promise<string> {
  const bridge = await dockerClient().getNetwork('bridge').inspect();
  const device = bridge.Options?.['com.docker.network.bridge.name'] ?? 'docker0';
  const own = networkInterfaces()[device]?.find(({ family }) => family === 'IPv4')?.address;
  const address = bridge.IPAM?.Config?.[0]?.Gateway ?? own;
  if (!address) throw new Error('Docker has no bridge of this machine');
  return address;
}
