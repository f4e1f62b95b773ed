import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { dockerCall, dockerClient, statusCodeOf } from '../../../src/hosts/docker-client.ts';
import { FiredrillError } from '../../../src/kit/errors.ts';
import { rejectionOf } from '../../support/rejection.ts';
import { scratchFolder } from '../../support/scratch.ts';

/** A false engine on a unix socket that gives one answer to everything. */
async function answeringWith(status: number, message: string, use: (dockerHost: string) => Promise<void>) {
  await using scratch = await scratchFolder();
  const path = join(scratch.path, 'docker.sock');
  const server = createServer((_, response) => {
    if (status === 0) response.destroy();
    else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    await use(`unix://${path}`);
  } finally {
    server.close();
  }
}

const inspect = (dockerHost: string) =>
  rejectionOf(dockerCall('inspect a thing', () => dockerClient({ dockerHost }).getImage('x').inspect()));

describe('docker client', () => {
  it('says DOCKER_UNAVAILABLE when nobody listens', async () => {
    await using scratch = await scratchFolder();
    for (const dockerHost of [`unix://${scratch.path}/none.sock`, 'tcp://127.0.0.1:1']) {
      const failure = await inspect(dockerHost);
      expect(failure.code).to.equal('DOCKER_UNAVAILABLE');
      expect(failure.message).to.match(/^Docker could not inspect a thing: the Docker Engine does not answer/);
      expect(failure.exit).to.equal(4);
    }
  });

  it('says DOCKER_UNAVAILABLE when the engine hangs up', () =>
    answeringWith(0, '', async (dockerHost) => {
      expect((await inspect(dockerHost)).code).to.equal('DOCKER_UNAVAILABLE');
    }));

  it('says IMAGE_MISSING', () =>
    answeringWith(404, 'No such image: x:latest', async (dockerHost) => {
      const failure = await inspect(dockerHost);
      expect(failure.code).to.equal('IMAGE_MISSING');
      expect(statusCodeOf(failure)).to.equal(404);
    }));

  it('keeps other refusals apart', async () => {
    await answeringWith(404, 'No such container: x', async (dockerHost) => {
      const container = dockerClient({ dockerHost }).getContainer('x');
      expect((await rejectionOf(dockerCall('inspect', () => container.inspect()))).code).to.equal('SANDBOX_FAILED');
    });
    await answeringWith(500, 'write /var/lib: no space left on device', async (dockerHost) => {
      expect((await inspect(dockerHost)).code).to.equal('DISK_FULL');
    });
  });

  it('passes on our own errors', async () => {
    const own = new FiredrillError('LIMIT_EXCEEDED', 'too much');
    expect(await rejectionOf(dockerCall('x', () => Promise.reject(own)))).to.equal(own);
  });

  it('refuses a DOCKER_HOST that it does not understand', () => {
    for (const dockerHost of ['ssh://db1', 'docker.sock', 'unix://', 'npipe:////./pipe/docker']) {
      expect(() => dockerClient({ dockerHost }), dockerHost).to.throw(/DOCKER_HOST must be/);
    }
  });
});
